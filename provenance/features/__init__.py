"""What is measured of a text: tokens, n-grams and statistics, as hashed rows."""
