"""What happens to an exception that nobody handles: a report instead of a traceback. Python ends with exit code 1."""

import os
import sys
from pathlib import Path
from types import TracebackType


def report_unexpected_errors(home: Path | None) -> None:
    """Writes the reports of this process into `home`, or where the environment says. Holds until the process ends."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        # A crash may be due to a missing package, so nothing is imported before it is needed.
        from jiacha_tui.cli.main import report_problem  # noqa: PLC0415
        from jiacha_tui.clock import local_now  # noqa: PLC0415
        from jiacha_tui.crash_report import report_crash  # noqa: PLC0415
        from jiacha_tui.locations import resolve_locations  # noqa: PLC0415

        report_problem(report_crash(error.with_traceback(trace), resolve_locations(home, os.environ).home, local_now()))

    sys.excepthook = hook
