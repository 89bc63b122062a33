"""Marks of characters that nobody sees."""
