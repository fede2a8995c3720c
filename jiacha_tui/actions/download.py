"""XML 文件下载 (manual 2.1.2, 2.1.6): plan files that pass the port's caps, fetch, check and store them.

What the port sends is stored unchanged. It is checked first: well-formed, and for the card that is logged in as far
as its container tells.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jiacha_tui.actions.browse import View
from jiacha_tui.actions.folders import open_folder
from jiacha_tui.actions.query import str_of
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.shielded import to_its_end
from jiacha_tui.actions.workplace import NotOnline
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.declaration.file_name import download_file_name
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import ByNumber, BySpan, Query, Span
from jiacha_tui.declaration.rules import Refusal, check_download, check_download_size, is_download_cap
from jiacha_tui.declaration.split import DayLoad, split
from jiacha_tui.port.problems import PortUnreachable
from jiacha_tui.private_files import DiskFull
from jiacha_tui.sealed.check import Checked, Recipient, Signature, check
from jiacha_tui.sealed.store import store

_ENDS_ALL = (PortUnreachable, NotOnline, DiskFull, CardProblem)
"""After one of these the next file would fail in the same way."""

MOST_SINGLE_FILES = 50
"""Above this many declarations, one file each is not offered."""


class NothingToDownload(Refusal):
    def __init__(self) -> None:
        super().__init__("download.nothing", "没有可下载的报关单", "请先按 F3 查询或按 F5 同步，再下载")


class WrongFile(Problem):
    """What the port sent must not go to the tax bureau; it was not kept."""

    def __init__(self, what: str) -> None:
        super().__init__("download.wrong-file", f"{what}，没有保存", "请用登录的卡重新下载；仍然如此请联系口岸")


@dataclass(frozen=True, slots=True)
class DownloadPart:
    """One file to be: what it is asked for by, and what the cache knows of its size."""

    query: Query
    declarations: int
    items: int
    title: str


@dataclass(frozen=True, slots=True)
class DownloadPlan:
    """One way to download what was asked for.

    `refusal` is the cap that one single file would have broken; None where no split was needed. `extra` counts the
    declarations in the files that were not asked for, because the port downloads whole spans. `items_known` is false
    where details are missing in the cache, so that the port may still find a file too large.
    """

    title: str
    parts: tuple[DownloadPart, ...]
    refusal: Problem | None = None
    extra: int = 0
    items_known: bool = True


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A stored file; `verified` says in Chinese what the check found."""

    path: Path
    declarations: int
    size: int
    seconds: float
    verified: str


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """What became of a plan. `rest` is what it still lacks: what failed and what `cancelled` left undone.

    A part that the port found to hold too much is in `rest` as two smaller ones.
    """

    files: tuple[DownloadedFile, ...]
    failures: tuple[tuple[DownloadPart, Problem], ...]
    rest: tuple[DownloadPart, ...]
    cancelled: bool


async def plan_query(session: Session, query: Query) -> DownloadPlan:
    """How to download what `query` asks for. Raises `NothingToDownload` when the cache knows of nothing there."""
    session.the_port()
    if isinstance(query, ByNumber):
        return await plan_entries(session, [query.entry_id])
    return await asyncio.to_thread(_plan_spans, session, {query.kind: query.span}, None)


async def plan_view(session: Session, view: View) -> tuple[DownloadPlan, ...]:
    """The ways to download what the table shows, the best first: by span of 出口日期, else one file each.

    A view that is not all of its span can be had with the rest of the span (`extra`) or one by one.
    """
    session.the_port()
    if not len(view):
        raise NothingToDownload
    spans = await asyncio.to_thread(view.result.spans)
    by_span = await asyncio.to_thread(_plan_spans, session, spans, len(view))
    if by_span.extra == 0 or len(view) > MOST_SINGLE_FILES:
        return (by_span,)
    entry_ids = await asyncio.to_thread(view.result.ids, MOST_SINGLE_FILES)
    return (await plan_entries(session, entry_ids), by_span)


async def plan_entries(session: Session, entry_ids: Sequence[str]) -> DownloadPlan:
    """One file for each declaration. Raises `NothingToDownload` for none that came from the port."""
    session.the_port()
    lines = await asyncio.to_thread(session.declarations.summaries, entry_ids)
    if not lines:
        raise NothingToDownload
    parts = tuple(DownloadPart(ByNumber(line.entry_id, line.kind), 1, 0, f"报关单 {line.entry_id}") for line in lines)
    title = "下载这一票" if len(parts) == 1 else f"逐票下载，{len(parts)} 个文件"
    return DownloadPlan(title, parts)


async def plan_picked(session: Session, entry_ids: Sequence[str]) -> DownloadPlan:
    """One file for each declaration that was picked, told apart from what the table shows."""
    plan = await plan_entries(session, entry_ids)
    return replace(plan, title=f"选中的 {len(plan.parts)} 票，逐票下载")


