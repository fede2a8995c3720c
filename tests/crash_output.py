"""What a crash would put on the screen, for tests that look for secrets in it."""

import io
import traceback

from rich.console import Console
from rich.traceback import Traceback


def crash_output(problem: BaseException) -> str:
    """A traceback as the terminal program shows it when it crashes, with the values of all local names."""
    console = Console(file=io.StringIO(), width=400)
    frames = Traceback.extract(
        type(problem), problem, problem.__traceback__, show_locals=True, locals_max_string=9999, locals_max_length=9999
    )
    console.print(Traceback(frames))
    assert isinstance(console.file, io.StringIO)
    chain = "".join(traceback.format_exception(problem))
    return console.file.getvalue() + chain + repr(problem) + repr(vars(problem))
