"""What prints: engines, the font, and printers behind a real scheduler."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest

from jiacha_tui.actions.doctor import font, pdf, printers
from jiacha_tui.actions.doctor.finding import Finding, FindingState
from tests.actions.doctor.contexts import at, only
from tests.needs import needs
from tests.printing.print_server import QUEUES, PrintServer, running


@pytest.fixture(scope="module")
def scheduler() -> Iterator[PrintServer]:
    with running() as server:
        yield server


@pytest.fixture
def print_server(scheduler: PrintServer, monkeypatch: pytest.MonkeyPatch) -> PrintServer:
    for name, value in scheduler.environment.items():
        monkeypatch.setenv(name, value)
    return scheduler


def with_printer(home: Path, name: str) -> Finding:
    return only(printers.look, at(home, f'[print]\nprinter = "{name}"\n'))


@needs("cupsd")
def test_the_default_printer_and_how_many_others(print_server: PrintServer, tmp_path: Path) -> None:
    finding = only(printers.look, at(tmp_path))
    assert finding.state is FindingState.GOOD
    assert finding.message == f"works，空闲；另有 {len(QUEUES) - 1} 台"


@needs("cupsd")
@pytest.mark.parametrize(
    ("name", "code"), [("stopped", "print.stopped"), ("refusing", "print.stopped"), ("gone", "print.no-such-printer")]
)
def test_the_configured_printer_is_the_one_that_counts(
    print_server: PrintServer, tmp_path: Path, name: str, code: str
) -> None:
    finding = with_printer(tmp_path, name)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, code, False)
    assert name in finding.message
    assert "works" in finding.hint


def test_without_a_print_service_a_pdf_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "cups.sock"))
    finding = only(printers.look, at(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.MISSING, "print.no-printer", False)
    assert "PDF" in finding.hint


@needs("wkhtmltopdf")
def test_engines_are_named_with_their_versions(tmp_path: Path) -> None:
    finding = only(pdf.look, at(tmp_path))
    assert finding.state is FindingState.GOOD
    assert "wkhtmltopdf 0." in finding.message


def test_without_an_engine_nothing_can_be_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "plutoprint", None)
    finding = only(pdf.look, at(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.MISSING, "print.no-engine", True)


def test_the_font_is_the_one_that_came_with_the_program(tmp_path: Path) -> None:
    assert only(font.look, at(tmp_path)).state is FindingState.GOOD


def test_a_font_that_is_none_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "font.otf").write_bytes(b"<html>")
    monkeypatch.setattr(pylopdf_fonts_zh_cn, "sans_path", lambda: tmp_path / "font.otf")
    finding = only(font.look, at(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "print.no-font", True)
