"""The one card that could be meant, among all that are in readers. Blocks the thread it is called in."""

import contextlib
from dataclasses import dataclass, field

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pcsc.piv import PivCard, PivSlot
from jiacha_tui.card.pcsc.problems import CardConnectionLost, NoReader, NotPiv, SeveralCardsInserted
from jiacha_tui.card.pcsc.readers import Readers, Sharing
from jiacha_tui.card.problems import CardProblem, InvalidCard


@dataclass(frozen=True, slots=True)
class ConnectedCard:
    """A card that has power, its PIV application selected, until `close`."""

    identity: CardIdentity
    piv: PivCard = field(repr=False)
    resources: contextlib.ExitStack = field(repr=False)

    def close(self) -> None:
        """Lets go of the card; may be called again."""
        self.resources.close()


def connect(sharing: Sharing) -> ConnectedCard | None:
    """The card that says it is an E-Port's; None if there is no card. To be closed.

    Cards of other kinds may be inserted beside it. Where there are only such, raises what is the matter with one of
    them (NotPiv, ReaderBusy, CardUnresponsive, InvalidCard …); raises SeveralCards where it would have to be guessed, and
    NoReader where there is nothing that a card could be inserted into.
    """
    with contextlib.ExitStack() as opened:
        readers = opened.enter_context(Readers())
        if not readers.names():
            raise NoReader
        found: dict[str, ConnectedCard] = {}
        problems: list[CardProblem] = []
        for name in readers.names_with_card():
            try:
                found[name] = _connect_to(name, readers, sharing)
                opened.callback(found[name].close)
            except CardConnectionLost:
                continue  # pulled meanwhile
            except CardProblem as problem:
                problems.append(problem)
        if len(found) > 1:
            raise SeveralCardsInserted(tuple(found))
        if problems and not found:
            raise min(problems, key=lambda problem: isinstance(problem, NotPiv))
        opened_resources = opened.pop_all()
    if not found:
        opened_resources.close()
        return None
    (card,) = found.values()
    return ConnectedCard(card.identity, card.piv, opened_resources)


def _connect_to(name: str, readers: Readers, sharing: Sharing) -> ConnectedCard:
    with contextlib.ExitStack() as opened:
        link = readers.connect(name, sharing)
        opened.callback(link.close)
        piv = PivCard(link.send)
        piv.select()
        certificate = piv.certificate(PivSlot.AUTHENTICATION)
        if certificate is None:
            raise InvalidCard("卡内没有证书（9A）")
        return ConnectedCard(CardIdentity.from_certificate(certificate), piv, opened.pop_all())
