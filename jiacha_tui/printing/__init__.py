"""The customs form of a declaration: its pages, as text for the terminal, as a PDF, and onto a printer."""
