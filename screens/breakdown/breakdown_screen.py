"""汇总: the declarations of a filter in groups, each with its figures. A group can be made the filter."""

from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from jiacha_tui.actions.breakdown import BreakdownBrowser, BreakdownQuery
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.breakdown import Breakdown, BreakdownLine, Grouping, Measure
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.base.dismiss_once import DismissOnceScreen
from screens.breakdown.lines import NONE, BreakdownText, figure_lines, month_lines, total_text
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import CommandHandler
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.widgets.cells import fit, wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.key_footer import KeyFooter
from screens.widgets.status_bar import StatusBar
from screens.widgets.wait_line import WaitLine

_HELP = Section.of(
    "汇总",
    "把当前筛选的报关单分组，每组的票数、条数、美元各有一条横线，最长的是各行中最大的。口岸不再列出的不算。",
    "←→ 换分组，空格换排序（票数、条数、USD、名称），Tab 按月分列；Enter 把光标所在的一组变成筛选，退格回来。",
    "按月分列时，“其余”是没有列出的月份和没有出口日期的；USD 以万为单位。",
    "月份是出口日期的月份。按商品章、商品名称、币制分时，一票含几组就各计一次票数，合计不等于各行之和。",
    "“+” 还有缺详情的，条数可能更多；“?” 有的没有美元金额，没有算在内；“–” 都没有。",
)
_OF_DETAIL = frozenset({Grouping.COUNTRY, Grouping.TRADE})
"""What is known only from the detail. A declaration without it is in the group of what has none."""

_HINT = "Enter 看这一组 · 退格 返回 · F9 全部命令"
_NOTHING = "没有汇总出来"
_EMPTY = "没有符合筛选的报关单"
_NO_ITEMS = "这些报关单没有表体，或详情还没有取到"


@dataclass(frozen=True, slots=True)
class BreakdownState:
    """How a breakdown is shown, and the key of the line with the cursor, None for the first one."""

    grouping: Grouping = Grouping.MONTH
    measure: Measure = Measure.NAME
    with_months: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class BreakdownClosed:
    """How the breakdown was shown last, and the filter of the line that was chosen, None if none was."""

    state: BreakdownState
    filter_text: str | None = None


