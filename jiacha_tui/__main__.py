"""`python -m jiacha_tui` is the command `jiacha`."""

import os
import sys

from jiacha_tui.cli.hardening import disable_key_logging, harden_process
from jiacha_tui.cli.main import main as run


def main() -> int:
    """The command line in a process of its own. Returns the exit code."""
    harden_process()
    disable_key_logging(os.environ)
    return run()


if __name__ == "__main__":
    sys.exit(main())
