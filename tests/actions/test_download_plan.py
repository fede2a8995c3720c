"""Planning a download: the fewest files within the limits, and views that are not a whole date range."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from jiacha_tui.actions.download_plan import plan_query, plan_selected, plan_view
from jiacha_tui.actions.import_files import import_paths
from jiacha_tui.actions.problems import NothingToDownload, NotOnline
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.declaration.rules import check_download
from jiacha_tui.eport.problems import PortUnreachable
from tests.actions.conftest import show_view
from tests.actions.test_import_files import ENTRY_ID, ONE
from tests.app_contexts import NOW, TODAY
from tests.recording_transport import DETAIL, RecordingTransport, lose_connection

JUNE = DateRange(date(2026, 6, 1), date(2026, 6, 30))


async def test_a_filter_by_date_range_is_one_file(synced: Session) -> None:
    (plan,) = await plan_view(synced, await show_view(synced, "2026-06 类型:结关"))
    assert [type(part.query) for part in plan.parts] == [DateRangeQuery]
    assert plan.extra == 0


async def test_another_filter_offers_single_files_and_a_date_range_with_extra_declarations(synced: Session) -> None:
    view = await show_view(synced, "美国 2026-06")
    single_files, by_range = await plan_view(synced, view)
    assert len(single_files.parts) == len(view)
    assert sum(part.declarations for part in by_range.parts) == len(view) + by_range.extra
    assert by_range.extra > 0


async def test_declarations_only_from_imported_files_are_not_planned_but_counted(
    synced: Session, tmp_path: Path
) -> None:
    (plan,) = await plan_view(synced, await show_view(synced, "2025-06 类型:结关"))
    count = sum(part.declarations for part in plan.parts)
    path = tmp_path / "one.xml"
    path.write_text(ONE, "utf-8")
    await import_paths(synced, [path], lambda _report: None)
    (plan,) = await plan_view(synced, await show_view(synced, "2025-06 类型:结关"))
    assert (sum(part.declarations for part in plan.parts), plan.extra, plan.from_files) == (count, 0, 1)
    with pytest.raises(NothingToDownload):
        await plan_view(synced, await show_view(synced, "来源:文件"))


async def test_an_imported_declaration_that_the_port_lists_is_planned(synced: Session, tmp_path: Path) -> None:
    path = tmp_path / "one.xml"
    path.write_text(ONE, "utf-8")
    await import_paths(synced, [path], lambda _report: None)
    (imported,) = synced.declarations.summaries([ENTRY_ID])
    synced.declarations.merge_rows([imported])
    other = (await show_view(synced, "2025-07")).first[0].entry_id
    view = await show_view(synced, f"号:{ENTRY_ID}|{other}")
    assert len(view) == 2
    single_files, by_range = await plan_view(synced, view)
    assert (single_files.declarations, by_range.from_files) == (2, 0)


async def test_an_empty_view_has_nothing_to_download(synced: Session) -> None:
    with pytest.raises(NothingToDownload):
        await plan_view(synced, await show_view(synced, "号:999999999999999999"))


async def test_a_date_range_over_thirty_days_is_split_into_allowed_parts(synced: Session) -> None:
    span = DateRange(date(2026, 5, 1), date(2026, 6, 30))
    plan = await plan_query(synced, DateRangeQuery(span))
    assert plan.refusal is not None
    assert plan.refusal.code == "download.span-too-long"
    for part in plan.parts:
        assert isinstance(part.query, DateRangeQuery)
        check_download(part.query.date_range, part.items)


async def test_a_plan_needs_the_port(synced: Session) -> None:
    synced.port = None
    with pytest.raises(NotOnline):
        await plan_query(synced, DateRangeQuery(JUNE))


async def test_selected_declarations_are_planned_as_single_files(synced: Session) -> None:
    view = await show_view(synced, "2026-06")
    selected = [line.entry_id for line in view.first[:2]]
    plan = await plan_selected(synced, selected)
    planned = [part.query.entry_id for part in plan.parts if isinstance(part.query, NumberQuery)]
    assert planned == selected
    assert plan.title == "选中的 2 票，逐票下载"


async def test_a_plan_knows_earlier_downloads_and_their_time(synced: Session) -> None:
    view = await show_view(synced, "2026-06 类型:结关")
    first, second, *_ = (line.entry_id for line in view.first)
    assert [part.downloaded for part in (await plan_query(synced, DateRangeQuery(JUNE))).parts] == [0]
    synced.declarations.mark_downloaded(NumberQuery(first), NOW - timedelta(days=9))
    synced.declarations.mark_downloaded(NumberQuery(second), NOW)
    (by_range,) = await plan_view(synced, view)
    assert (by_range.downloaded, by_range.last_download) == (2, NOW)
    single = await plan_query(synced, NumberQuery(first))
    assert (single.downloaded, single.last_download) == (1, NOW - timedelta(days=9))
    several = await plan_selected(synced, [line.entry_id for line in view.first])
    assert [part.downloaded for part in several.parts] == [int(line.entry_id in (first, second)) for line in view.first]
    long = await plan_query(synced, DateRangeQuery(DateRange(date(2026, 5, 1), date(2026, 6, 30))))
    assert len(long.parts) > 1
    assert (long.downloaded, long.last_download) == (2, NOW)


async def test_item_counts_are_incomplete_while_details_are_missing(
    session: Session, transport: RecordingTransport
) -> None:
    transport.before = lose_connection(DETAIL, after=40)
    with pytest.raises(PortUnreachable):
        await sync(session, lambda _progress: None, lambda: None)
    transport.before = lambda path: None
    a_year = DateRangeQuery(DateRange(TODAY - timedelta(days=365), TODAY))
    plan = await plan_query(session, a_year)
    assert {part.items_known for part in plan.parts} == {False, True}, "the details of the newest ones were fetched"
    assert not plan.items_known
    await sync(session, lambda _progress: None, lambda: None)
    assert (await plan_query(session, a_year)).items_known
