"""Where a corpus lies: files, folders, URLs, hub names, tables in memory; opened and hashed."""
