"""Fitted panels in files."""
