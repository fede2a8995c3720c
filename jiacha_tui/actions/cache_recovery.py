"""What the operator can add to a login: ways to continue when a card does not open its cache, and the passphrase.

`problems.CacheRecoveryNeeded` asks for the first, `problems.PassphraseNeeded` for the second.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PreviousPin:
    """Open the cache with the PIN that the card had before. This PIN is not sent to the card."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewCache:
    """If the cache still does not open, move it unchanged to the old caches and start an empty one."""


@dataclass(frozen=True, slots=True)
class TrustKeyFile:
    """Open the cache with a key file of version 1 that nobody has signed, and let the card sign it."""


CacheRecovery = PreviousPin | NewCache | TrustKeyFile


@dataclass(frozen=True, slots=True)
class Passphrase:
    """The passphrase that protects the cache's key, an existing or a new one. It is not sent to the card."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionOnly:
    """Use an empty cache that is destroyed at the end of the session. An existing one stays as it is."""


PassphraseChoice = Passphrase | SessionOnly
