"""A card for the tests of the client that records its calls."""

import base64
from dataclasses import dataclass, field

from jiacha_tui.declaration.problem import Problem


@dataclass(frozen=True)
class FakeIdentity:
    card_number: str = "JJ0G900000001"
    certificate_serial: str = "01691f7f"


@dataclass
class FakeCard:
    """A Signer whose signature contains the signed text.

    `calls` lists its calls in order: "present" for `check_present`, else the text to sign.
    """

    identity: FakeIdentity = field(default_factory=FakeIdentity)
    calls: list[str] = field(default_factory=list)
    is_removed: bool = False

    async def sign(self, text: str) -> str:
        self.calls.append(text)
        return signature_of(text)

    async def sign_challenge(self, random: str) -> str:
        return await self.sign(random)

    async def check_present(self) -> None:
        self.calls.append("present")
        if self.is_removed:
            raise Problem("card.gone", "请插入IC卡或者Key")


def signature_of(text: str) -> str:
    return base64.b64encode(f"signed {text}".encode()).decode()
