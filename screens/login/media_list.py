"""The list of card media on the login screen, one row each: whose card it holds, or why it cannot be used."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message

from jiacha_tui.actions.cards import CardSummary, MediumStatus
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.formatting import format_date
from screens.login.media_texts import reading_text
from screens.widgets.cells import fit
from screens.widgets.choice_list import Choice, ChoiceList

_MARK_WIDTH = 2
_MEDIUM_WIDTH = 12
_CARD_WIDTH = 15


class MediaList(ChoiceList):
    """Rows as wide as the list. The cursor only stops at media with a card that can be used."""

    class Shown(Message):
        """The list is on the terminal, and with it the first frame of the program."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._media: Sequence[MediumStatus] | None = None
        self._picked_id = ""

    @property
    def media(self) -> Sequence[MediumStatus] | None:
        """None until they have been scanned."""
        return self._media

    @property
    def chosen(self) -> MediumStatus | None:
        """The medium under the cursor; None if no medium has a card that can be used."""
        return self._media[self.index] if self._media and self.index is not None else None

    @property
    def picked(self) -> MediumStatus | None:
        """The medium under the cursor if the operator has put the cursor there, else None."""
        chosen = self.chosen
        return chosen if chosen is not None and chosen.medium_id == self._picked_id else None

    def choose_first(self) -> None:
        """Puts the cursor on the first medium that can be used, unless the operator has put it somewhere."""
        if self._media is not None and self.picked is None:
            self.show(self.choices)

    def on_choice_list_moved(self) -> None:
        self._pick()

    def on_choice_list_chosen(self) -> None:
        self._pick()

    def _pick(self) -> None:
        self._picked_id = self.chosen.medium_id if self.chosen is not None else ""

    def show_media(self, media: Sequence[MediumStatus] | None) -> None:
        """Shows the result of a scan, None while one runs. The cursor stays in its row."""
        self._media = media
        if media is None:
            self._picked_id = ""
            self.show([Choice(Text(reading_text()), enabled=False)])
        else:
            width = self.size.width - _MARK_WIDTH - _MEDIUM_WIDTH
            self.show([_row(medium, width) for medium in media], self.index or 0)

    def on_show(self) -> None:
        self.call_after_refresh(self.post_message, self.Shown())

    def on_resize(self) -> None:
        self.show_media(self._media)


def _row(medium: MediumStatus, width: int) -> Choice:
    name = fit(escape_controls(medium.medium_name), _MEDIUM_WIDTH)
    if medium.card is not None:
        return Choice(Text(name + _card_text(medium.card, width)))
    if medium.reading:
        return Choice(Text(name + fit(reading_text(medium.attempt, medium.attempts), width)), enabled=False)
    problem = medium.problem
    reason = "无卡" if problem is None else "  ".join(filter(None, (problem.message, problem.hint)))
    return Choice(Text(name + fit(escape_controls(reason), width), "dim"), enabled=False)


def _card_text(card_summary: CardSummary, width: int) -> str:
    label = "已过期" if card_summary.expired else "有效期至"
    validity = f"{label} {format_date(card_summary.valid_until)}"
    company = fit(escape_controls(card_summary.company), width - _CARD_WIDTH - cell_len(validity) - 2)
    return f"{fit(escape_controls(card_summary.card_number), _CARD_WIDTH)}{company}  {validity}"
