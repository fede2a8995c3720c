"""`python -m jiacha_tui` is the command `jiacha`."""

import os
import sys

from jiacha_tui.cli.main import main as run
from jiacha_tui.cli.secrecy import close_memory, record_no_keys


def main() -> int:
    """The command line in a process of its own. Returns the exit code."""
    close_memory()
    record_no_keys(os.environ)
    return run()


if __name__ == "__main__":
    sys.exit(main())
