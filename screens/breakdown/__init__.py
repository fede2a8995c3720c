"""The breakdown of a filter: its declarations in groups."""
