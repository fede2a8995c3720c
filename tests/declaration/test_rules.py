from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.declaration.rules import (
    MAX_BATCH,
    MAX_DOWNLOAD_BYTES,
    MAX_DOWNLOAD_ITEMS,
    BatchOperation,
    BatchTooLarge,
    DownloadSpanTooLong,
    DownloadTooLarge,
    NothingSelected,
    QuerySpanTooLong,
    TooManyItems,
    check_batch,
    check_download,
    check_download_size,
    check_query_span,
    latest_query_end,
)

START = date(2025, 6, 1)
ONE_DAY = DateRange.day(START)
TWO_DAYS = DateRange(START, START + timedelta(days=1))
THIRTY_DAYS = DateRange(START, START + timedelta(days=29))
THIRTY_ONE_DAYS = DateRange(START, START + timedelta(days=30))


@pytest.mark.parametrize(
    ("start", "latest"),
    [
        (date(2025, 6, 15), date(2025, 7, 15)),
        (date(2025, 6, 1), date(2025, 7, 1)),
        (date(2025, 1, 31), date(2025, 2, 28)),
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2025, 2, 28), date(2025, 3, 28)),
        (date(2025, 12, 15), date(2026, 1, 15)),
        (date(9999, 12, 15), date(9999, 12, 31)),
    ],
)
def test_a_query_may_end_on_the_same_day_of_the_next_month(start: date, latest: date) -> None:
    assert latest_query_end(start) == latest


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_whole_month_may_be_queried(day: date) -> None:
    check_query_span(DateRange.month(day.year, day.month))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_query_over_a_month_is_refused_with_the_latest_end_date(start: date) -> None:
    latest = latest_query_end(start)
    check_query_span(DateRange(start, latest))
    with pytest.raises(QuerySpanTooLong) as refused:
        check_query_span(DateRange(start, latest + timedelta(days=1)))
    assert "最长不能超过一个月" in refused.value.message
    assert str(latest) in refused.value.hint


def test_thirty_days_may_be_downloaded_but_not_thirty_one() -> None:
    check_download(THIRTY_DAYS, 0)
    with pytest.raises(DownloadSpanTooLong) as refused:
        check_download(THIRTY_ONE_DAYS, 0)
    assert refused.value.message == "出口日期查询区间最长不能超过 30 天"


def test_more_than_1000_items_are_refused_in_the_official_words() -> None:
    check_download(TWO_DAYS, MAX_DOWNLOAD_ITEMS)
    with pytest.raises(TooManyItems) as refused:
        check_download(TWO_DAYS, 1001)
    assert refused.value.message == (
        "下载失败：您本次下载的1001条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
    )


def test_more_than_8m_are_refused_in_the_official_words() -> None:
    check_download_size(TWO_DAYS, MAX_DOWNLOAD_BYTES)
    with pytest.raises(DownloadTooLarge) as refused:
        check_download_size(TWO_DAYS, MAX_DOWNLOAD_BYTES + 1)
    assert refused.value.message == "您下载的报关单数据量过大，请调整查询区间后再试！"


def test_a_single_day_has_no_cap() -> None:
    check_download(ONE_DAY, 1_000_000)
    check_download_size(ONE_DAY, 1_000_000_000)


@pytest.mark.parametrize("batch", BatchOperation)
def test_a_batch_has_one_to_ten_declarations(batch: BatchOperation) -> None:
    entry_ids = [f"{number:018d}" for number in range(MAX_BATCH + 1)]
    check_batch(entry_ids[:MAX_BATCH], batch)
    with pytest.raises(BatchTooLarge) as refused:
        check_batch(entry_ids, batch)
    assert refused.value.message == f"{batch.value}：一次最多选择 10 条报关单数据"
    assert "11" in refused.value.hint
    with pytest.raises(NothingSelected):
        check_batch([], batch)
