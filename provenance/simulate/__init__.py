"""Text of known origin, and the demonstrations on it."""
