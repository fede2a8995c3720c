"""Asks for the card's password where a command line can: never in an argument or a variable, which others can read."""

import getpass
import sys

_LONGEST = 64


def ask(prompt: str) -> str:
    """What was typed, without echo; a line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline(_LONGEST).rstrip("\r\n")
