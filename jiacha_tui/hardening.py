"""Protects what is typed into this process and what is in its memory: a PIN is among both."""

import contextlib
import resource
import sys
from collections.abc import MutableMapping
from typing import Final

_SET_DUMPABLE: Final = 4
"""PR_SET_DUMPABLE of prctl(2)."""

_KEY_LOGGING_VARIABLES: Final = ("TEXTUAL", "TEXTUAL_DEBUG", "TEXTUAL_LOG")
"""With these, Textual writes every key to a file or sends it to a developer console."""


def harden_process() -> None:
    """Disables core dumps and, on Linux, lets no other process of the same user read the memory of this one.

    Both last for the rest of the process. Programs that it starts can be read again but leave no core dump either.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(ImportError):  # Python can be built without ctypes
            import ctypes  # noqa: PLC0415 - see the line above

            # A core dump that goes to a program instead of a file ignores the limit, but not this setting.
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def disable_key_logging(environ: MutableMapping[str, str]) -> None:
    """Has to be called before Textual is imported, because Textual reads `environ` once."""
    for variable in _KEY_LOGGING_VARIABLES:
        environ.pop(variable, None)
