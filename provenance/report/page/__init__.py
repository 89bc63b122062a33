"""The report as one page: what it rests on, what weakens it, rows, what to do next."""
