"""One declaration: its head, its items and all its fields."""
