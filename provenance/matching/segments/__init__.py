"""Reports of segments, each a corpus of its own, and one report of them all."""
