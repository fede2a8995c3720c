"""The programs that turn the form's HTML into a PDF: wkhtmltopdf where it is installed, PlutoPrint everywhere else."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from xml.sax.saxutils import escape

import pdfkit  # type: ignore[import-untyped]  # it comes without types
import pylopdf_fonts_zh_cn

from jiacha_tui.os_errors import describe
from jiacha_tui.printing.problems import PdfFailed

TIME_LIMIT = 60.0
"""Seconds for one document. Fifty pages take about two."""

_VERSION_TIME_LIMIT = 10.0
_PATCHED = "with patched qt"
_UNPATCHED_ZOOM = 125 / 96
"""Built without its patched Qt, wkhtmltopdf draws a CSS inch 96/125 of an inch long, whatever its options are."""

_WKHTMLTOPDF_OPTIONS = {
    "page-size": "A4",
    "orientation": "Landscape",
    "margin-top": "0",
    "margin-right": "0",
    "margin-bottom": "0",
    "margin-left": "0",
    "encoding": "UTF-8",
    "disable-javascript": "",
    "disable-local-file-access": "",
    "disable-external-links": "",
}

_FONT_CONFIG = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <!-- The fonts have one weight. This makes bold from it, also if the machine has no such rule. -->
  <match target="font">
    <test name="weight" compare="less_eq"><const>medium</const></test>
    <test target="pattern" name="weight" compare="more_eq"><const>bold</const></test>
    <edit name="embolden" mode="assign"><bool>true</bool></edit>
  </match>
</fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that reads HTML and writes a PDF. `zoom` is the CSS zoom at which its lengths have their true size."""

    name: str
    version: str
    command: tuple[str, ...]
    zoom: float = 1.0
    time_limit: float = TIME_LIMIT

    def run(self, html: str) -> bytes:
        """Returns the PDF of `html`. Raises PdfFailed if the program fails or exceeds `time_limit` (seconds)."""
        with tempfile.TemporaryDirectory(prefix="jiacha-fonts-") as folder:
            environment = {**os.environ, "FONTCONFIG_FILE": str(_write_font_config(Path(folder)))}
            try:
                finished = subprocess.run(  # noqa: S603 - a fixed command; the document goes to its standard input
                    self.command,
                    input=html.encode(),
                    capture_output=True,
                    check=False,
                    timeout=self.time_limit,
                    env=environment,
                )
            except subprocess.TimeoutExpired:
                raise PdfFailed(f"{self.name} 在 {self.time_limit:.0f} 秒内没有完成") from None
            except OSError as error:
                raise PdfFailed(f"{self.name} 无法启动（{describe(error)}）") from error
        if finished.returncode != 0:
            raise PdfFailed(f"{self.name} 退出码 {finished.returncode}")
        return finished.stdout


def find_engines() -> Iterator[Engine]:
    """Yields the installed engines, the preferred one first."""
    if (program := shutil.which("wkhtmltopdf")) and (wkhtmltopdf := _wkhtmltopdf(program)):
        yield wkhtmltopdf
    if importlib.util.find_spec("plutoprint"):
        script = Path(__file__).with_name("plutoprint_worker.py")
        yield Engine("PlutoPrint", metadata.version("plutoprint"), (sys.executable, "-I", str(script)))


def _wkhtmltopdf(program: str) -> Engine | None:
    """Returns the engine in `program`, None if it does not start.

    pdfkit builds the command. It is run here, because pdfkit has no time limit.
    """
    try:
        output = subprocess.run(  # noqa: S603 - the program that was found in the PATH
            [program, "--version"], capture_output=True, text=True, check=True, timeout=_VERSION_TIME_LIMIT
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
    patched = _PATCHED in output
    options = _WKHTMLTOPDF_OPTIONS | ({"disable-smart-shrinking": ""} if patched else {})
    pdf_kit = pdfkit.PDFKit("", "string", options=options, configuration=pdfkit.configuration(wkhtmltopdf=program))
    version = output.removeprefix("wkhtmltopdf ")
    return Engine("wkhtmltopdf", version, tuple(pdf_kit.command()), 1.0 if patched else _UNPATCHED_ZOOM)


def _write_font_config(folder: Path) -> Path:
    """Writes a configuration of fontconfig that adds the packaged Chinese fonts to those of the machine."""
    path = folder / "fonts.conf"
    path.write_text(_FONT_CONFIG.format(fonts=escape(str(pylopdf_fonts_zh_cn.sans_path().parent))), "utf-8")
    return path
