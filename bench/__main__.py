"""`make bench` prints what the program costs in time and bytes. Each module of this package measures one part."""

import sys

from bench import bandwidth, breakdowns, cards, long_filters, passphrase, scripts, start, syncing, window

if __name__ == "__main__":
    for module in (start, bandwidth, cards, scripts, syncing, window, long_filters, breakdowns, passphrase):
        sys.stdout.writelines(f"{figure}\n" for figure in module.figures())