async def run(
    session: Session, plan: DownloadPlan, folder: Path, on_progress: Callable[[int, int, str], None]
) -> DownloadReport:
    """Downloads the plan's parts one after the other into `folder`.

    `on_progress` is told (done, total, title) before each. A part that fails does not stop the next ones, unless
    port, card or disk have failed for all of them. Cancelling the task ends it between two files. Raises `Problem`
    for a folder that cannot be written to, before anything is asked for.
    """
    folder = await open_folder(str(folder))
    files: list[DownloadedFile] = []
    failures: list[tuple[DownloadPart, Problem]] = []
    rest: list[DownloadPart] = []
    for index, part in enumerate(plan.parts):
        on_progress(index, len(plan.parts), part.title)
        try:
            await _download(session, part, folder, files)
        except asyncio.CancelledError:
            undone = plan.parts[len(files) + len(failures) :]
            return DownloadReport(tuple(files), tuple(failures), (*rest, *undone), cancelled=True)
        except Problem as problem:
            await asyncio.to_thread(
                session.journal.write,
                JournalKind.DOWNLOAD,
                (),
                Outcome.REFUSED if isinstance(problem, Refusal) else Outcome.FAILED,
                problem.what,
                {"query": str_of(part.query)},
            )
            failures.append((part, problem))
            rest.extend(await asyncio.to_thread(_again, session, part, problem))
            if isinstance(problem, _ENDS_ALL):
                failures.extend((later, problem) for later in plan.parts[index + 1 :])
                rest.extend(plan.parts[index + 1 :])
                break
    on_progress(len(plan.parts), len(plan.parts), "")
    return DownloadReport(tuple(files), tuple(failures), tuple(rest), cancelled=False)


async def _download(session: Session, part: DownloadPart, folder: Path, files: list[DownloadedFile]) -> None:
    """Adds the file of `part` to `files`, also when cancelled after its bytes have come: they are stored then."""
    started = time.monotonic()
    data = await session.ask(lambda port: port.download(part.query))
    if isinstance(part.query, BySpan):
        check_download_size(part.query.span, len(data))

    async def keep() -> None:
        files.append(await asyncio.to_thread(_keep, session, part, folder, data, started))

    await to_its_end(keep())


def _again(session: Session, part: DownloadPart, problem: Problem) -> tuple[DownloadPart, ...]:
    """What to try next for a part that failed: halves where it holds more than the cache could know, else the same."""
    if not isinstance(part.query, BySpan) or not is_download_cap(problem.what):
        return (part,)
    kind = part.query.kind
    loads = session.declarations.day_loads(part.query.span, kind)
    middle = len(loads) // 2
    halves = [half for half in (loads[:middle], loads[middle:]) if half]
    return tuple(
        _part(
            kind,
            Span(half[0].day, half[-1].day),
            sum(load.declarations for load in half),
            sum(load.items for load in half),
        )
        for half in halves
    )


def _keep(session: Session, part: DownloadPart, folder: Path, data: bytes, started: float) -> DownloadedFile:

    verified = _verified(check(data, session.card.identity.certificate))
    extent = session.declarations.extent(part.query)
    if extent is None:
        raise NothingToDownload
    now = session.workplace.clock()
    # The name needs its dates; where the port listed none, the days that are known stand in.
    exported = extent.exported or Span.day(now.date())
    name = download_file_name(
        session.face.card_number,
        exported=exported,
        reported=extent.reported or exported,
        first_entry_id=extent.first_entry_id,
        last_entry_id=extent.last_entry_id,
        at=now,
    )
    path = store(folder, name, data)
    session.journal.write(
        JournalKind.DOWNLOAD,
        (),
        Outcome.DONE,
        f"下载 {extent.declarations} 票",
        {"query": str_of(part.query), "path": str(path), "size": len(data)},
    )
    session.declarations.mark_downloaded(part.query, now)
    return DownloadedFile(path, extent.declarations, len(data), time.monotonic() - started, verified)


def _verified(checked: Checked) -> str:
    """What is known of a file before it is stored. Raises `WrongFile` for one that must not be used."""
    if checked.recipient is Recipient.OTHER:
        raise WrongFile("收到的文件是为另一张卡加密的")
    if checked.signature is Signature.BAD:
        raise WrongFile("收到的文件签名不符，内容可能已被改动")
    if not checked.well_formed:
        return "不是 XML，按原样保存"
    card = "为本卡加密" if checked.recipient is Recipient.THIS else "收件卡无法判断"
    return f"XML 完整，{card}" + ("，签名有效" if checked.signature is Signature.GOOD else "")


def _plan_spans(session: Session, spans: dict[Kind, Span], wanted: int | None) -> DownloadPlan:
    """The files for `spans`; `wanted` is how many declarations were asked for, None for all of them."""
    parts: list[DownloadPart] = []
    refusal: Problem | None = None
    items_known = True
    for kind, span in spans.items():
        loads = session.declarations.day_loads(span, kind)
        if not loads:
            continue
        items_known = items_known and all(load.items_known for load in loads)
        try:
            _check(span, loads)
            parts.append(_part(kind, span, sum(load.declarations for load in loads), sum(load.items for load in loads)))
        except Refusal as problem:
            refusal = refusal or problem
            parts.extend(_part(kind, one.span, one.declarations, one.items) for one in split(loads))
    if not parts:
        raise NothingToDownload
    found = sum(part.declarations for part in parts)
    title = "按出口日期下载" if len(parts) == 1 else f"按出口日期下载，{len(parts)} 个文件"
    return DownloadPlan(title, tuple(parts), refusal, found - wanted if wanted is not None else 0, items_known)


def _check(span: Span, loads: Sequence[DayLoad]) -> None:
    check_download(span, sum(load.items for load in loads))
    check_download_size(span, sum(load.bytes_estimate for load in loads))


def _part(kind: Kind, span: Span, declarations: int, items: int) -> DownloadPart:
    end = f"{span.end:%m-%d}" if span.end.year == span.start.year else f"{span.end:%Y-%m-%d}"
    days = f"{span.start:%Y-%m-%d}" if span.days == 1 else f"{span.start:%Y-%m-%d} 至 {end}"
    return DownloadPart(BySpan(span, kind), declarations, items, f"{days} {kind.label}")
