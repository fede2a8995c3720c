"""Saves what a damaged cache still has and the port does not: journal, resends, and the marks of each declaration.

Each table becomes a file of JSON Lines: one object for each row, with the names of the columns (docs/saved-tables.md).
Times are UTC. Control characters are visible. The files are not encrypted, and private.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from db.key import CacheKey
from db.outbox import Resend, ResendState
from db.readable_state import ReadableState, readable_state
from db.table_reader import FoundRow, TableCondition, TableReader
from db.table_reader_worker import TableInfo
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.private_files import private_folder, replace_private

TABLES_OF_THE_PORT: Final = frozenset(
    {"detail_failure", "head", "item", "list_reading", "listing", "migration", "pinyin", "sync"}
)
"""What a sync brings back, and what only an interrupted sync needs. Every other table is saved."""

COLUMNS_OF_THE_PORT: Final = frozenset(
    {
        *("id", "kind", "origin", "exit_customs", "reported_at", "usd_amount", "port_prints", "transfer_state"),
        *("dec_flag", "container_flag", "detail_token", "destination_country", "consignor_name", "contract_no"),
        *("trade_mode", "item_count", "goods", "has_detail", "detail_due", "print_count", "listed_in", "row_unread"),
        "row_changed_at",
        *("port_search", "state_search", "country_search", "consignor_search", "contract_search", "trade_search"),
        *("port_sort", "state_sort", "country_sort", "consignor_sort", "trade_sort", "goods_sort"),
    }
)
"""Columns of `declaration` that a sync brings back. Every other column is saved."""

_IDENTIFYING: Final = frozenset({"entry_id", "exported_on"})
_MARKS: Final = "marks"


@dataclass(frozen=True, slots=True)
class RescueReport:
    """What was saved of a cache. `tables` are by the name of their file; none if the cache could not be opened at all.

    `unknown` are the resends of which it is not known whether they reached the port, with the declarations that this
    concerns. `as_of` is the time of the newest journal entry; None if there is none.
    """

    tables: tuple[TableCondition, ...] = ()
    unknown: tuple[Resend, ...] = ()
    as_of: datetime | None = None
    is_newest: bool = True

    @property
    def is_readable(self) -> bool:
        """Whether the cache could be opened."""
        return bool(self.tables)

    def table(self, name: str) -> TableCondition:
        """What was saved under this name."""
        return next((table for table in self.tables if table.name == name), TableCondition(name))

    @property
    def is_complete(self) -> bool:
        """Whether everything was saved, up to the last commit."""
        return self.is_readable and self.is_newest and all(table.is_good for table in self.tables)


def rescue(path: Path, key: CacheKey, folder: Path) -> RescueReport:
    """Writes what can be read of the cache at `path` into `folder`, and returns a report. The cache is not changed.

    Raises FileProblem if the files cannot be written.
    """
    with TableReader(key) as reader, readable_state(reader, path) as state:
        return RescueReport() if state is None else _save(state, folder)


def newest_entry_at(state: ReadableState) -> datetime | None:
    """The time of the newest journal entry of a state; None if there is none that can be read."""
    table = state.table("journal")
    if table is None:
        return None
    return max(
        _times(state.reader.read(table, ("written_at",), TableCondition(table.name)), "written_at"), default=None
    )


def _save(state: ReadableState, folder: Path) -> RescueReport:
    private_folder(folder)
    conditions: dict[str, TableCondition] = {}
    rows_of: dict[str, list[FoundRow]] = {}
    for table in state.tables:
        if table.name in TABLES_OF_THE_PORT:
            continue
        name, rows, condition = _saved_rows(state.reader, table)
        replace_private(folder / f"{name}.jsonl", b"".join(map(_line, rows)))
        conditions[name] = condition
        rows_of[name] = rows
    marks_are_whole = _MARKS in conditions and conditions[_MARKS].is_good
    return RescueReport(
        tuple(conditions.values()),
        unknown_resends(rows_of, marks_are_whole=marks_are_whole),
        max(_times(rows_of.get("journal", ()), "written_at"), default=None),
        state.is_newest,
    )


def _saved_rows(reader: TableReader, table: TableInfo) -> tuple[str, list[FoundRow], TableCondition]:
    if table.name != "declaration":
        condition = TableCondition(table.name)
        return table.name, list(reader.read(table, table.columns, condition)), condition
    read = TableCondition(_MARKS)
    columns = [column for column in table.columns if column not in COLUMNS_OF_THE_PORT]
    rows = [row for row in reader.read(table, columns, read) if _is_marked(row)]
    # Only the rows with a mark are saved. What could not be read may have had one.
    whole = sum(len(row) == len(columns) for row in rows)
    return _MARKS, rows, TableCondition(_MARKS, whole, read.partial, read.lost)


def _is_marked(row: FoundRow) -> bool:
    return any(value for column, value in row.items() if column not in _IDENTIFYING)


def unknown_resends(rows_of: Mapping[str, list[FoundRow]], *, marks_are_whole: bool) -> tuple[Resend, ...]:
    """The resends without an answer, or whose answer was that nothing is known, as far as nobody has resolved them.

    An answer that could not be read counts as none: to ask again costs less than to send twice.
    """
    states = {row["resend_id"]: row.get("state") for row in rows_of.get("resend_answer", ()) if "resend_id" in row}
    marks = rows_of.get(_MARKS, [])
    marked = {row["entry_id"] for row in marks if row.get("resend_unknown_at") and "entry_id" in row}
    found = []
    for row in rows_of.get("resend", ()):
        if not {"id", "entry_ids", "put_at"} <= row.keys():
            continue
        state = states.get(row["id"])
        entry_ids = tuple(str(entry_id) for entry_id in _list(row["entry_ids"]))
        if state == ResendState.UNKNOWN.value and marks_are_whole:
            entry_ids = tuple(entry_id for entry_id in entry_ids if entry_id in marked)
        if state in (None, ResendState.UNKNOWN.value) and entry_ids:
            at = datetime.fromisoformat(str(row["put_at"])).replace(tzinfo=UTC)
            found.append(Resend(str(row["id"]), entry_ids, at, ResendState.UNKNOWN, ""))
    return tuple(found)


def _times(rows: Iterable[FoundRow], column: str) -> Iterator[datetime]:
    for row in rows:
        if isinstance(text := row.get(column), str):
            yield datetime.fromisoformat(text).replace(tzinfo=UTC)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _line(row: FoundRow) -> bytes:
    return msgspec.json.encode({column: _visible(value) for column, value in row.items()}) + b"\n"


def _visible(value: object) -> object:
    if isinstance(value, str):
        return escape_controls(value)
    return [_visible(one) for one in value] if isinstance(value, list) else value
