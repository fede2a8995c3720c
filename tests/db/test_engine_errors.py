"""Every error of the engine leaves `db` as a problem, whatever method meets it, and the cache goes on."""

import contextlib
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

import db
from db.cache import Cache
from db.declarations import Declarations
from db.filter import Filter
from db.filter.conditions import TextColumn
from db.filter.values import Days
from db.key import CacheKey
from db.outbox import Resend, ResendState
from db.problems import CacheMemoryShort, CacheProblem, CacheStopped, EngineFailed
from db.results import Result, Results
from jiacha_tui.declaration.breakdown import Grouping, Measure
from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.declaration.journal import JournalKind, JournalValue, Outcome
from jiacha_tui.declaration.model import Declaration, Kind, Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery, Query
from tests.db.samples import declaration, entry_id, summary
from tests.filters import parse_official

SECRET = "SPX-2025-0871"
"""A value of the clerk's, which the engine may quote."""

DAY = date(2025, 6, 30)
AT = datetime(2025, 7, 1, tzinfo=UTC)
UNCALLED = {"close", "drop"}
"""What is called to clean up after an error."""

ARGUMENTS: dict[object, object] = {
    str: entry_id(1),
    int: 1,
    int | None: 1,
    date: DAY,
    datetime: AT,
    Kind: Kind.CLEARED,
    Order: Order(),
    DateRange: DateRange.day(DAY),
    Iterable[DateRange]: [DateRange.day(DAY)],
    DateRangeQuery: DateRangeQuery(DateRange.day(DAY)),
    Iterable[DateRangeQuery]: [DateRangeQuery(DateRange.day(DAY))],
    NumberQuery: NumberQuery(entry_id(1)),
    Query: NumberQuery(entry_id(1)),
    Filter: parse_official("美国"),
    Filter | str: parse_official("美国"),
    Days: Days(DAY, DAY),
    Grouping: Grouping.MONTH,
    Measure: Measure.USD,
    ClerkMarks: ClerkMarks(),
    TextColumn: TextColumn.COUNTRY,
    Problem: EngineFailed("Error"),
    ResendState: ResendState.UNKNOWN,
    JournalKind: JournalKind.QUERY,
    Outcome: next(iter(Outcome)),
    Sequence[str]: [entry_id(1)],
    Sequence[Resend]: [Resend("a", (entry_id(1),), AT, ResendState.UNKNOWN, "")],
    Sequence[int]: [1],
    Sequence[Summary]: [summary(1)],
    Sequence[Declaration]: [declaration(1)],
    Iterable[Declaration]: [declaration(1)],
    Mapping[str, JournalValue]: {},
}
"""A value for each type of a parameter without a default."""


class FailingEngine:
    """The cache's connection. While `error` is set, each statement raises it."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self.engine = engine
        self.error: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def cursor(self) -> "FailingCursor":
        return FailingCursor(self, self.engine.cursor())


class FailingCursor:
    """A cursor of a `FailingEngine`."""

    def __init__(self, of: FailingEngine, cursor: duckdb.DuckDBPyConnection) -> None:
        self._of = of
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, *arguments: Any) -> Any:
        if self._of.error is not None:
            raise self._of.error
        return self._cursor.execute(*arguments)


def cache_users() -> list[Callable[[Cache], object]]:
    """The public classes of `db` that are made from a cache alone."""
    found: list[Callable[[Cache], object]] = []
    for module in pkgutil.iter_modules(db.__path__, "db."):
        for name, value in vars(importlib.import_module(module.name)).items():
            is_own = inspect.isclass(value) and value.__module__ == module.name and not name.startswith("_")
            if is_own and not issubclass(value, dict):  # a dict has no signature
                required = [one for one in inspect.signature(value).parameters.values() if one.default is one.empty]
                if [one.annotation for one in required] == [Cache]:
                    found.append(value)
    return found


def methods_of(value: object) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each public method with a value for every parameter that needs one."""
    for name, method in inspect.getmembers(value, inspect.ismethod):
        if name.startswith("_") or name in UNCALLED:
            continue
        hints = typing.get_type_hints(method)
        parameters = inspect.signature(method).parameters.values()
        needed = {one.name: argument(hints[one.name]) for one in parameters if one.default is one.empty}
        yield f"{type(value).__name__}.{name}", lambda method=method, needed=needed: method(**needed)  # type: ignore[misc]


