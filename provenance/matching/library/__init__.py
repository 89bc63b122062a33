"""What is known of people's text and of models' before anything is brought."""
