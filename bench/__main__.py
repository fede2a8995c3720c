"""`make bench` prints what the program costs; each module here measures one thing."""

import sys

from bench import bandwidth, cards, start, window

if __name__ == "__main__":
    for measured in (start, bandwidth, cards, window):
        sys.stdout.writelines(f"{figure}\n" for figure in measured.figures())
