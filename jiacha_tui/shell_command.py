"""The command lines that messages tell the operator to type. They have to work exactly as shown."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from jiacha_tui.locations import HOME_VARIABLE, resolve_locations


def shell_command(*arguments: str, home: Path, environ: Mapping[str, str]) -> str:
    """A command line for a POSIX shell in any folder: this installation of `jiacha` with `arguments` and `home`.

    It is as short as possible. It names the Python interpreter only if `jiacha` in PATH is missing or belongs to
    another installation, and `--home` only for another home than the platform's default. It does not rely on
    JIACHA_HOME, because the operator may type it into a shell where that is not set.
    """
    without_variable = {name: value for name, value in environ.items() if name != HOME_VARIABLE}
    default_home = resolve_locations(None, without_variable).home
    home_option = () if home == default_home else ("--home", str(home))
    return shlex.join((*_executable(environ), *arguments, *home_option))


def _executable(environ: Mapping[str, str]) -> tuple[str, ...]:
    interpreter = Path(sys.executable)
    found = shutil.which("jiacha", path=environ.get("PATH", os.defpath))
    if found is not None and Path(found).resolve().parent == interpreter.parent.resolve():
        return ("jiacha",)
    return (str(interpreter), "-m", __package__)
