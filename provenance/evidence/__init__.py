"""Findings that need no share."""
