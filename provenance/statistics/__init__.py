"""Intervals, exact tails, multiple testing and what clusters are worth; knows nothing of text."""
