"""The cache: one encrypted DuckDB file for each card, and everything that is read from it and written to it."""
