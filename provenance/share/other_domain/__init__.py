"""The share where the corpus is of another domain than the samples."""
