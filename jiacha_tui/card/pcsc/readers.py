"""Readers, and the way to the card in one of them. Everything here blocks the thread it is called in."""

import enum
from typing import Final, Self

from jiacha_tui.card.pcsc import scard
from jiacha_tui.card.pcsc.apdu import CommandApdu, TransmissionProtocol
from jiacha_tui.card.pcsc.problems import CardConnectionLost, ServiceDenied, ServiceStopped
from jiacha_tui.card.pcsc.scard import ReaderStates, Scard, check, unsigned

_SCOPE_USER: Final = 0
_LEAVE_CARD, _RESET_CARD = 0, 1
_ANY_TRANSMISSION: Final = TransmissionProtocol.T0 | TransmissionProtocol.T1


class Sharing(enum.IntEnum):
    """Who else may speak to the card meanwhile."""

    EXCLUSIVE = 1
    SHARED = 2


class Readers:
    """The readers of this machine's PC/SC service, or of the one that PCSCLITE_CSOCK_NAME forwards to.

    Raises PyscardMissing, LibraryMissing, ServiceStopped, ServiceDenied when entered, and any PcscProblem afterwards.
    """

    def __init__(self) -> None:
        self._scard = scard.load()
        code, self._context = self._scard.SCardEstablishContext(_SCOPE_USER)
        check(code)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._scard.SCardReleaseContext(self._context)

    def names(self) -> tuple[str, ...]:
        code, names = self._scard.SCardListReaders(self._context, [])
        if unsigned(code) == scard.NO_READERS:
            return ()
        check(code)
        return tuple(names)

    def names_with_card(self) -> tuple[str, ...]:
        """The names of the readers that have a card in them."""
        states = self.wait_for_change([(name, scard.UNAWARE) for name in self.names()], milliseconds=0)
        return tuple(name for name, state in states if state & scard.PRESENT)

    def wait_for_change(self, known: ReaderStates, milliseconds: int) -> ReaderStates:
        """How the readers stand, as soon as one is not as `known` any more, or when the time is over."""
        if not known:
            return ()
        code, states = self._scard.SCardGetStatusChange(self._context, milliseconds, list(known))
        if unsigned(code) == scard.TIMEOUT:
            return known
        check(code)
        return [(name, state) for name, state, _atr in states]

    def cancel(self) -> None:
        """Ends a `wait` in another thread, if there is one just now; it raises PcscFailed."""
        self._scard.SCardCancel(self._context)

    def connect(self, reader: str, sharing: Sharing) -> "ReaderConnection":
        """Gives the card power and the way to it. Raises CardConnectionLost where there is none, ReaderBusy, CardUnresponsive."""
        code, card, transmission = self._scard.SCardConnect(self._context, reader, sharing, _ANY_TRANSMISSION)
        check(code)
        link = ReaderConnection(self._scard, card, TransmissionProtocol(transmission), sharing)
        try:
            if sharing is Sharing.SHARED:
                link.begin()
        except BaseException:
            link.close()
            raise
        return link


class ReaderConnection:
    """A card that has power, until it is closed."""

    def __init__(self, library: Scard, card: int, transmission: TransmissionProtocol, sharing: Sharing) -> None:
        self._scard = library
        self._card = card
        self._transmission = transmission
        self._sharing = sharing
        self._pci = library.SCARD_PCI_T0 if transmission is TransmissionProtocol.T0 else library.SCARD_PCI_T1

    def begin(self) -> None:
        """Keeps others, with whom the card is shared, waiting until this is closed."""
        check(self._scard.SCardBeginTransaction(self._card))

    def send(self, command: CommandApdu) -> bytes:
        """The card's raw answer to one command. Raises CardConnectionLost, ServiceStopped, PcscFailed."""
        code, answer = self._scard.SCardTransmit(self._card, self._pci, list(command.encode(self._transmission)))
        try:
            check(code)
        except ServiceDenied:
            raise ServiceStopped from None  # it hung up in the middle, having let this program in
        if not answer:
            raise CardConnectionLost  # some readers say no more than this of a card that is pulled while it works
        return bytes(answer)

    def close(self) -> None:
        """Lets go of the card. One that nobody shared forgets that its PIN was verified."""
        self._scard.SCardDisconnect(self._card, _RESET_CARD if self._sharing is Sharing.EXCLUSIVE else _LEAVE_CARD)
