"""A card reader into which a test inserts soft cards."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.medium import OnAttempt, OpenCard, ignore_attempts
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CannotDecrypt
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.card_encryption import EncryptedSecret
from jiacha_tui.declaration.problem import Problem


@dataclass
class SigningOnly:
    """An open card that cannot decrypt: its signature opens its cache."""

    card: OpenCard

    async def encrypt_secret(self, secret: bytes) -> EncryptedSecret:
        raise CannotDecrypt

    def __getattr__(self, name: str) -> object:
        return getattr(self.card, name)


class Reader:
    """A medium. `tried` counts the PINs that were tried on its cards, `scans` how often it was asked for its card."""

    def __init__(self, card: Path | None = None, *, name: str = "读卡器", medium_id: str = "reader") -> None:
        self.name = name
        self.medium_id = medium_id
        self.problem: Problem | None = None
        self.company = ""
        """The company that the card names, "" for its own."""

        self.decrypts = True
        self.tried = 0
        self.scans = 0
        self.answers = asyncio.Event()
        """While it is not set, the reader does not tell its card."""

        self.answers.set()
        self._card = card
        self._changed = asyncio.Event()

    def insert(self, card: Path) -> None:
        self._card = card
        self._changed.set()

    def remove(self) -> None:
        self._card = None
        self._changed.set()

    def report_change(self) -> None:
        """Reports a change, although there is none."""
        self._changed.set()

    async def read_identity(
        self, *, all_attempts: bool = False, on_attempt: OnAttempt = ignore_attempts
    ) -> CardIdentity | None:
        self.scans += 1
        await self.answers.wait()
        if self.problem is not None:
            raise self.problem
        identity = await SoftCard(self._card).read_identity() if self._card is not None else None
        return replace(identity, company=self.company) if identity is not None and self.company else identity

    async def pin_retries_left(self) -> int | None:
        return await SoftCard(self._card).pin_retries_left() if self._card is not None else None

    async def open(self, pin: Pin) -> OpenCard:
        assert self._card is not None
        self.tried += 1
        card = await SoftCard(self._card).open(pin)
        return card if self.decrypts else SigningOnly(card)  # type: ignore[return-value]  # the rest is the card's

    async def changes(self) -> AsyncGenerator[None, None]:
        yield
        while True:
            await self._changed.wait()
            self._changed.clear()
            yield


def change_pin(card: Path, pin: str, new_pin: str) -> None:
    """Changes the PIN of a soft card, as the card office's tool does."""
    key, certificate, others = pkcs12.load_key_and_certificates(card.read_bytes(), pin.encode())
    assert isinstance(key, RSAPrivateKey)
    encryption = BestAvailableEncryption(new_pin.encode())
    card.write_bytes(pkcs12.serialize_key_and_certificates(None, key, certificate, others, encryption))
