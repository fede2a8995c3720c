"""What the operator can add to a login: ways to continue when a card does not open its cache, and the passphrase.

`problems.CacheRecoveryNeeded` asks for the first, `problems.PassphraseNeeded` for the second.
"""

from dataclasses import dataclass, field
from datetime import datetime

from jiacha_tui.declaration.problem import Problem


@dataclass(frozen=True, slots=True)
class PreviousPin:
    """Open the cache with the PIN that the card had before. This PIN is not sent to the card."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EarlierState:
    """The cache as it was before its log was damaged, and the recovery that opens it so; the damaged log is kept.

    `as_of` is the time of the newest journal entry in it, with a time zone; None if it has none.
    """

    as_of: datetime | None

    @property
    def text(self) -> str:
        """Which state it is, in Chinese, to stand after a noun."""
        if self.as_of is None:
            return "（其中没有操作记录）"
        return f"（最后一条操作记录 {self.as_of.astimezone():%Y-%m-%d %H:%M}）"


@dataclass(frozen=True, slots=True)
class NewCache:
    """If the cache still does not open, save what can be read of it, move it to the old caches and start an empty one.

    With `although_it_opens` also if it opens: it has failed while it was used.
    """

    although_it_opens: bool = False


@dataclass(frozen=True, slots=True)
class CacheFailure:
    """The cache of a card failed while it was used."""

    card_number: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class TrustKeyFile:
    """Open the cache with a key file of version 1 that nobody has signed, and let the card sign it."""


CacheRecovery = PreviousPin | EarlierState | NewCache | TrustKeyFile


@dataclass(frozen=True, slots=True)
class Passphrase:
    """The passphrase that protects the cache's key, an existing or a new one. It is not sent to the card."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionOnly:
    """Use an empty cache that is destroyed at the end of the session. An existing one stays as it is."""


PassphraseChoice = Passphrase | SessionOnly
