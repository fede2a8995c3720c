"""The functions of the PC/SC library through pyscard, with types, and its error codes as problems.

Blocks the calling thread. The classes of pyscard are not used: they connect, reset and reconnect automatically, and
their monitor stops for ever when the service ends.
"""

import ctypes
import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol, cast

from jiacha_tui.card.pcsc.problems import (
    CardConnectionLost,
    CardUnresponsive,
    LibraryMissing,
    PcscFailed,
    PcscProblem,
    PyscardMissing,
    ReaderBusy,
    ServiceDenied,
    ServiceStopped,
)

_LIBRARY: Final = "libpcsclite.so.1"
_CODE_BITS: Final = 0xFFFFFFFF

SUCCESS: Final = 0
TIMEOUT: Final = 0x8010000A
CANCELLED: Final = 0x80100002
UNKNOWN_READER: Final = 0x80100009
NO_READERS: Final = 0x8010002E

_PROBLEMS: Final[dict[int, Callable[[], PcscProblem]]] = {
    0x80100003: CardConnectionLost,  # SCARD_E_INVALID_HANDLE: the service was restarted
    UNKNOWN_READER: CardConnectionLost,
    0x8010000B: ReaderBusy,  # SCARD_E_SHARING_VIOLATION
    0x8010000C: CardConnectionLost,  # SCARD_E_NO_SMARTCARD
    0x8010000F: CardUnresponsive,  # SCARD_E_PROTO_MISMATCH: its answer to reset (ATR) is not valid
    0x80100013: CardConnectionLost,  # SCARD_F_COMM_ERROR
    0x80100016: CardConnectionLost,  # SCARD_E_NOT_TRANSACTED: removed during a command
    0x80100017: CardConnectionLost,  # SCARD_E_READER_UNAVAILABLE
    0x8010001D: ServiceStopped,  # SCARD_E_NO_SERVICE
    0x8010001E: ServiceStopped,  # SCARD_E_SERVICE_STOPPED
    0x80100066: CardUnresponsive,  # SCARD_W_UNRESPONSIVE_CARD
    0x80100067: CardUnresponsive,  # SCARD_W_UNPOWERED_CARD
    0x80100068: CardConnectionLost,  # SCARD_W_RESET_CARD
    0x80100069: CardConnectionLost,  # SCARD_W_REMOVED_CARD
    0x8010006A: ServiceDenied,  # SCARD_W_SECURITY_VIOLATION
}


# The state of a reader. The upper half of the number counts the insertions and removals of cards.
UNAWARE: Final = 0
CHANGED: Final = 0x0002
PRESENT: Final = 0x0020
CARD_COUNT_MASK: Final = 0xFFFF0000


ReaderStates = Sequence[tuple[str, int]]


class Scard(Protocol):
    """The module `smartcard.scard`. Every function returns an error code first, then its results."""

    SCARD_PCI_T0: int
    SCARD_PCI_T1: int

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]: ...  # noqa: N802 - PC/SC's own names
    def SCardReleaseContext(self, context: int) -> int: ...  # noqa: N802
    def SCardCancel(self, context: int) -> int: ...  # noqa: N802
    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]: ...  # noqa: N802
    def SCardGetStatusChange(  # noqa: N802
        self, context: int, timeout: int, readers: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]: ...
    def SCardConnect(  # noqa: N802
        self, context: int, reader: str, share: int, protocols: int
    ) -> tuple[int, int, int]: ...
    def SCardBeginTransaction(self, card: int) -> int: ...  # noqa: N802
    def SCardTransmit(self, card: int, pci: int, apdu: list[int]) -> tuple[int, list[int]]: ...  # noqa: N802
    def SCardDisconnect(self, card: int, disposition: int) -> int: ...  # noqa: N802


def load() -> Scard:
    """Imports pyscard. Raises PyscardMissing, LibraryMissing.

    Looks for the C library first: if it is missing, importing pyscard prints to the terminal from C.
    """
    if importlib.util.find_spec("smartcard") is None:
        raise PyscardMissing
    if sys.platform == "linux":
        try:
            ctypes.CDLL(_LIBRARY)
        except OSError:
            raise LibraryMissing from None
    try:
        return cast("Scard", importlib.import_module("smartcard.scard"))
    except ImportError:  # its compiled part was built for another Python
        raise PyscardMissing from None


def unsigned(code: int) -> int:
    """The error code as PC/SC writes it. On some machines pyscard returns it as a negative number."""
    return code & _CODE_BITS


def raise_for_code(code: int) -> None:
    """Raises the PcscProblem that an error code stands for. Returns if it is SUCCESS."""
    if unsigned(code) != SUCCESS:
        raise _PROBLEMS.get(unsigned(code), partial(PcscFailed, unsigned(code)))()
