"""The screens that show one declaration: its head, its items and all its fields."""
