"""Rows beside what a model answers afresh to the same prompts."""
