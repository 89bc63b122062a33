"""Slow readable twins of the fast kernels."""
