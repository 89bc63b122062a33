"""A source, measured: fitted, kept in a file, merged, compared and shown."""
