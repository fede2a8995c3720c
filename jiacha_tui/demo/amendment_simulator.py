"""Simulates customs: each day a few declarations of the demo company are amended."""

import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.demo.sample_data.randomness import random_for
from jiacha_tui.demo.sample_data.sample_rows import PopulationConfig
from jiacha_tui.demo.sample_data.workdays import ONE_DAY

AMENDMENTS_A_DAY: Final = 2
_MAX_DAYS: Final = 30 * ONE_DAY
"""After a longer absence only the last days are simulated."""

_MAX_AGE: Final = 40 * ONE_DAY
_MIN_AGE: Final = 10 * ONE_DAY
_MINUTES: Final = range(30, 6 * 60)
"""Minutes after midnight at which an amendment may be reported: the port receives them in the night."""


class AmendmentSimulator:
    """Adds the amendments of each new day to the port's store. May be used by several threads."""

    def __init__(self, config: PopulationConfig, population: Population, store: PortStore) -> None:
        self._config = config
        self._population = population
        self._store = store
        self._simulated_until = store.simulated_until(config.anchor)
        self._lock = threading.Lock()

    def simulate_until(self, now: datetime) -> None:
        """Adds the amendments of all days since the last call, up to the day of `now`."""
        today = now.date()
        if today <= self._simulated_until:
            return
        with self._lock:
            start = max(self._simulated_until, today - _MAX_DAYS) + ONE_DAY
            if start <= today:
                amendments = [amendment for day in DateRange(start, today) for amendment in self._draw_amendments(day)]
                self._store.record_simulation(self._simulated_until, today, amendments)
            self._simulated_until = today

    def _draw_amendments(self, day: date) -> Iterator[tuple[str, datetime]]:
        """Entry number and time of each amendment of `day`."""
        random = random_for(self._config.seed, "amendments of the day", day)
        midnight = datetime.combine(day, time())
        query = DateRangeQuery(DateRange(day - _MAX_AGE, day - _MIN_AGE))
        count = self._population.count(DEMO_COMPANY, query, midnight)
        for chosen in random.sample(range(count), min(count, AMENDMENTS_A_DAY)):
            for declaration in self._population.page(DEMO_COMPANY, query, midnight, chosen, 1):
                at = midnight + timedelta(minutes=random.choice(_MINUTES))
                yield declaration.summary.entry_id, at
