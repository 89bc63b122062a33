"""One file a family of schemes: its keyed function, its statistic and its exact null."""
