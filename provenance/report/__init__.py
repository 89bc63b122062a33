"""What is told: the record, the page, the terminal."""
