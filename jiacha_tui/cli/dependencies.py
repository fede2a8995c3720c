"""Whether the Python packages the program runs on are installed, asked before any of them is imported."""

import importlib.util
from collections.abc import Iterable

from jiacha_tui.declaration.problem import Problem

REQUIRED = (
    *("click", "cryptography", "duckdb", "duckdb_extension_httpfs", "httpx", "jinja2", "lxml", "markupsafe", "msgspec"),
    *("pdfkit", "platformdirs", "pylopdf_fonts_zh_cn", "pypdfium2", "pypinyin", "rich", "segno"),
    *("starlette", "textual", "uvicorn", "websockets", "xmlsec"),
)
"""Import names of what requirements.lock installs on every machine."""


class PackagesMissing(Problem):
    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            "python.packages",
            f"缺少 Python 包 (missing packages): {', '.join(names)}",
            "在程序所在的文件夹运行 make run，或 python3 -m pip install --requirement requirements.lock",
        )


def missing(names: Iterable[str] = REQUIRED) -> tuple[str, ...]:
    return tuple(name for name in names if importlib.util.find_spec(name) is None)


def check() -> None:
    """Raises PackagesMissing unless all are there."""
    if absent := missing():
        raise PackagesMissing(absent)
