"""取更早的月份: the dialog that chooses how far back declarations are fetched once."""

from collections.abc import Iterable
from datetime import date

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.sync_plan import MAX_SYNC_MONTHS, months_back
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.widgets.choice_list import Choice, ChoiceList

_CHOICES = (24, 36, 48, MAX_SYNC_MONTHS)


def choices_beyond(months: int) -> tuple[int, ...]:
    """How many months back can be chosen if a sync covers `months`."""
    return tuple(choice for choice in _CHOICES if choice > months)


class OlderMonthsDialog(Dialog[int]):
    """Dismisses with the number of months, counted from the current one, to which the lists are read."""

    TITLE = "取更早的月份"
    KEYS = "↑↓ 选择 · Enter 开始"

    DEFAULT_CSS = """
    OlderMonthsDialog > #frame { width: 54; }
    OlderMonthsDialog Static { height: auto; margin-bottom: 1; }
    OlderMonthsDialog #buttons { display: none; }
    """

    def __init__(self, today: date, months: int) -> None:
        """`months` is what a sync covers."""
        super().__init__()
        self._today = today
        self._months = months

    def body(self) -> Iterable[Widget]:
        yield Static(f"同步取最近 {self._months} 个月。更早的取一次，以后不再重列：", markup=False)
        yield ChoiceList([Choice(Text(self._text(months))) for months in choices_beyond(self._months)])

    def help_sections(self) -> tuple[Section, ...]:
        text = "选到哪个月为止。取的时候可以照常工作，按 F5 停下；已经取到的都在缓存里，再取一次从停下的地方继续。"
        return (Section.of("取更早的月份", text),)

    @on(ChoiceList.Chosen)
    def _chosen(self, chosen: ChoiceList.Chosen) -> None:
        self.dismiss(choices_beyond(self._months)[chosen.index])

    def _text(self, months: int) -> str:
        *_, first = months_back(self._today, months)
        return f"{months} 个月：取到 {first.start:%Y-%m}"
