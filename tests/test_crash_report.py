"""Reports of crashes: what is in them and what never is."""

from datetime import datetime
from pathlib import Path

import pytest

from jiacha_tui import crash_report
from jiacha_tui.clock import local_now
from jiacha_tui.crash_report import ProgramCrashed, crash_text, report_crash
from jiacha_tui.private_files import DiskFull
from tests.problem_tables import defined_codes, documented_codes

_SECRET = "Zq7#kW2!"


def _fail() -> None:
    pin = _SECRET
    try:
        int(pin)
    except ValueError as error:
        raise PermissionError(13, _SECRET, f"/{_SECRET}") from error


def _overflow() -> None:
    _overflow()


def test_a_report_names_types_and_places_and_no_message_or_value() -> None:
    with pytest.raises(PermissionError) as raised:
        _fail()
    group = ExceptionGroup(_SECRET, [DiskFull(Path(_SECRET)), KeyError(_SECRET)])
    group.__cause__ = raised.value
    text = crash_text(group, local_now())
    assert _SECRET not in text
    for expected in (
        "ExceptionGroup",
        "in the group: jiacha_tui.private_files.DiskFull [file.disk-full]",
        "in the group: KeyError",
        "caused by: PermissionError [errno 13]",
        "caused by: ValueError",
        "tests/test_crash_report.py:",
        " _fail",
    ):
        assert expected in text


def test_an_endless_recursion_is_reported_in_short() -> None:
    with pytest.raises(RecursionError) as raised:
        _overflow()
    text = crash_text(raised.value, local_now())
    assert " more" in text
    assert text.count("\n") < 2 * crash_report._MAX_FRAMES


def test_only_the_newest_reports_are_kept(tmp_path: Path) -> None:
    for second in range(30):
        problem = report_crash(ValueError(), tmp_path, datetime(2026, 11, 28, 12, 0, second))  # noqa: DTZ001
        assert problem.report is not None
        assert problem.report.exists()
    assert len(list((tmp_path / "crash-reports").iterdir())) == 20


def test_a_report_that_cannot_be_written_is_said_not_to_be(tmp_path: Path) -> None:
    (tmp_path / "crash-reports").write_text("a file")
    problem = report_crash(ValueError(), tmp_path, local_now())
    assert problem.report is None
    assert "没有写成" in problem.hint


def test_the_table_lists_the_problem() -> None:
    assert documented_codes(crash_report) == defined_codes(crash_report) == {ProgramCrashed.__name__: "program.crashed"}
