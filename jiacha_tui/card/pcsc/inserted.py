"""The one card that could be meant, among all that are in readers. Blocks the thread it is called in."""

import contextlib
from dataclasses import dataclass, field

from jiacha_tui.card.identity import Identity
from jiacha_tui.card.pcsc.piv import PivCard, Slot
from jiacha_tui.card.pcsc.problems import LinkLost, NoReader, NotPiv, SeveralCards
from jiacha_tui.card.pcsc.readers import Readers, Sharing
from jiacha_tui.card.problems import CardAbnormal, CardProblem


@dataclass(frozen=True, slots=True)
class Inserted:
    """A card that has power, its PIV application selected, until `close`."""

    identity: Identity
    piv: PivCard = field(repr=False)
    resources: contextlib.ExitStack = field(repr=False)

    def close(self) -> None:
        """Lets go of the card; may be called again."""
        self.resources.close()


def connect(sharing: Sharing) -> Inserted | None:
    """The card that says it is an E-Port's; None if there is no card. To be closed.

    Cards of other kinds may be inserted beside it. Where there are only such, raises what is the matter with one of
    them (NotPiv, ReaderBusy, CardMute, CardAbnormal …); raises SeveralCards where it would have to be guessed, and
    NoReader where there is nothing that a card could be inserted into.
    """
    with contextlib.ExitStack() as opened:
        readers = opened.enter_context(Readers())
        if not readers.names():
            raise NoReader
        found: dict[str, Inserted] = {}
        problems: list[CardProblem] = []
        for name in readers.with_card():
            try:
                found[name] = _connect_to(name, readers, sharing)
                opened.callback(found[name].close)
            except LinkLost:
                continue  # pulled meanwhile
            except CardProblem as problem:
                problems.append(problem)
        if len(found) > 1:
            raise SeveralCards(tuple(found))
        if problems and not found:
            raise min(problems, key=lambda problem: isinstance(problem, NotPiv))
        opened_resources = opened.pop_all()
    if not found:
        opened_resources.close()
        return None
    (card,) = found.values()
    return Inserted(card.identity, card.piv, opened_resources)


def _connect_to(name: str, readers: Readers, sharing: Sharing) -> Inserted:
    with contextlib.ExitStack() as opened:
        link = readers.connect(name, sharing)
        opened.callback(link.close)
        piv = PivCard(link.send)
        piv.select()
        certificate = piv.certificate(Slot.AUTHENTICATION)
        if certificate is None:
            raise CardAbnormal("卡内没有证书（9A）")
        return Inserted(Identity.from_certificate(certificate), piv, opened.pop_all())
