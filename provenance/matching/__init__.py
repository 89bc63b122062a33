"""The whole story: a corpus read, scored, judged and told."""
