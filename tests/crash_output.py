"""The text that a crash would show, for tests that search it for secrets."""

import io
import traceback

from rich.console import Console
from rich.traceback import Traceback


def crash_output(problem: BaseException) -> str:
    """Tracebacks of `problem`, with and without the values of all local variables, and its attributes."""
    console = Console(file=io.StringIO(), width=400)
    frames = Traceback.extract(
        type(problem), problem, problem.__traceback__, show_locals=True, locals_max_string=9999, locals_max_length=9999
    )
    console.print(Traceback(frames))
    assert isinstance(console.file, io.StringIO)
    chain = "".join(traceback.format_exception(problem))
    return console.file.getvalue() + chain + repr(problem) + repr(vars(problem))
