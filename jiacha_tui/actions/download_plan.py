"""Plan an XML 文件下载 (manual 2.1.2, 2.1.6): the fewest files that pass the caps of the port."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from jiacha_tui.actions.list_check import ListCheck
from jiacha_tui.actions.problems import NothingToDownload
from jiacha_tui.actions.result_browser import ResultBrowser, ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery, Query
from jiacha_tui.declaration.rules import Refusal, check_download, check_download_size, is_download_cap_message
from jiacha_tui.declaration.split import DailyVolume, split

if TYPE_CHECKING:
    from db.declarations import DailyDownloads

MAX_SINGLE_FILES = 50
"""For more declarations than this, a file for each of them is not offered."""


@dataclass(frozen=True, slots=True)
class DownloadPart:
    """One file of a plan: the query that it is requested with, and what the cache knows of its content.

    `items` counts the items in the cache. If `items_known` is false, some details are missing there and the file has
    more items. `downloaded` is how many of the declarations were downloaded from here before; `last_download` is when
    the last of them was, with a time zone; `outdated` is how many of them the port has changed since.
    """

    query: Query
    declarations: int
    items: int
    title: str
    items_known: bool = True
    downloaded: int = 0
    last_download: datetime | None = None
    outdated: int = 0


@dataclass(frozen=True, slots=True)
class DownloadPlan:
    """One way to download the requested declarations.

    `refusal` is the limit that a single file would exceed; None if no split was necessary. `extra` counts the
    declarations in the files that were not requested: the port downloads whole date ranges. `from_files` and `delisted`
    count the requested ones that cannot be downloaded: they come only from imported files, and the port has not listed
    them, or it no longer lists them.

    `queries` are the date ranges of the whole plan; empty if each file has a single declaration. `incomplete` counts
    declarations in them that the files may have too, as in `ListCheck`.
    """

    title: str
    parts: tuple[DownloadPart, ...]
    refusal: Problem | None = None
    extra: int = 0
    from_files: int = 0
    delisted: int = 0
    queries: tuple[DateRangeQuery, ...] = ()
    incomplete: int = 0

    @property
    def date_ranges(self) -> tuple[DateRangeQuery, ...]:
        """What the port's lists have to be read for: `queries`, or the date ranges of the parts."""
        return self.queries or tuple(part.query for part in self.parts if isinstance(part.query, DateRangeQuery))

    def has_content_of(self, other: "DownloadPlan") -> bool:
        """Whether both have the same files with the same numbers of declarations and items."""
        contents = [
            [(part.query, part.declarations, part.items, part.items_known) for part in plan.parts]
            for plan in (self, other)
        ]
        return contents[0] == contents[1] and self.incomplete == other.incomplete

    @property
    def declarations(self) -> int:
        return sum(part.declarations for part in self.parts)

    @property
    def items_known(self) -> bool:
        """Whether the cache has all details. Otherwise the port may still refuse a file as too large."""
        return all(part.items_known for part in self.parts)

    @property
    def downloaded(self) -> int:
        """How many of the declarations were downloaded from here before."""
        return sum(part.downloaded for part in self.parts)

    @property
    def outdated(self) -> int:
        """How many of these the port has changed since, so that the earlier files must not be filed."""
        return sum(part.outdated for part in self.parts)

    @property
    def last_download(self) -> datetime | None:
        """When the last of these was, with a time zone."""
        return max((part.last_download for part in self.parts if part.last_download is not None), default=None)


async def plan_query(session: Session, query: Query, lists: ListCheck | None = None) -> DownloadPlan:
    """The plan for `query`, from the port's `lists` or from the cache.

    Raises NothingToDownload if there is no declaration for it, and NotOnline.
    """
    session.require_port()
    if isinstance(query, NumberQuery):
        return await plan_entries(session, [query.entry_id])
    return await plan_ranges(session, (query,), lists)


async def plan_ranges(
    session: Session, queries: Sequence[DateRangeQuery], lists: ListCheck | None = None
) -> DownloadPlan:
    """The plan for these date ranges, from the port's `lists` or from the cache. Raises NothingToDownload."""
    return await asyncio.to_thread(_plan_ranges, session, queries, lists)


async def plan_view(session: Session, view: ResultView, lists: ListCheck | None = None) -> tuple[DownloadPlan, ...]:
    """The ways to download what the table shows, the best one first. Raises NothingToDownload and NotOnline.

    There is always a plan by range of 出口日期. If it includes declarations that the view does not show (`extra`), a
    plan with a file for each declaration comes before it, unless the view shows too many. With the port's `lists` its
    filter is run once more, because the cache has changed.
    """
    session.require_port()
    if lists is not None:
        view = await ResultBrowser(session).show(view.filter_text, view.order) or view
    requested = view.result.listed
    if not requested:
        raise NothingToDownload
    ranges = await asyncio.to_thread(view.result.date_ranges)
    by_range = await plan_ranges(session, [DateRangeQuery(days, kind) for kind, days in ranges.items()], lists)
    by_range = replace(
        by_range,
        extra=by_range.declarations - requested,
        from_files=view.totals.declarations - requested,
        delisted=view.totals.delisted,
    )
    if by_range.extra == 0 or len(view) > MAX_SINGLE_FILES:
        return (by_range,)
    shown = await asyncio.to_thread(view.result.entry_ids, MAX_SINGLE_FILES)
    entry_ids = await asyncio.to_thread(session.declarations.still_listed, shown)
    single_files = await plan_entries(session, entry_ids)
    return (replace(single_files, delisted=view.totals.delisted), by_range)


