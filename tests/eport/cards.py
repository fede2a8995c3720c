"""A card for the client's tests that remembers what it was asked."""

import base64
from dataclasses import dataclass, field

from jiacha_tui.declaration.problem import Problem


@dataclass(frozen=True)
class PaperIdentity:
    card_number: str = "JJ0G900000001"
    certificate_serial: str = "01691f7f"


@dataclass
class PaperCard:
    """A Signer whose signature says what was signed. `asked` has "present" and the texts, in order."""

    identity: PaperIdentity = field(default_factory=PaperIdentity)
    asked: list[str] = field(default_factory=list)
    gone: bool = False

    async def sign(self, text: str) -> str:
        self.asked.append(text)
        return signature_of(text)

    async def sign_challenge(self, random: str) -> str:
        return await self.sign(random)

    async def check_present(self) -> None:
        self.asked.append("present")
        if self.gone:
            raise Problem("card.gone", "请插入IC卡或者Key")


def signature_of(text: str) -> str:
    return base64.b64encode(f"signed {text}".encode()).decode()
