"""The command `jiacha`, also as `python -m jiacha_tui`."""

import sys

from jiacha_tui.cli.quiet_terminal import home_option, without_echo


def main() -> int:
    """Runs the command line in a process of its own and returns the exit code."""
    with without_echo(sys.argv[1:]):  # first of all, because an operator who types ahead may be typing the PIN
        import os  # noqa: PLC0415 - see above
        import signal  # noqa: PLC0415 - see above

        from jiacha_tui.cli.crash_hook import report_unexpected_errors  # noqa: PLC0415 - see above
        from jiacha_tui.cli.main import main as run  # noqa: PLC0415 - see above
        from jiacha_tui.hardening import disable_key_logging, harden_process  # noqa: PLC0415 - see above

        harden_process()
        disable_key_logging(os.environ)
        report_unexpected_errors(home_option(sys.argv[1:]))
        # A shell starts jobs in the background with SIGINT ignored, and Python then installs no handler for Ctrl+C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return run()


if __name__ == "__main__":
    sys.exit(main())
