"""Bytes on disk: containers, typed JSON, parquet in two passes, key files."""
