"""Whether the Python packages the program runs on are installed, asked before any of them is imported."""

import importlib.util

REQUIRED = (
    *("click", "cryptography", "duckdb", "duckdb_extension_httpfs", "httpx", "jinja2", "lxml", "markupsafe", "msgspec"),
    *("pdfkit", "platformdirs", "pylopdf_fonts_zh_cn", "pypdfium2", "pypinyin", "python_multipart", "rich", "segno"),
    *("starlette", "textual", "uvicorn", "websockets", "xmlsec"),
)
"""Import names of what requirements.lock installs on every machine."""


def missing() -> tuple[str, ...]:
    return tuple(name for name in REQUIRED if importlib.util.find_spec(name) is None)
