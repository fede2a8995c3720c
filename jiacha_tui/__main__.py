"""The command `jiacha`, also as `python -m jiacha_tui`."""

import os
import signal
import sys

from jiacha_tui.cli.hardening import disable_key_logging, harden_process
from jiacha_tui.cli.main import main as run


def main() -> int:
    """Runs the command line in a process of its own and returns the exit code."""
    harden_process()
    disable_key_logging(os.environ)
    # A shell starts jobs in the background with SIGINT ignored, and Python then installs no handler for Ctrl+C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return run()


if __name__ == "__main__":
    sys.exit(main())
