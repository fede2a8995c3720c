"""The readers of the PC/SC service, and the connection to a card in one of them. Blocks the calling thread."""

import enum
from typing import Final, Self

from jiacha_tui.card.pcsc import scard
from jiacha_tui.card.pcsc.apdu import CommandApdu, TransmissionProtocol
from jiacha_tui.card.pcsc.problems import CardConnectionLost, ServiceDenied, ServiceStopped
from jiacha_tui.card.pcsc.scard import ReaderStates, Scard, raise_for_code, unsigned

_SCOPE_USER: Final = 0
_LEAVE_CARD, _RESET_CARD = 0, 1
_ANY_PROTOCOL: Final = TransmissionProtocol.T0 | TransmissionProtocol.T1


class Sharing(enum.IntEnum):
    """Whether other programs may connect to the card at the same time."""

    EXCLUSIVE = 1
    SHARED = 2


class Readers:
    """The readers of this machine's PC/SC service, or of the service behind the socket PCSCLITE_CSOCK_NAME.

    Creating it raises PyscardMissing, LibraryMissing, ServiceStopped, ServiceDenied. Its methods raise any PcscProblem.
    """

    def __init__(self) -> None:
        self._scard = scard.load()
        code, self._context = self._scard.SCardEstablishContext(_SCOPE_USER)
        raise_for_code(code)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._scard.SCardReleaseContext(self._context)

    def names(self) -> tuple[str, ...]:
        """The names of all readers, with and without a card; empty if there is none."""
        code, names = self._scard.SCardListReaders(self._context, [])
        if unsigned(code) == scard.NO_READERS:
            return ()
        raise_for_code(code)
        return tuple(names)

    def names_with_card(self) -> tuple[str, ...]:
        """The names of the readers with a card in them."""
        states = self.wait_for_change([(name, scard.UNAWARE) for name in self.names()], milliseconds=0)
        return tuple(name for name, state in states if state & scard.PRESENT)

    def wait_for_change(self, known: ReaderStates, milliseconds: int) -> ReaderStates:
        """Returns the states of the readers as soon as one differs from `known`, or when the time is over."""
        if not known:
            return ()
        code, states = self._scard.SCardGetStatusChange(self._context, milliseconds, list(known))
        if unsigned(code) == scard.TIMEOUT:
            return known
        raise_for_code(code)
        return [(name, state) for name, state, _atr in states]

    def cancel(self) -> None:
        """Ends a `wait_for_change` that another thread is in at the moment. There it raises PcscFailed."""
        self._scard.SCardCancel(self._context)

    def connect(self, reader: str, sharing: Sharing) -> "ReaderConnection":
        """Powers the card in the reader and connects to it.

        Raises CardConnectionLost if there is no card, ReaderBusy, CardUnresponsive.
        """
        code, card, protocol = self._scard.SCardConnect(self._context, reader, sharing, _ANY_PROTOCOL)
        raise_for_code(code)
        connection = ReaderConnection(self._scard, card, TransmissionProtocol(protocol), sharing)
        try:
            if sharing is Sharing.SHARED:
                connection.begin_transaction()
        except BaseException:
            connection.close()
            raise
        return connection


class ReaderConnection:
    """The connection to a card, which has power until `close`."""

    def __init__(self, library: Scard, card: int, protocol: TransmissionProtocol, sharing: Sharing) -> None:
        self._scard = library
        self._card = card
        self._protocol = protocol
        self._sharing = sharing
        self._pci = library.SCARD_PCI_T0 if protocol is TransmissionProtocol.T0 else library.SCARD_PCI_T1

    def begin_transaction(self) -> None:
        """Makes other programs that share the card wait until this connection is closed."""
        raise_for_code(self._scard.SCardBeginTransaction(self._card))

    def send(self, command: CommandApdu) -> bytes:
        """Sends one command and returns the bytes of the response.

        Raises CardConnectionLost, ServiceStopped, PcscFailed.
        """
        code, response = self._scard.SCardTransmit(self._card, self._pci, list(command.encode(self._protocol)))
        try:
            raise_for_code(code)
        except ServiceDenied:
            raise ServiceStopped from None  # it had accepted this program and closed the connection later
        if not response:
            raise CardConnectionLost  # some readers report a card that is removed during a command in this way
        return bytes(response)

    def close(self) -> None:
        """Releases the card.

        A card that was used exclusively is reset, so that its PIN no longer counts as verified.
        """
        self._scard.SCardDisconnect(self._card, _RESET_CARD if self._sharing is Sharing.EXCLUSIVE else _LEAVE_CARD)
