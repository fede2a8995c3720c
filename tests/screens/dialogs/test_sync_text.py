"""The texts about a running sync: the longest form that fits is shown."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from jiacha_tui.actions.sync_plan import SyncScope
from jiacha_tui.actions.sync_report import SyncProgress
from screens.dialogs.sync_text import duration, progress_forms

LISTING = SyncProgress(36, lists_done=12, month="2025-03", listed=1240)
DETAILS = SyncProgress(
    36, lists_done=36, month="2024-01", listed=2000, details_done=1620, details_total=2000, rate_per_second=31.6,
    seconds_left=12.2,
)  # fmt: skip


def test_lists_come_first_and_name_the_month() -> None:
    longest = progress_forms(LISTING)[0]
    assert "12/36" in longest
    assert "2025-03" in longest
    assert "1,240" in longest


def test_details_tell_share_count_rate_and_time_left() -> None:
    assert progress_forms(DETAILS)[0] == "同步详情 ████████░░ 81% 1,620/2,000 票 每秒 32 票 还需 12 秒"


def test_before_there_is_a_rate_nothing_is_guessed() -> None:
    first = SyncProgress(36, lists_done=36, details_total=2000)
    assert progress_forms(first)[0] == "同步详情 ░░░░░░░░░░ 0% 0/2,000 票"


def test_the_status_says_what_a_sync_is_about() -> None:
    assert progress_forms(replace(LISTING, scope=SyncScope.CHANGES))[0].startswith("自动同步清单")
    assert progress_forms(replace(DETAILS, scope=SyncScope.OLDER))[0].startswith("取更早的详情")


@pytest.mark.parametrize("progress", [LISTING, DETAILS, SyncProgress(36), SyncProgress(0)])
def test_each_form_is_shorter_than_the_one_before(progress: SyncProgress) -> None:
    widths = [cell_len(form) for form in progress_forms(progress)]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] <= 16


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 秒"), (59.6, "1 分 00 秒"), (185, "3 分 05 秒"), (4800, "1 小时 20 分")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
