"""The cache: one encrypted DuckDB file for each card, and the code that reads and writes it."""
