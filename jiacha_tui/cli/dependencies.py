"""Whether the Python packages of the program are installed. Nothing is imported to find out."""

import importlib.util
from collections.abc import Iterable

from jiacha_tui.cli.problems import PackagesMissing

REQUIRED = (
    *(
        "anyio",
        "click",
        "cryptography",
        "duckdb",
        "duckdb_extension_httpfs",
        "httpx",
        "jinja2",
        "lxml",
        "markupsafe",
        "msgspec",
    ),
    *("pdfkit", "platformdirs", "py_mini_racer", "pylopdf_fonts_zh_cn", "pypdfium2", "pypinyin", "rich", "segno"),
    *("starlette", "textual", "uvicorn", "websockets", "xmlsec"),
)
"""Import names of the packages that requirements.lock installs on every machine, without those of OPTIONAL."""

OPTIONAL = ("sniffio",)
"""Those without which the program only is slower."""


def missing(names: Iterable[str] = REQUIRED) -> tuple[str, ...]:
    """The packages among `names` that are not installed."""
    return tuple(name for name in names if importlib.util.find_spec(name) is None)


def require_packages() -> None:
    """Raises PackagesMissing unless all required packages are installed."""
    if names := missing():
        raise PackagesMissing(names)
