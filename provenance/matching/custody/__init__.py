"""Chain of custody: what a report was made from, and whether it comes out again."""
