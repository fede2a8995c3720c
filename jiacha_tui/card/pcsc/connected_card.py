"""Finds the E-Port card among the cards in all readers and connects to it. Blocks the calling thread."""

import contextlib
from dataclasses import dataclass, field

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pcsc.piv import PivCard, PivSlot
from jiacha_tui.card.pcsc.problems import CardConnectionLost, NoReader, NotPiv, SeveralCardsInserted
from jiacha_tui.card.pcsc.readers import Readers, Sharing
from jiacha_tui.card.problems import CardProblem, InvalidCard


@dataclass(frozen=True, slots=True)
class ConnectedCard:
    """A card that has power and whose PIV application is selected, until `close`."""

    identity: CardIdentity
    piv: PivCard = field(repr=False)
    resources: contextlib.ExitStack = field(repr=False)

    def close(self) -> None:
        """Releases the card. May be called more than once."""
        self.resources.close()


def connect(sharing: Sharing) -> ConnectedCard | None:
    """Connects to the one E-Port card in any reader. None if no card is inserted. The caller closes the result.

    Other kinds of cards may be inserted beside it. If there are only such cards, raises the problem of one of them
    (NotPiv, ReaderBusy, CardUnresponsive, InvalidCard …). Raises SeveralCardsInserted if there is more than one E-Port
    card, because this function does not guess, and NoReader if there is no reader.
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
                continue  # removed in the meantime
            except CardProblem as problem:
                problems.append(problem)
        if len(found) > 1:
            raise SeveralCardsInserted(tuple(found))
        if problems and not found:
            raise min(problems, key=lambda problem: isinstance(problem, NotPiv))
        resources = opened.pop_all()
    if not found:
        resources.close()
        return None
    (card,) = found.values()
    return ConnectedCard(card.identity, card.piv, resources)


def _connect_to(name: str, readers: Readers, sharing: Sharing) -> ConnectedCard:
    with contextlib.ExitStack() as opened:
        connection = readers.connect(name, sharing)
        opened.callback(connection.close)
        piv = PivCard(connection.send)
        piv.select()
        certificate = piv.certificate(PivSlot.AUTHENTICATION)
        if certificate is None:
            raise InvalidCard("卡内没有证书（9A）")
        return ConnectedCard(CardIdentity.from_certificate(certificate), piv, opened.pop_all())
