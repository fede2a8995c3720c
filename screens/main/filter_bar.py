"""The bar above the table: the filter, and the totals of its result."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from jiacha_tui.actions.completion import Completion
from jiacha_tui.actions.result_browser import MAX_FILTER_LENGTH, NumbersAsked
from jiacha_tui.actions.saved_filters import MAX_HISTORY
from jiacha_tui.declaration.declaration_row import Totals
from jiacha_tui.declaration.formatting import format_money, format_text
from jiacha_tui.declaration.number_list import NumberList, read_number_list
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler
from screens.commands.help_sections import Section
from screens.widgets.line_input import LineInput

DELAY_SECONDS = 0.12
"""The filter is run when no key has come for so long: longer than between two keys of a word, shorter than a pause."""

_MIN_INPUT_WIDTH, _MIN_TOTALS_WIDTH = 20, 18
_PROMPT = "筛选›"
_SEE_BELOW = "! 没有筛选，见底行"
_PLACEHOLDER = "按 F2 或 / 输入条件"


class _FilterInput(LineInput):
    """The field of the filter. Pasted numbers become alternatives, and so does a column of other values."""

    def __init__(self) -> None:
        super().__init__(placeholder=_PLACEHOLDER, max_length=MAX_FILTER_LENGTH)
        self.left_out = ""
        """What of the last paste was not put into the field."""

    def pasted_text(self, text: str) -> str:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        listed = read_number_list(text)
        if len(listed.numbers) > 1 and (len(lines) > 1 or not listed.others):
            self.left_out = left_out_text(listed)
            return "|".join(listed.numbers)
        if len(lines) > 1 and all(line.split() == [line] for line in lines):
            return "|".join(lines)
        return super().pasted_text(text)


class FilterBar(CommandHandler, Horizontal):
    """`筛选› 美国 2025-06        3/128 票  512 条  USD 1,284,330.00`.

    It posts the filter that was typed; `FilteredTable` runs it and gives back totals or a problem.
    """

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 100%; padding: 0 1; }
    FilterBar > #prompt { width: 6; text-style: bold; }
    FilterBar > LineInput { width: 1fr; }
    FilterBar > #totals { width: auto; padding: 0 0 0 2; }
    FilterBar > #totals.-problem { color: $problem; text-style: bold; }
    """

    SCOPES = (Scope.FILTER,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    class Changed(Message):
        """The filter has changed, and no key has come for `DELAY_SECONDS`.

        `left_out` says in Chinese what of a paste is not in it, "" if all of it is.
        """

        def __init__(self, text: str, left_out: str = "") -> None:
            super().__init__()
            self.text = text
            self.left_out = left_out

    class CompletionWanted(Message):
        """The word before the cursor is to be completed."""

        def __init__(self, text: str, cursor: int) -> None:
            super().__init__()
            self.text = text
            self.cursor = cursor

    class Completed(Message):
        """A candidate stands in the filter `text`; `offered` names the others."""

        def __init__(self, text: str, offered: str) -> None:
            super().__init__()
            self.text = text
            self.offered = offered

    class Used(Message):
        """A filter was used: left with Enter, cleared, or set by a command. It belongs into the history."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Exited(Message):
        """The operator leaves the bar for the table."""

    def __init__(self) -> None:
        super().__init__()
        self._input = _FilterInput()
        self._beside_input = Static(id="totals", markup=False)
        self._posted = ""
        self._timer: Timer | None = None
        self._history: list[str] = []
        self._history_index = 0
        self._completion: Completion | None = None
        self._candidate = 0
        self._uncompleted = self._completed_text = ""
        """The filter before and after a candidate was put into it."""
        self._totals: Totals | None = None
        self._numbers = NumbersAsked()
        self._row = 0
        self._problem = ""
        self._drawn = ""

    def compose(self) -> ComposeResult:
        yield Static(_PROMPT, id="prompt", markup=False)
        yield self._input
        yield self._beside_input

    def help_sections(self) -> tuple[Section, ...]:
        return (
            Section.of(
                "筛选栏",
                "在本机缓存里筛选，边输入边出结果。空格隔开的各项须同时符合，- 开头的一项须不符合。",
                "Enter 留着筛选回到列表，Esc 或 F10 清除筛选；↑ ↓ 取回用过的筛选。",
                "Tab 补全条件的名称，冒号以后补全缓存里的值，写明各有几票；再按 Tab 换一个。",
            ),
        )

    @property
    def text(self) -> str:
        return self._input.value

    def set_text(self, text: str) -> None:
        """Sets the filter without posting `Changed`."""
        self._stop_timer()
        self._posted = text.strip()
        self._input.value = text
        self._input.cursor_position = len(text)
        self._remember(text)

    def show_totals(self, totals: Totals, row: int, numbers: NumbersAsked | None = None) -> None:
        """Shows the totals of the result and the position of the cursor in it, instead of a problem."""
        self._totals, self._row, self._numbers, self._problem = totals, row, numbers or NumbersAsked(), ""
        self._draw()

    def show_problem(self, text: str) -> bool:
        """Shows beside the filter what is wrong with it. Returns whether the text fits there."""
        self._problem = text
        self._draw()
        return cell_len(text) + 2 <= self._available

    def start_typing(self) -> None:
        """Gives the field the focus, with its text selected, so that typing replaces it."""
        self._input.focus()
        self._input.select_all()

    def paste(self, text: str) -> None:
        """Puts a paste in the place of the filter, as if it had been pasted into the field and left with Enter."""
        self._remember(self.text)
        self._input.select_all()
        self._input.take_paste(text)
        self._post_change()
        self._remember(self.text)

    def action_complete(self) -> None:
        """Takes the first candidate for the word before the cursor, or the next one if nothing was typed since."""
        completion = self._completion
        if completion is not None and self.text == self._completed_text:
            self._candidate = (self._candidate + 1) % len(completion.candidates)
            self._take_candidate(completion)
        else:
            self.post_message(self.CompletionWanted(self.text, self._input.cursor_position))

    def show_completion(self, text: str, completion: Completion) -> None:
        """Puts the first candidate for the filter `text` into it. Nothing happens if the filter is another one now."""
        if text == self.text and completion.candidates:
            self._completion, self._candidate = completion, 0
            self._uncompleted = text
            self._take_candidate(completion)

    def _take_candidate(self, completion: Completion) -> None:
        candidate = completion.candidates[self._candidate].text
        before, after = self._uncompleted[: completion.start], self._uncompleted[completion.end :]
        self._completed_text = self._input.value = before + candidate + after
        self._input.cursor_position = len(before) + len(candidate)
        self.post_message(self.Completed(self.text.strip(), _offered_text(completion, self._candidate)))

    def action_to_table(self) -> None:
        self._post_change()
        self._remember(self.text)
        self.post_message(self.Exited())

    def action_clear(self) -> None:
        self._remember(self.text)
        self._input.value = ""
        self._post_change()
        self.post_message(self.Exited())

    def action_older(self) -> None:
        self._recall(self._history_index - 1)

    def action_newer(self) -> None:
        if self._history_index >= len(self._history):
            self.action_to_table()
        else:
            self._recall(self._history_index + 1)

    def on_input_changed(self, changed: Input.Changed) -> None:
        changed.stop()
        self._stop_timer()
        self._draw()
        if changed.value.strip() != self._posted:
            self._timer = self.set_timer(DELAY_SECONDS, self._post_change)

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        submitted.stop()
        self.action_to_table()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _post_change(self) -> None:
        self._stop_timer()
        text = self.text.strip()
        if text != self._posted:
            self._posted = text
            left_out, self._input.left_out = self._input.left_out, ""
            self.post_message(self.Changed(text, left_out))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def set_history(self, texts: Sequence[str]) -> None:
        """Adds the filters of earlier sessions, the newest at the end, before those of this one."""
        self._history = list(dict.fromkeys((*texts, *self._history)))[-MAX_HISTORY:]
        self._history_index = len(self._history)

    def _remember(self, text: str) -> None:
        if text := text.strip():
            if not self._history or self._history[-1] != text:
                self.post_message(self.Used(text))
            self._history = [*(earlier for earlier in self._history if earlier != text), text][-MAX_HISTORY:]
        self._history_index = len(self._history)

    def _recall(self, index: int) -> None:
        if index < 0 or not self._history:
            return
        self._history_index = index
        self._input.value = self._history[index] if index < len(self._history) else ""
        self._input.cursor_position = len(self._input.value)

    def _draw(self) -> None:
        """Shows totals or problem beside the field, unless they are there already: a change needs a new layout."""
        text = self._text_beside()
        if text != self._drawn:
            self._drawn = text
            self._beside_input.set_class(bool(self._problem), "-problem")
            self._beside_input.update(Text(text))

    def _text_beside(self) -> str:
        if self._problem:
            text = f"! {self._problem}"
            return text if cell_len(text) <= self._available else _SEE_BELOW
        if self._totals is None:
            return ""
        return totals_text(self._totals, self._row, self._available, self._numbers)

    @property
    def _available(self) -> int:
        """The cells beside the field. The field gets as many as the filter needs, as long as the count still fits."""
        width = self.size.width - cell_len(_PROMPT) - 5
        if is_list(self._numbers):
            return width - _MIN_INPUT_WIDTH  # nobody reads the numbers in the field
        return max(_MIN_TOTALS_WIDTH, width - max(_MIN_INPUT_WIDTH, cell_len(self.text[:width]) + 1))


def is_list(numbers: NumbersAsked) -> bool:
    """Whether the bar tells of the numbers that the filter asks for."""
    return numbers.count > 1 or bool(numbers.missing)


def left_out_text(listed: NumberList) -> str:
    """What of a paste is not in the list of numbers, "" if all of it is."""
    parts = []
    if listed.repeated:
        parts.append(f"去掉了重复的 {listed.repeated:,} 个号码")
    if listed.others:
        parts.append(
            f"另有 {len(listed.others):,} 项不是完整的报关单号，没有采用，例如 {format_text(listed.others[0][:30])}"
        )
    return f"粘贴了 {len(listed.numbers):,} 个号码，{'，'.join(parts)}" if parts else ""


def _offered_text(completion: Completion, chosen: int) -> str:
    """`▸美国 334　德国 12`: the candidates with their counts, from the chosen one on."""
    candidates = completion.candidates
    texts = [
        f"{'▸' if index == chosen else ''}{format_text(candidates[index].text)}"
        + ("" if candidates[index].count is None else f" {candidates[index].count:,} 票")
        for index in (*range(chosen, len(candidates)), *range(chosen))
    ]
    return f"Tab 换一个：{'　'.join(texts)}" if len(texts) > 1 else texts[0]


def totals_text(totals: Totals, row: int, available: int, numbers: NumbersAsked | None = None) -> str:
    """`3/128 票  512 条  USD 1,284,330.00`, or the longest part that fits; `512+` if some details are not cached.

    With `×2` two more are listed that are in none of these figures, because the port no longer lists them. A list of
    numbers is told with those that are missing: `100 个号码：97 票，3 个不在缓存`.
    """
    count = f"{totals.declarations:,} 票"
    delisted = f"×{totals.delisted:,}" if totals.delisted else ""
    position = f"{row + 1:,}/{count}" if totals.declarations else count
    if delisted:
        position = f"{row + 1:,}/{totals.rows:,} 行  {count}"
    items = f"{totals.items:,}{'' if totals.items_known else '+'} 条" if totals.items or totals.items_known else ""
    usd = f"USD {format_money(totals.usd)}"
    if numbers is not None and is_list(numbers):
        missing = f"，{len(numbers.missing):,} 个不在缓存" if numbers.missing else ""
        count = position = f"{numbers.count:,} 个号码：{count}{missing}"
    forms = (
        (position, delisted, items, usd),
        (count, delisted, items, usd),
        (count, delisted, usd),
        (count, delisted),
        (count,),
    )
    texts = ["  ".join(filter(None, form)) for form in forms]
    return next((text for text in texts if cell_len(text) <= available), texts[-1])
