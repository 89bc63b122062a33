"""The version, in one place that nothing else is loaded for."""

__version__ = "0.2.0"