async def plan_entries(session: Session, entry_ids: Sequence[str]) -> DownloadPlan:
    """A plan with a file for each declaration, without those that the port no longer lists.

    Raises NothingToDownload if none is left, and NotOnline.
    """
    session.require_port()
    parts = await asyncio.to_thread(_single_parts, session, entry_ids)
    if not parts:
        raise NothingToDownload
    title = "下载这一票" if len(parts) == 1 else f"逐票下载，{len(parts)} 个文件"
    delisted = await asyncio.to_thread(session.declarations.delisted, entry_ids)
    return DownloadPlan(title, parts, delisted=len(delisted))


async def plan_selected(session: Session, entry_ids: Sequence[str]) -> DownloadPlan:
    """The same plan for selected declarations, with a title that says so."""
    plan = await plan_entries(session, entry_ids)
    return replace(plan, title=f"选中的 {len(plan.parts)} 票，逐票下载")


def next_parts(session: Session, part: DownloadPart, problem: Problem) -> tuple[DownloadPart, ...]:
    """What to request after `part` failed: two halves if the port refused it as too large, else `part` itself."""
    if not isinstance(part.query, DateRangeQuery) or not is_download_cap_message(problem.message):
        return (part,)
    kind, date_range = part.query.kind, part.query.date_range
    volumes = session.declarations.daily_volumes(date_range, kind)
    downloads = session.declarations.daily_downloads(date_range, kind)
    middle = len(volumes) // 2
    halves = [half for half in (volumes[:middle], volumes[middle:]) if half]
    return tuple(_range_part(kind, DateRange(half[0].day, half[-1].day), half, downloads) for half in halves)


def _single_parts(session: Session, entry_ids: Sequence[str]) -> tuple[DownloadPart, ...]:
    downloaded_at = session.declarations.downloaded_at(entry_ids)
    delisted = session.declarations.delisted(entry_ids)
    outdated = session.declarations.outdated_downloads(entry_ids)
    return tuple(
        DownloadPart(
            NumberQuery(summary.entry_id, summary.kind),
            1,
            0,
            f"报关单 {summary.entry_id}",
            downloaded=int(summary.entry_id in downloaded_at),
            last_download=downloaded_at.get(summary.entry_id),
            outdated=int(summary.entry_id in outdated),
        )
        for summary in session.declarations.summaries([entry_id for entry_id in entry_ids if entry_id not in delisted])
    )


def _plan_ranges(session: Session, queries: Sequence[DateRangeQuery], lists: ListCheck | None) -> DownloadPlan:
    """The files for the date ranges."""
    parts: list[DownloadPart] = []
    refusal: Problem | None = None
    list_pass = lists.list_pass if lists is not None else None
    for query in queries:
        kind, date_range = query.kind, query.date_range
        volumes = session.declarations.daily_volumes(date_range, kind, list_pass)
        if not volumes:
            continue
        file_ranges = [date_range]
        try:
            _check(date_range, volumes)
        except Refusal as problem:
            refusal = refusal or problem
            file_ranges = [part.date_range for part in split(volumes)]
        downloads = session.declarations.daily_downloads(date_range, kind, list_pass)
        parts.extend(_range_part(kind, date_range, volumes, downloads) for date_range in file_ranges)
    if not parts:
        raise NothingToDownload
    title = "按出口日期下载" if len(parts) == 1 else f"按出口日期下载，{len(parts)} 个文件"
    incomplete = lists.incomplete if lists is not None else 0
    return DownloadPlan(title, tuple(parts), refusal, queries=tuple(queries), incomplete=incomplete)


def _check(date_range: DateRange, volumes: Sequence[DailyVolume]) -> None:
    check_download(date_range, sum(volume.items for volume in volumes))
    check_download_size(date_range, sum(volume.bytes_estimate for volume in volumes))


def _range_part(
    kind: Kind, date_range: DateRange, volumes: Sequence[DailyVolume], downloads: "Mapping[date, DailyDownloads]"
) -> DownloadPart:
    """The file of `date_range`, with the volumes that lie in it; `downloads` is what was downloaded of each day."""
    included = [volume for volume in volumes if date_range.start <= volume.day <= date_range.end]
    downloaded_days = [downloads[volume.day] for volume in included if volume.day in downloads]
    end = f"{date_range.end:%m-%d}" if date_range.end.year == date_range.start.year else f"{date_range.end:%Y-%m-%d}"
    days = f"{date_range.start:%Y-%m-%d}" if date_range.days == 1 else f"{date_range.start:%Y-%m-%d} 至 {end}"
    return DownloadPart(
        DateRangeQuery(date_range, kind),
        sum(volume.declarations for volume in included),
        sum(volume.items for volume in included),
        f"{days} {kind.label}",
        items_known=all(volume.items_known for volume in included),
        downloaded=sum(day.declarations for day in downloaded_days),
        last_download=max((day.last for day in downloaded_days), default=None),
        outdated=sum(day.outdated for day in downloaded_days),
    )
