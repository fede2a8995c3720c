"""The PIN retry counter of a card file, kept in a file beside it. A real card counts wrong PINs in its chip.

With the counter, whatever would lock a real card also locks a card file. It does not protect the file: whoever has a
copy of the file can try as many PINs as they like.
"""

from pathlib import Path
from typing import Annotated, Self

import msgspec

from jiacha_tui.card.problems import CardDamaged
from jiacha_tui.private_files import FileMissing, read_private, replace_private

MAX_WRONG_PINS = 3


class PinRetryCounter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many wrong PINs were tried since the last right one.

    `fingerprint` is the SHA-256 (hex) of the card file that they were tried on.
    """

    wrong: Annotated[int, msgspec.Meta(ge=0)] = 0
    fingerprint: str = ""

    @property
    def retries_left(self) -> int:
        """How many more wrong PINs are accepted; 0 if the card file is locked."""
        return max(0, MAX_WRONG_PINS - self.wrong)

    @classmethod
    def read(cls, path: Path, reset_hint: str = "") -> Self:
        """Reads the counter. A missing file means that no wrong PIN was tried.

        Raises CardDamaged with `reset_hint` if the file cannot be read: then no PIN may be tried.
        """
        try:
            return msgspec.json.decode(read_private(path), type=cls)
        except FileMissing:
            return cls()
        except msgspec.MsgspecError:
            raise CardDamaged(f"记录密码尝试次数的 {path.name} 无法读取", reset_hint) from None

    def write(self, path: Path) -> None:
        """Writes the counter. Returns once it is on the disk."""
        replace_private(path, msgspec.json.encode(self))
