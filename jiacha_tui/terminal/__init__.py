"""Textual's driver: reads what the user types and keeps none of it, and writes only the cells that changed.

Textual writes each region again that it has drawn, even if nothing looks different, with a colour code for each
piece of text. That is slow on lines of a few KiB/s. This package parses Textual's output into a frame, which is the
screen as cells, compares it with the frame that the terminal shows, and writes the difference in few bytes.
"""
