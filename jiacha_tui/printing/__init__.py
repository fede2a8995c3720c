"""The customs form of a declaration: laid out in pages, shown as text in the terminal, made into a PDF, and printed."""
