"""The card media of the login screen, a row each: whose card is in it, or why none can be used."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message

from jiacha_tui.actions.cards import CardSummary, MediumStatus
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.formatting import format_date
from screens.widgets.cells import fit
from screens.widgets.choice_list import Choice, ChoiceList

_MARK_WIDTH = 2
_MEDIUM_WIDTH = 12
_CARD_WIDTH = 15


class MediaList(ChoiceList):
    """Rows that fit the width there is; `chosen` is the card that the cursor stands on."""

    class Seen(Message):
        """It is on the terminal, and with it the first screen that an operator sees."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: Sequence[MediumStatus] | None = None

    @property
    def found(self) -> Sequence[MediumStatus] | None:
        """None until somebody has looked."""
        return self._found

    @property
    def chosen(self) -> MediumStatus | None:
        return self._found[self.index] if self._found and self.index is not None else None

    def show_found(self, found: Sequence[MediumStatus] | None) -> None:
        """The media as they are now, None while they are being looked at; the cursor stays in its row."""
        self._found = found
        if found is None:
            self.show([Choice(Text("正在读卡…"), can_be_chosen=False)])
        else:
            room = self.size.width - _MARK_WIDTH - _MEDIUM_WIDTH
            self.show([_row(one, room) for one in found], self.index or 0)

    def on_show(self) -> None:
        self.call_after_refresh(self.post_message, self.Seen())

    def on_resize(self) -> None:
        self.show_found(self._found)


def _row(found: MediumStatus, room: int) -> Choice:
    name = fit(escape_controls(found.medium_name), _MEDIUM_WIDTH)
    if found.card is not None:
        return Choice(Text(name + _face(found.card, room)))
    why = "无卡" if found.problem is None else "  ".join(filter(None, (found.problem.message, found.problem.hint)))
    return Choice(Text(name + fit(escape_controls(why), room), "dim"), can_be_chosen=False)


def _face(card_summary: CardSummary, room: int) -> str:
    ends = "已过期" if card_summary.expired else "有效期至"
    validity = f"{ends} {format_date(card_summary.valid_until)}"
    company = fit(escape_controls(card_summary.company), room - _CARD_WIDTH - cell_len(validity) - 2)
    return f"{fit(escape_controls(card_summary.card_number), _CARD_WIDTH)}{company}  {validity}"