def argument(kind: object) -> object:
    matches = [value for known, value in ARGUMENTS.items() if known == kind]
    assert matches, f"no example of {kind}"
    return matches[0]


@pytest.fixture
def failing(cache: Cache) -> FailingEngine:
    """The engine of `cache`, which fails once its `error` is set."""
    engine = FailingEngine(cache._engine)
    cache._engine = typing.cast("duckdb.DuckDBPyConnection", engine)
    return engine


@pytest.fixture
def all_methods(cache: Cache, failing: FailingEngine) -> list[tuple[str, Callable[[], object]]]:
    """Every public method of `db` that asks the engine for something."""
    Declarations(cache).merge_rows([summary(1)])
    Declarations(cache).put_details([declaration(1)])
    users = [user(cache) for user in cache_users()]
    result = Results(cache).run("")
    result.entry_ids()
    found = [method for user in [*users, result] for method in methods_of(user)]
    return [(name, call) for name, call in found if name not in ("Result.window", "Result.date_ranges")]


def test_the_walk_finds_the_classes_and_their_methods(all_methods: list[tuple[str, Callable[[], object]]]) -> None:
    names = {name for name, _ in all_methods}
    assert {"Declarations.merge_rows", "Journal.write", "Outbox.put", "Results.run"} <= names
    assert len(names) > 40


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (duckdb.Error(f"Unknown Error: {SECRET}"), EngineFailed),
        (
            duckdb.InvalidInputException(f"Invalid Input Error: Max expression depth limit of 1000 {SECRET}"),
            EngineFailed,
        ),
        (duckdb.ConstraintException(f"Constraint Error: Duplicate key {SECRET}"), EngineFailed),
        (RuntimeError(f"Unable to cast {SECRET}"), EngineFailed),
        (duckdb.OutOfMemoryException(f"Out of Memory Error: {SECRET}"), CacheMemoryShort),
        (MemoryError(SECRET), CacheMemoryShort),
        (duckdb.InternalException(f"INTERNAL Error: {SECRET}"), CacheStopped),
        (duckdb.FatalException(f"FATAL Error: {SECRET}"), CacheStopped),
        (duckdb.InterruptException("INTERRUPT Error: Interrupted!"), CacheProblem),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_every_method_says_what_happened_and_the_cache_goes_on(
    cache: Cache,
    failing: FailingEngine,
    all_methods: list[tuple[str, Callable[[], object]]],
    error: Exception,
    problem: type[Problem],
) -> None:
    for name, call in all_methods:
        failing.error = error
        with pytest.raises(problem) as caught:
            call()
        failing.error = None
        assert caught.value.message, name
        assert caught.value.hint, name
        assert SECRET not in str(caught.value), name
        assert SECRET not in caught.value.hint, name
    assert Declarations(cache).count() == 1
    assert Results(cache).run("浦东").totals.declarations == 1


def test_a_dead_connection_is_a_problem_for_every_method(
    cache: Cache, failing: FailingEngine, all_methods: list[tuple[str, Callable[[], object]]]
) -> None:
    failing.engine.close()
    for _name, call in all_methods:
        with pytest.raises(CacheStopped):
            call()


def test_a_value_that_the_engine_cannot_take_is_a_problem(cache: Cache) -> None:
    result: Result = Results(cache).run("")
    with pytest.raises(EngineFailed):
        result.position_of("\ud800")


def test_an_engine_that_fails_while_the_cache_is_opened(
    tmp_path: Path, key: CacheKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise duckdb.Error(SECRET)

    with monkeypatch.context() as patch:
        patch.setattr("db.engine.duckdb.connect", fail)
        with pytest.raises(EngineFailed):
            Cache.open(tmp_path / "caches" / "cache.duckdb", key)
    with contextlib.closing(Cache.open(tmp_path / "caches" / "cache.duckdb", key)) as cache:
        assert Declarations(cache).count() == 0
