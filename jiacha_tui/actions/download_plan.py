"""Plan an XML 文件下载 (manual 2.1.2, 2.1.6): the fewest files that pass the caps of the port."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from jiacha_tui.actions.problems import NothingToDownload
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery, Query
from jiacha_tui.declaration.rules import Refusal, check_download, check_download_size, is_download_cap_message
from jiacha_tui.declaration.split import DailyVolume, split

if TYPE_CHECKING:
    from db.declarations import DailyDownloads

MOST_SINGLE_FILES = 50
"""Above this many declarations, one file each is not offered."""


@dataclass(frozen=True, slots=True)
class DownloadPart:
    """One file to be: what it is asked for by, and what the cache knows of it.

    `items` counts the items that are in the cache; where `items_known` is false some details are missing and the file
    holds more. `downloaded` of the declarations were downloaded from here before, the last of them at the aware moment
    `last_download`.
    """

    query: Query
    declarations: int
    items: int
    title: str
    items_known: bool = True
    downloaded: int = 0
    last_download: datetime | None = None


@dataclass(frozen=True, slots=True)
class DownloadPlan:
    """One way to download what was asked for.

    `refusal` is the cap that one single file would have broken; None where no split was needed. `extra` counts the
    declarations in the files that were not asked for, because the port downloads whole spans. `from_files`
    counts what was asked for and only imported files have told of: the port does not list it.
    """

    title: str
    parts: tuple[DownloadPart, ...]
    refusal: Problem | None = None
    extra: int = 0
    from_files: int = 0

    @property
    def declarations(self) -> int:
        return sum(part.declarations for part in self.parts)

    @property
    def items_known(self) -> bool:
        """Whether no detail is missing in the cache; else the port may still find a file too large."""
        return all(part.items_known for part in self.parts)

    @property
    def downloaded(self) -> int:
        """How many of the declarations were downloaded from here before."""
        return sum(part.downloaded for part in self.parts)

    @property
    def last_download(self) -> datetime | None:
        """When the last of them was, an aware moment."""
        return max((part.last_download for part in self.parts if part.last_download is not None), default=None)


async def plan_query(session: Session, query: Query) -> DownloadPlan:
    """How to download what `query` asks for. Raises `NothingToDownload` when the cache knows of nothing there."""
    session.require_port()
    if isinstance(query, NumberQuery):
        return await plan_entries(session, [query.entry_id])
    return await asyncio.to_thread(_plan_spans, session, {query.kind: query.date_range}, None)


async def plan_view(session: Session, view: ResultView) -> tuple[DownloadPlan, ...]:
    """The ways to download what the table shows, the best first: by span of 出口日期, else one file each.

    A view that is not all of its span can be had with the rest of the span (`extra`) or one by one.
    """
    session.require_port()
    wanted = view.result.listed
    if not wanted:
        raise NothingToDownload
    spans = await asyncio.to_thread(view.result.spans)
    by_span = await asyncio.to_thread(_plan_spans, session, spans, wanted)
    by_span = replace(by_span, from_files=len(view) - wanted)
    if by_span.extra == 0 or len(view) > MOST_SINGLE_FILES:
        return (by_span,)
    shown = await asyncio.to_thread(view.result.entry_ids, MOST_SINGLE_FILES)
    entry_ids = await asyncio.to_thread(session.declarations.listed, shown)
    return (await plan_entries(session, entry_ids), by_span)


async def plan_entries(session: Session, entry_ids: Sequence[str]) -> DownloadPlan:
    """One file for each declaration. Raises `NothingToDownload` where the cache knows of none."""
    session.require_port()
    parts = await asyncio.to_thread(_single_parts, session, entry_ids)
    if not parts:
        raise NothingToDownload
    title = "下载这一票" if len(parts) == 1 else f"逐票下载，{len(parts)} 个文件"
    return DownloadPlan(title, parts)


async def plan_picked(session: Session, entry_ids: Sequence[str]) -> DownloadPlan:
    """One file for each declaration that was picked, told apart from what the table shows."""
    plan = await plan_entries(session, entry_ids)
    return replace(plan, title=f"选中的 {len(plan.parts)} 票，逐票下载")


def next_parts(session: Session, part: DownloadPart, problem: Problem) -> tuple[DownloadPart, ...]:
    """What to ask for next where `part` failed: halves where it holds more than the cache could know, else the same."""
    if not isinstance(part.query, DateRangeQuery) or not is_download_cap_message(problem.message):
        return (part,)
    kind, span = part.query.kind, part.query.date_range
    loads = session.declarations.daily_volumes(span, kind)
    before = session.declarations.daily_downloads(span, kind)
    middle = len(loads) // 2
    halves = [half for half in (loads[:middle], loads[middle:]) if half]
    return tuple(_span_part(kind, DateRange(half[0].day, half[-1].day), half, before) for half in halves)


def _single_parts(session: Session, entry_ids: Sequence[str]) -> tuple[DownloadPart, ...]:
    before = session.declarations.downloaded_at(entry_ids)
    return tuple(
        DownloadPart(
            NumberQuery(line.entry_id, line.kind),
            1,
            0,
            f"报关单 {line.entry_id}",
            downloaded=int(line.entry_id in before),
            last_download=before.get(line.entry_id),
        )
        for line in session.declarations.summaries(entry_ids)
    )


def _plan_spans(session: Session, spans: dict[Kind, DateRange], wanted: int | None) -> DownloadPlan:
    """The files for `spans`; `wanted` is how many declarations were asked for, None for all of them."""
    parts: list[DownloadPart] = []
    refusal: Problem | None = None
    for kind, span in spans.items():
        loads = session.declarations.daily_volumes(span, kind)
        if not loads:
            continue
        spans_of_files = [span]
        try:
            _check(span, loads)
        except Refusal as problem:
            refusal = refusal or problem
            spans_of_files = [one.date_range for one in split(loads)]
        before = session.declarations.daily_downloads(span, kind)
        parts.extend(_span_part(kind, one, loads, before) for one in spans_of_files)
    if not parts:
        raise NothingToDownload
    found = sum(part.declarations for part in parts)
    title = "按出口日期下载" if len(parts) == 1 else f"按出口日期下载，{len(parts)} 个文件"
    return DownloadPlan(title, tuple(parts), refusal, found - wanted if wanted is not None else 0)


def _check(span: DateRange, loads: Sequence[DailyVolume]) -> None:
    check_download(span, sum(load.items for load in loads))
    check_download_size(span, sum(load.bytes_estimate for load in loads))


def _span_part(
    kind: Kind, span: DateRange, loads: Sequence[DailyVolume], before: "Mapping[date, DailyDownloads]"
) -> DownloadPart:
    """The file of `span`, which holds those of `loads` that lie in it; `before` is what was downloaded of each day."""
    held = [load for load in loads if span.start <= load.day <= span.end]
    again = [before[load.day] for load in held if load.day in before]
    end = f"{span.end:%m-%d}" if span.end.year == span.start.year else f"{span.end:%Y-%m-%d}"
    days = f"{span.start:%Y-%m-%d}" if span.days == 1 else f"{span.start:%Y-%m-%d} 至 {end}"
    return DownloadPart(
        DateRangeQuery(span, kind),
        sum(load.declarations for load in held),
        sum(load.items for load in held),
        f"{days} {kind.label}",
        items_known=all(load.items_known for load in held),
        downloaded=sum(one.declarations for one in again),
        last_download=max((one.last for one in again), default=None),
    )
