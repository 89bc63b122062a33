"""A match in parts: scores of batches kept in a folder, and put together."""
