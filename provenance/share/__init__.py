"""The mixture of sources, its interval, and when not to believe it."""
