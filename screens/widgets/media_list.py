"""The card media of the login screen, a row each: whose card is in it, or why none can be used."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message

from jiacha_tui.actions.cards import CardFace, FoundCard
from jiacha_tui.declaration.shown import day
from jiacha_tui.declaration.visible import visible
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
        self._found: Sequence[FoundCard] | None = None

    @property
    def found(self) -> Sequence[FoundCard] | None:
        """None until somebody has looked."""
        return self._found

    @property
    def chosen(self) -> FoundCard | None:
        return self._found[self.index] if self._found and self.index is not None else None

    def show_found(self, found: Sequence[FoundCard] | None) -> None:
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


def _row(found: FoundCard, room: int) -> Choice:
    name = fit(visible(found.medium_name), _MEDIUM_WIDTH)
    if found.face is not None:
        return Choice(Text(name + _face(found.face, room)))
    why = "无卡" if found.problem is None else "  ".join(filter(None, (found.problem.what, found.problem.todo)))
    return Choice(Text(name + fit(visible(why), room), "dim"), can_be_chosen=False)


def _face(face: CardFace, room: int) -> str:
    ends = "已过期" if face.expired else "有效期至"
    validity = f"{ends} {day(face.valid_until)}"
    company = fit(visible(face.company), room - _CARD_WIDTH - cell_len(validity) - 2)
    return f"{fit(visible(face.card_number), _CARD_WIDTH)}{company}  {validity}"
