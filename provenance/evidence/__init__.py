"""Findings that need no share: the log, watermarks, hidden marks, canaries."""
