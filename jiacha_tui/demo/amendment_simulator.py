"""What happens at the port by itself: each day customs sends a few amendments."""

import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.demo.sample_data.declaration_rows import PopulationConfig
from jiacha_tui.demo.sample_data.randomness import stream
from jiacha_tui.demo.sample_data.workdays import ONE_DAY

AMENDMENTS_A_DAY: Final = 2
_LONGEST_CATCH_UP: Final = 30 * ONE_DAY
"""After a longer absence only the last days are caught up with."""

_OLDEST: Final = 40 * ONE_DAY
_YOUNGEST: Final = 10 * ONE_DAY
_EARLY_HOURS: Final = range(30, 6 * 60)
"""Minutes after midnight at which the night's batch may come."""


class AmendmentSimulator:
    """Keeps the port's state abreast of the calendar. May be used by several threads."""

    def __init__(self, basis: PopulationConfig, population: Population, state: PortStore) -> None:
        self._basis = basis
        self._population = population
        self._state = state
        self._until = state.lived_until(basis.anchor)
        self._lock = threading.Lock()

    def catch_up(self, now: datetime) -> None:
        """Let happen what has happened since the last time."""
        today = now.date()
        if today <= self._until:
            return
        with self._lock:
            start = max(self._until, today - _LONGEST_CATCH_UP) + ONE_DAY
            if start <= today:
                amendments = [one for day in DateRange(start, today) for one in self._amendments(day)]
                self._state.live_on(self._until, today, amendments)
            self._until = today

    def _amendments(self, day: date) -> Iterator[tuple[str, datetime]]:
        random = stream(self._basis.seed, "amendments of the day", day)
        midnight = datetime.combine(day, time())
        span = DateRangeQuery(DateRange(day - _OLDEST, day - _YOUNGEST))
        count = self._population.count(DEMO_COMPANY, span, midnight)
        for chosen in random.sample(range(count), min(count, AMENDMENTS_A_DAY)):
            for declaration in self._population.page(DEMO_COMPANY, span, midnight, chosen, 1):
                at = midnight + timedelta(minutes=random.choice(_EARLY_HOURS))
                yield declaration.summary.entry_id, at
