"""Keeps what is typed into this process, and what it has in memory, to itself. A PIN is among both."""

import contextlib
import resource
import sys
from collections.abc import MutableMapping
from typing import Final

_SET_DUMPABLE: Final = 4
"""PR_SET_DUMPABLE of prctl(2)."""

_RECORDERS: Final = ("TEXTUAL", "TEXTUAL_DEBUG", "TEXTUAL_LOG")
"""Variables by which Textual writes every key into a file, or sends it to a console for developers."""


def harden_process() -> None:
    """For the rest of this process: no core dump, and on Linux no other process of its user reads its memory.

    Programs that it starts can be read again; they leave no core dump either.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(ImportError):  # a Python may be built without
            import ctypes  # noqa: PLC0415

            # The limit says nothing to a core dump that goes to a program instead of a file; this does.
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def disable_key_logging(environ: MutableMapping[str, str]) -> None:
    """To be called before Textual is imported, which reads `environ` once."""
    for variable in _RECORDERS:
        environ.pop(variable, None)
