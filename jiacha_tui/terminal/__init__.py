"""Both ways between Textual and the terminal: what is typed, kept nowhere, and what is seen, cell by cell.

Textual writes every region it has drawn anew, whether or not that looks different, with a colour code for each piece
of text. Lines of a few KiB/s are slow with that. Here its output is read back into a picture of the screen, and what
differs from the picture that the terminal shows is written, in few bytes.
"""
