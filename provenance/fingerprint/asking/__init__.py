"""Asking an API the prompts of a corpus: which ones, how they are written, what came back."""
