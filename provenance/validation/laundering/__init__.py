"""What is done to text to hide where it is from."""