class BreakdownScreen(CommandHandler, DismissOnceScreen[BreakdownClosed]):
    """Shows the groups of the declarations that `filter_text`, a valid filter, finds."""

    DEFAULT_CSS = """
    BreakdownScreen { layout: vertical; overflow: hidden; }
    BreakdownScreen > Static { height: auto; padding: 0 1; }
    BreakdownScreen #title { background: $bar; color: $bar-text; }
    BreakdownScreen #header { text-style: bold underline; padding: 0 1 0 3; }
    BreakdownScreen #lines { height: 1fr; margin: 0 1; }
    """

    AUTO_FOCUS = "ChoiceList"
    SCOPES = (Scope.BREAKDOWN, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def __init__(self, session: Session, filter_text: str, state: BreakdownState) -> None:
        super().__init__()
        self._browser = BreakdownBrowser(session)
        self._filter_text = filter_text
        self._state = state
        self._breakdown: Breakdown | None = None
        self._shown: BreakdownState | None = None
        """How the lines are grouped; None before the first ones."""
        self._enter_waits = False
        """Whether Enter was pressed after the last change, before its lines came."""

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="groupings", markup=False)
        yield Static(id="header", markup=False)
        yield ChoiceList(awaited=True, id="lines")
        yield Static(id="note", markup=False)
        yield WaitLine()
        yield StatusBar(_HINT)
        yield KeyFooter()

    def on_mount(self) -> None:
        self._run()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def on_notice(self, notice: Notice) -> None:
        self.query_one(StatusBar).show_notice(notice)

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def disabled_reason(self, command: Command) -> str:
        if command.id == "grid" and self._state.grouping is Grouping.MONTH:
            return "已经是按月份分组，请先按 → 换一种"
        return ""

    def action_next_grouping(self) -> None:
        self._change_grouping(1)

    def action_previous_grouping(self) -> None:
        self._change_grouping(-1)

    def action_sort_groups(self) -> None:
        measures = list(Measure)
        following = measures[(measures.index(self._state.measure) + 1) % len(measures)]
        self._change(replace(self._current_state(), measure=following))

    def action_grid(self) -> None:
        self._change(replace(self._current_state(), with_months=not self._state.with_months))

    def action_step_back(self) -> None:
        self.action_close()

    def action_close(self) -> None:
        self.dismiss(BreakdownClosed(self._current_state()))

    @on(ChoiceList.Chosen, "#lines")
    def _line_chosen(self) -> None:
        if self._is_shown:
            self._narrow()
        else:
            self._enter_waits = True

    @on(ChoiceList.Moved, "#lines")
    def _cursor_moved(self) -> None:
        self._draw_note()

    def _narrow(self) -> None:
        """Dismisses with the filter of the line with the cursor."""
        line = self._line
        if line is None:
            return
        try:
            filter_text = self._browser.narrowed(self._filter_text, line)
        except Problem as problem:
            self.post_message(Notice.of(problem))
        else:
            self.dismiss(BreakdownClosed(self._current_state(), filter_text))

    def _change_grouping(self, step: int) -> None:
        groupings = list(Grouping)
        grouping = groupings[(groupings.index(self._state.grouping) + step) % len(groupings)]
        state = replace(self._state, grouping=grouping, key=None)
        if grouping is Grouping.MONTH:
            state = replace(state, measure=Measure.NAME, with_months=False)
        elif self._state.grouping is Grouping.MONTH and state.measure is Measure.NAME:
            state = replace(state, measure=Measure.DECLARATIONS)
        self._change(state)

    def _change(self, state: BreakdownState) -> None:
        if self._drop_keys():
            self.post_message(Notice("汇总换了，之前按的键没有执行"))
        self._state = state
        self._draw_groupings()
        self._run()

    def _run(self) -> None:
        self.run_worker(self._show(), exclusive=True, group="show")

    async def _show(self) -> None:
        state = self._state
        query = BreakdownQuery(self._filter_text, state.grouping, state.measure, state.with_months)
        try:
            breakdown = await self._browser.show(query)
        except Problem as problem:
            self._drop_keys()
            if self._shown is None:
                self.query_one("#lines", ChoiceList).show([Choice(Text(_NOTHING), enabled=False)])
            else:
                self._state = self._shown
                self._draw_groupings()
            self.post_message(Notice.of(problem))
            return
        if breakdown is not None:
            self._breakdown, self._shown = breakdown, state
            self._draw(state.key)
            if self._enter_waits:
                self._narrow()

    def _drop_keys(self) -> bool:
        """Drops the keys that wait for lines: they were not meant for others. Returns whether there were any."""
        enter_waited, self._enter_waits = self._enter_waits, False
        return self.query_one("#lines", ChoiceList).drop_keys() or enter_waited

    @property
    def _is_shown(self) -> bool:
        """Whether the lines are those of `_state`."""
        return self._shown == self._state

    @property
    def _line(self) -> BreakdownLine | None:
        index = self.query_one("#lines", ChoiceList).index
        lines = self._breakdown.lines if self._breakdown is not None else ()
        return lines[index] if index is not None and index < len(lines) else None

    def _current_state(self) -> BreakdownState:
        line = self._line if self._is_shown else None
        return self._state if line is None else replace(self._state, key=line.key)

    def _draw(self, key: str | None = None) -> None:
        width = self.size.width - 2
        self._draw_groupings()
        breakdown = self._breakdown
        total = total_text(breakdown.total) if breakdown is not None else "正在汇总…"
        name = f"汇总  {format_text(self._filter_text) if self._filter_text else '全部报关单'}"
        title = fit(name, max(0, width - cell_len(total) - 2)) + "  " + total
        self.query_one("#title", Static).update(Text(title))
        if breakdown is None:
            return
        text = _text(breakdown, width - 2)
        self.query_one("#header", Static).update(Text(text.header))
        key = key if key is not None else (line.key if (line := self._line) is not None else None)
        cursor = next((row for row, line in enumerate(breakdown.lines) if line.key == key), 0)
        empty = Choice(Text(_NO_ITEMS if breakdown.total.declarations else _EMPTY), enabled=False)
        self.query_one("#lines", ChoiceList).show([Choice(Text(line)) for line in text.lines] or [empty], cursor)
        self._draw_note()

    def _draw_groupings(self) -> None:
        names = [f"[{one.value}]" if one is self._state.grouping else f" {one.value} " for one in Grouping]
        self.query_one("#groupings", Static).update(Text("".join(names)))

    def _draw_note(self) -> None:
        if self._breakdown is None:
            return
        parts = _notes(self._breakdown, self._line, self.query_one("#lines", ChoiceList).index or 0)
        rows = [row for part in parts for row in wrap_cells(part, self.size.width - 2)]
        self.query_one("#note", Static).update(Text("\n".join(rows)))


def _text(breakdown: Breakdown, width: int) -> BreakdownText:
    return month_lines(breakdown, width) if breakdown.months else figure_lines(breakdown, width)


def _notes(breakdown: Breakdown, line: BreakdownLine | None, row: int) -> list[str]:
    """Where the cursor is, what the line does not count, and what the lines do not add up to."""
    notes = []
    if line is not None:
        place = f"第 {row + 1:,} 组，共 {breakdown.groups:,} 组"
        if breakdown.groups > len(breakdown.lines):
            place += f"，只列出前 {len(breakdown.lines):,} 组"
        unit = "项" if breakdown.grouping.is_of_items else "票"
        if line.figures.usd_unknown:
            place += f" · 本组 {line.figures.usd_unknown:,} {unit}没有美元金额，未计入"
        notes.append(place)
    if breakdown.grouping.is_of_items:
        notes.append("一票含几组就各计一次，合计不等于各行之和")
        if breakdown.without_detail:
            notes[-1] += f" · {breakdown.without_detail:,} 票缺详情，不在各行中"
    elif breakdown.without_detail and breakdown.grouping in _OF_DETAIL:
        notes.append(f"“{NONE}”含 {breakdown.without_detail:,} 票缺详情的")
    return notes
