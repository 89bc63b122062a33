"""A corpus without the rows that a report points at, and how much may be left."""
