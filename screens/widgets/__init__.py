"""Widgets that several screens share, one a file with its own styles."""
