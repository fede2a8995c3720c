"""How many wrong PINs a card file has seen: what a chip counts in itself, kept beside the file.

It stops what would lock a real card from going unnoticed with a file. It is no protection of the file, which anybody
who has a copy may try as often as he likes.
"""

from pathlib import Path
from typing import Annotated, Self

import msgspec

from jiacha_tui.card.problems import CardDamaged
from jiacha_tui.private_files import FileMissing, read_private, replace_private

MAX_WRONG_PINS = 3


class PinRetryCounter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The wrong PINs since the last right one. `fingerprint` is the card file they were counted for, hex SHA-256."""

    wrong: Annotated[int, msgspec.Meta(ge=0)] = 0
    fingerprint: str = ""

    @property
    def retries_left(self) -> int:
        return max(0, MAX_WRONG_PINS - self.wrong)

    @classmethod
    def read(cls, path: Path, to_reset: str = "") -> Self:
        """What was written; no file yet is no wrong PIN.

        Raises CardDamaged, which says `to_reset`: an unreadable count gives no try.
        """
        try:
            return msgspec.json.decode(read_private(path), type=cls)
        except FileMissing:
            return cls()
        except msgspec.MsgspecError:
            raise CardDamaged(f"记录密码尝试次数的 {path.name} 无法读取", to_reset) from None

    def write(self, path: Path) -> None:
        """Returns once it is on the disk."""
        replace_private(path, msgspec.json.encode(self))
