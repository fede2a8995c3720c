"""`make bench` prints what the program costs; each module here measures one thing."""

import sys

from bench import start

if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in start.figures())
