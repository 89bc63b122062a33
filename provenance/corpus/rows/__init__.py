"""The text of a row: which field holds it, what it answers, when it was written."""
