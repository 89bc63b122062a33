"""Estimators of others, on the same corpora."""
