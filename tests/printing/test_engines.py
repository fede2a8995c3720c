"""The two engines: which one is used, what they must not do, and how they fail."""

import shutil
import sys
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # it comes without types
import pytest

from jiacha_tui.printing.engines import Engine, find_engines
from jiacha_tui.printing.problems import PdfFailed
from tests.needs import needs


def find_engine(name: str) -> Engine:
    return next(engine for engine in find_engines() if engine.name == name)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return str(document[0].get_textpage().get_text_bounded())
    finally:
        document.close()


@needs("wkhtmltopdf")
def test_wkhtmltopdf_is_preferred_where_it_is_installed() -> None:
    engine = next(find_engines())
    assert (engine.name, engine.command[0]) == ("wkhtmltopdf", shutil.which("wkhtmltopdf"))
    assert engine.version[0].isdigit()
    assert "--disable-javascript" in engine.command
    assert "--disable-local-file-access" in engine.command


def test_plutoprint_is_used_without_wkhtmltopdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    engine = next(find_engines())
    assert engine.name == "PlutoPrint"
    assert engine.version[0].isdigit()


def test_a_wkhtmltopdf_that_does_not_start_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "wkhtmltopdf"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert next(find_engines()).name == "PlutoPrint"


def test_a_patched_wkhtmltopdf_needs_no_zoom(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    patched = tmp_path / "wkhtmltopdf"
    patched.write_text("#!/bin/sh\necho 'wkhtmltopdf 0.12.6.1 (with patched qt)'\n")
    patched.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    engine = next(find_engines())
    assert (engine.version, engine.zoom) == ("0.12.6.1 (with patched qt)", 1.0)
    assert "--disable-smart-shrinking" in engine.command


def test_there_may_be_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "plutoprint", None)
    assert list(find_engines()) == []


def test_plutoprint_opens_no_file(tmp_path: Path) -> None:
    style = tmp_path / "hide.css"
    style.write_text("body { display: none; }")
    pdf = find_engine("PlutoPrint").run(f'<link rel="stylesheet" href="{style.as_uri()}"><p>still here</p>')
    assert "still here" in text_of(pdf)


@needs("wkhtmltopdf")
def test_wkhtmltopdf_opens_no_file(tmp_path: Path) -> None:
    style = tmp_path / "hide.css"
    style.write_text("body { display: none; }")
    with pytest.raises(PdfFailed):
        find_engine("wkhtmltopdf").run(f'<link rel="stylesheet" href="{style.as_uri()}"><p>never shown</p>')


@needs("wkhtmltopdf")
def test_wkhtmltopdf_runs_no_script() -> None:
    pdf = find_engine("wkhtmltopdf").run('<p>still here</p><script>document.body.innerHTML = ""</script>')
    assert "still here" in text_of(pdf)


def test_an_engine_that_takes_too_long_is_stopped() -> None:
    slow = Engine("slow", "0", ("sleep", "60"), time_limit=0.2)
    with pytest.raises(PdfFailed, match="秒内没有完成"):
        slow.run("")


def test_an_engine_that_fails_is_reported_with_its_exit_code() -> None:
    with pytest.raises(PdfFailed, match="退出码 3"):
        Engine("bad", "0", ("sh", "-c", "exit 3")).run("")


def test_an_engine_that_cannot_be_started_is_reported() -> None:
    with pytest.raises(PdfFailed, match="无法启动"):
        Engine("gone", "0", ("/nonexistent/engine",)).run("")
