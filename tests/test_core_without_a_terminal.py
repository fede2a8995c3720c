"""Which modules are imported: no terminal by the core, and no slow library for the first frame."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CORE = (
    *("jiacha_tui.actions", "jiacha_tui.card", "jiacha_tui.declaration", "jiacha_tui.demo", "jiacha_tui.eport"),
    *("jiacha_tui.printing", "jiacha_tui.encrypted_xml", "db"),
)

IMPORT_ALL_MODULES = """
import importlib, json, pkgutil, sys
package = importlib.import_module({package!r})
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
print(json.dumps(sorted(sys.modules)))
"""


def _modules_after(code: str, environ: dict[str, str]) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(run.stdout))


@pytest.mark.parametrize("package", CORE)
def test_no_module_of_the_core_imports_the_terminal(package: str, child_environment: dict[str, str]) -> None:
    modules = _modules_after(IMPORT_ALL_MODULES.format(package=package), child_environment)
    assert f"{package}" in modules
    assert modules & {"textual", "screens"} == set()


FIRST_FRAME = """
import json, pathlib, sys
from jiacha_tui.app import JiachaApp
from jiacha_tui.composition import compose
from jiacha_tui.options import Options
JiachaApp(compose(Options(home=pathlib.Path({home!r}), demo=True)))
print(json.dumps(sorted(sys.modules)))
"""

SLOW = {"cryptography", "duckdb", "httpx", "jinja2", "lxml", "pypinyin", "signxml", "smartcard", "starlette", "uvicorn"}


def test_no_slow_library_is_imported_for_the_first_frame(child_environment: dict[str, str], tmp_path: Path) -> None:
    modules = _modules_after(FIRST_FRAME.format(home=str(tmp_path)), child_environment)
    assert "screens.login.login_screen" in modules
    assert modules & SLOW == set()
