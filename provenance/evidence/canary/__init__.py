"""Keyed word choices, planted in answers and found again."""
