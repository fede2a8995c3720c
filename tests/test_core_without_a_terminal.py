"""What may be imported when: the core without a terminal, and the first frame without the slow libraries."""

import json
import subprocess
import sys

import pytest

CORE = (
    *("jiacha_tui.actions", "jiacha_tui.card", "jiacha_tui.declaration", "jiacha_tui.demo", "jiacha_tui.port"),
    *("jiacha_tui.printing", "jiacha_tui.sealed", "db"),
)

EVERY_MODULE_OF = """
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
    modules = _modules_after(EVERY_MODULE_OF.format(package=package), child_environment)
    assert f"{package}" in modules
    assert modules & {"textual", "screens"} == set()
