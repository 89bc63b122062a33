"""A corpus and nothing else: how much of it reads as a language model's, against people's text."""
