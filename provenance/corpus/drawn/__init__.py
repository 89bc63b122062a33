"""Rows drawn by chance without reading the rest."""
