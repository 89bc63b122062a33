"""The project's own tables; their data is not shipped."""
