"""`python -m jiacha_tui` is the command `jiacha`."""

import sys

from jiacha_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
