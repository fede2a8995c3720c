"""Until when the refund for an export has to be filed, as this program reckons it from 出口日期.

The first deadline is that of 国家税务总局公告 2026 年第 5 号, section 48, and of the rule before it: file, and collect
payment, by 30 April of the year after 出口日期. The last one is 36 months after 出口日期; after it an export is taxed
as a domestic sale. That is from the draft of the 增值税法实施条例 of August 2025, so it may change. The port knows
neither. Both can be set in the configuration.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from jiacha_tui.declaration.query import DateRange

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DeadlineRules:
    """The month and day of the first deadline, in the year after 出口日期, and the months until the last one."""

    month: int = 4
    day: int = 30
    last_after_months: int = 36

    def next_deadline(self, exported_on: date, today: date) -> date | None:
        """The first deadline that has not passed; None if both have. On its day a deadline has not passed."""
        deadlines = (self._first(exported_on.year), self._last(exported_on))
        return min((one for one in deadlines if one >= today), default=None)

    def due_within(self, today: date, days: int) -> tuple[DateRange, ...]:
        """The ranges of 出口日期 whose next deadline is at most `days` days after `today`."""
        end = today + timedelta(days=days)
        years = [year for year in range(today.year - 1, end.year) if today <= self._first(year) <= end]
        ranges = [DateRange(date(year, 1, 1), date(year, 12, 31)) for year in years]
        first = self._earliest_of_last_deadline(today)
        last = min(self._earliest_of_last_deadline(end + _ONE_DAY) - _ONE_DAY, self._last_day_past_first(today))
        return (DateRange(first, last), *ranges) if first <= last else tuple(ranges)

    def passed_until(self, today: date) -> date:
        """The last 出口日期 of which both deadlines have passed."""
        return min(self._earliest_of_last_deadline(today) - _ONE_DAY, self._last_day_past_first(today))

    def _first(self, year: int) -> date:
        """The first deadline of what was exported in `year`. A day that its month does not have is the last it has."""
        return date(year + 1, self.month, min(self.day, calendar.monthrange(year + 1, self.month)[1]))

    def _last(self, exported_on: date) -> date:
        return _months_later(exported_on, self.last_after_months)

    def _earliest_of_last_deadline(self, day: date) -> date:
        """The earliest 出口日期 whose last deadline is not before `day`."""
        exported_on = _months_later(day, -self.last_after_months)
        while self._last(exported_on) >= day:
            exported_on -= _ONE_DAY
        while self._last(exported_on) < day:
            exported_on += _ONE_DAY
        return exported_on

    def _last_day_past_first(self, today: date) -> date:
        """The last 出口日期 whose first deadline has passed."""
        return date(today.year - 1 if self._first(today.year - 1) < today else today.year - 2, 12, 31)


def _months_later(day: date, months: int) -> date:
    """The same day of the month, or its last if it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
