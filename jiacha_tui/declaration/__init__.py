"""The domain: what a declaration is and which rules apply to it. No I/O; imports no other part of the program."""
