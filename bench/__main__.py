"""`make bench` prints what the program costs; each module here measures one thing."""

import sys

from bench import cards, start, window

if __name__ == "__main__":
    for measured in (start, cards, window):
        sys.stdout.writelines(f"{line}\n" for line in measured.figures())
