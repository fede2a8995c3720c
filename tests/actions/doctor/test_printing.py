"""PDF engines, the font, and the printers of a real CUPS scheduler."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest

from jiacha_tui.actions.doctor.finding import Finding, FindingState
from jiacha_tui.actions.doctor.printing import check_font, check_pdf_engines, check_printers
from tests.actions.doctor.contexts import doctor_context, only_finding
from tests.needs import needs
from tests.printing.print_server import QUEUES, PrintServer, running_print_server


@pytest.fixture(scope="module")
def scheduler() -> Iterator[PrintServer]:
    with running_print_server() as server:
        yield server


@pytest.fixture
def print_server(scheduler: PrintServer, monkeypatch: pytest.MonkeyPatch) -> PrintServer:
    for name, value in scheduler.environment.items():
        monkeypatch.setenv(name, value)
    return scheduler


def finding_for_printer(home: Path, name: str) -> Finding:
    return only_finding(check_printers, doctor_context(home, f'[print]\nprinter = "{name}"\n'))


@needs("cupsd")
def test_the_default_printer_is_named_and_the_others_are_counted(print_server: PrintServer, tmp_path: Path) -> None:
    finding = only_finding(check_printers, doctor_context(tmp_path))
    assert finding.state is FindingState.GOOD
    assert finding.message == f"works，空闲；另有 {len(QUEUES) - 1} 台"


@needs("cupsd")
@pytest.mark.parametrize(
    ("name", "code"), [("stopped", "print.stopped"), ("refusing", "print.stopped"), ("gone", "print.no-such-printer")]
)
def test_a_configured_printer_that_cannot_print_is_broken(
    print_server: PrintServer, tmp_path: Path, name: str, code: str
) -> None:
    finding = finding_for_printer(tmp_path, name)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, code, False)
    assert name in finding.message
    assert "works" in finding.hint


def test_without_a_print_service_printers_are_missing_and_pdf_is_suggested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "cups.sock"))
    finding = only_finding(check_printers, doctor_context(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.MISSING, "print.no-printer", False)
    assert "PDF" in finding.hint


@needs("wkhtmltopdf")
def test_pdf_engines_are_named_with_their_versions(tmp_path: Path) -> None:
    finding = only_finding(check_pdf_engines, doctor_context(tmp_path))
    assert finding.state is FindingState.GOOD
    assert "wkhtmltopdf 0." in finding.message


def test_a_missing_pdf_engine_is_blocking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "plutoprint", None)
    finding = only_finding(check_pdf_engines, doctor_context(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.MISSING, "print.no-engine", True)


def test_the_installed_font_is_good(tmp_path: Path) -> None:
    assert only_finding(check_font, doctor_context(tmp_path)).state is FindingState.GOOD


def test_a_file_that_is_not_a_font_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "font.otf").write_bytes(b"<html>")
    monkeypatch.setattr(pylopdf_fonts_zh_cn, "sans_path", lambda: tmp_path / "font.otf")
    finding = only_finding(check_font, doctor_context(tmp_path))
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "print.no-font", True)
