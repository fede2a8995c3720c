"""The lines of a breakdown for a given width: figures with bars, or the figures of months."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from rich.cells import cell_len

from jiacha_tui.declaration.breakdown import Breakdown, BreakdownLine, Figures, Measure
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.formatting import NOTHING, format_money, format_text
from screens.widgets.cells import fit

NONE = "（没有）"
_SORTED = "▼"
_FULL, _HALF = "█", "▌"
_MIN_NAME, _MAX_NAME_SHARE = 8, 3
_MIN_BAR, _MAX_BAR = 3, 30
_MEASURE_TITLE = 10
"""Cells for the measure behind the name of the grouping."""

_REST = "其余"
"""The months that are not shown, and declarations without 出口日期."""

_TEN_THOUSAND = Decimal(10_000)
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class BreakdownText:
    """The header above the lines, and the text of each line."""

    header: str
    lines: tuple[str, ...]


def figure_lines(breakdown: Breakdown, width: int) -> BreakdownText:
    """Count, items and USD of each group, each with a bar that is longest for the largest of the lines."""
    columns = [_Column(measure, breakdown) for measure in (Measure.DECLARATIONS, Measure.ITEMS, Measure.USD)]
    available = width - sum(column.width + 2 for column in columns)
    name_width = max(_MIN_NAME, min(_longest_name(breakdown), available - len(columns) * (_MIN_BAR + 1)))
    bar_width = max(0, min(_MAX_BAR, (available - name_width) // len(columns) - 1))
    header = fit(_title(breakdown, Measure.NAME, breakdown.grouping.value), name_width) + "".join(
        "  " + fit(column.title, column.width, right=True) + " " * (bar_width + 1 if bar_width else 0)
        for column in columns
    )
    lines = []
    for index, line in enumerate(breakdown.lines):
        cells = [
            "  " + fit(column.texts[index], column.width, right=True) + column.bar(index, bar_width)
            for column in columns
        ]
        lines.append(fit(_name(line), name_width) + "".join(cells).rstrip())
    return BreakdownText(header.rstrip(), tuple(lines))


def month_lines(breakdown: Breakdown, width: int) -> BreakdownText:
    """One measure of each group: all together, of the latest months that fit, and of all others."""
    measure = Measure.DECLARATIONS if breakdown.measure is Measure.NAME else breakdown.measure
    text = _grid_text(measure)
    totals = [text(line.figures) for line in breakdown.lines]
    cells = [
        [text(line.months[month]) if month in line.months else "" for month in breakdown.months]
        for line in breakdown.lines
    ]
    cell_width = max([8, *(cell_len(one) for one in totals), *(cell_len(one) for row in cells for one in row)]) + 1
    name_width = max(_MIN_NAME, min(_longest_name(breakdown), width // _MAX_NAME_SHARE, width - 4 * cell_width))
    shown = breakdown.months[: max(1, (width - name_width) // cell_width - 2)]
    unit = "（万）" if measure is Measure.USD else ""
    header = fit(f"{breakdown.grouping.value} {measure.value}{unit}", name_width) + "".join(
        fit(title, cell_width, right=True) for title in ("合计", *shown, _REST)
    )
    lines = []
    for line, total, row in zip(breakdown.lines, totals, cells, strict=True):
        rest = _without(line.figures, [line.months[month] for month in shown if month in line.months])
        texts = [total, *row[: len(shown)], text(rest) if rest.declarations else ""]
        lines.append(fit(_name(line), name_width) + "".join(fit(one, cell_width, right=True) for one in texts))
    return BreakdownText(header, tuple(lines))


def total_text(total: Figures) -> str:
    """`128 票  512 条  USD 1,284,330.00`."""
    return f"{total.declarations:,} 票  {_items(total)} 条  USD {_usd(total)}"


class _Column:
    """One measure of all lines."""

    def __init__(self, measure: Measure, breakdown: Breakdown) -> None:
        text, value = _MEASURES[measure]
        figures = [line.figures for line in breakdown.lines]
        self.texts = [text(one) for one in figures]
        self.title = _title(breakdown, measure, measure.value)
        self.width = max([cell_len(self.title), *map(cell_len, self.texts)])
        self._values = [value(one) for one in figures]
        self._largest = max(self._values, default=Decimal(0))

    def bar(self, index: int, width: int) -> str:
        """A blank and the bar of a line in `width` cells; what is more than nothing has half a block at least."""
        if not width:
            return ""
        value = self._values[index]
        halves = int(EXACT.divide_int(EXACT.multiply(value, 2 * width), self._largest)) if value > 0 else 0
        halves = max(halves, int(value > 0))
        return " " + (_FULL * (halves // 2) + _HALF * (halves % 2)).ljust(width)


def _title(breakdown: Breakdown, measure: Measure, title: str) -> str:
    return f"{title}{_SORTED}" if breakdown.measure is measure else title


def _name(line: BreakdownLine) -> str:
    text = format_text(line.name)
    return NONE if text == NOTHING else text


def _longest_name(breakdown: Breakdown) -> int:
    names = [cell_len(_name(line)) for line in breakdown.lines]
    return max([cell_len(breakdown.grouping.value) + _MEASURE_TITLE, *names])


def _items(figures: Figures) -> str:
    return f"{figures.items:,}{'' if figures.items_known else '+'}"


def _usd(figures: Figures) -> str:
    if _is_all_unknown(figures):
        return NOTHING
    return format_money(figures.usd) + ("?" if figures.usd_unknown else "")


def _is_all_unknown(figures: Figures) -> bool:
    """Whether there is nothing but unknown amounts."""
    return bool(figures.usd_unknown) and not figures.usd


def _usd_in_ten_thousands(figures: Figures) -> str:
    if _is_all_unknown(figures):
        return NOTHING
    rounded = EXACT.divide(figures.usd, _TEN_THOUSAND).quantize(_TENTH, ROUND_HALF_EVEN, EXACT)
    text = "<0.1" if not rounded and figures.usd else f"{rounded:,}"
    return text + ("?" if figures.usd_unknown else "")


def _grid_text(measure: Measure) -> Callable[[Figures], str]:
    return _usd_in_ten_thousands if measure is Measure.USD else _MEASURES[measure][0]


def _without(figures: Figures, parts: Sequence[Figures]) -> Figures:
    usd = figures.usd
    for part in parts:
        usd = EXACT.subtract(usd, part.usd)
    return Figures(
        figures.declarations - sum(part.declarations for part in parts),
        figures.items - sum(part.items for part in parts),
        usd,
        figures.usd_unknown - sum(part.usd_unknown for part in parts),
        figures.items_known,
    )


_MEASURES: dict[Measure, tuple[Callable[[Figures], str], Callable[[Figures], Decimal]]] = {
    Measure.DECLARATIONS: (lambda one: f"{one.declarations:,}", lambda one: Decimal(one.declarations)),
    Measure.ITEMS: (_items, lambda one: Decimal(one.items)),
    Measure.USD: (_usd, lambda one: one.usd),
}
