"""A file of a corpus written again, without some of its rows or with a column more."""
