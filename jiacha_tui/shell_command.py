"""How the program is called from a shell: what an operator is told to type has to work as it is typed."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from jiacha_tui.locations import HOME_VARIABLE, resolve_locations


def shell_command(*arguments: str, home: Path, environ: Mapping[str, str]) -> str:
    """One line for a POSIX shell in any folder: `jiacha` and `arguments`, for the program that runs now and `home`.

    As short as it can be: the interpreter is named where PATH leads to no `jiacha` or to another's, the home where it
    is not the platform's own. `JIACHA_HOME` is not relied on, for the shell may be another one.
    """
    own = resolve_locations(None, {name: value for name, value in environ.items() if name != HOME_VARIABLE}).home
    home_option = () if home == own else ("--home", str(home))
    return shlex.join((*_program(environ), *arguments, *home_option))


def _program(environ: Mapping[str, str]) -> tuple[str, ...]:
    interpreter = Path(sys.executable)
    found = shutil.which("jiacha", path=environ.get("PATH", os.defpath))
    if found is not None and Path(found).resolve().parent == interpreter.parent.resolve():
        return ("jiacha",)
    return (str(interpreter), "-m", __package__)
