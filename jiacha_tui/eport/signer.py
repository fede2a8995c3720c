"""What the port's client needs of a card: who it is, that it is still there, and its signature."""

from typing import Protocol


class SignerIdentity(Protocol):
    @property
    def card_number(self) -> str: ...

    @property
    def certificate_serial(self) -> str:
        """Lower-case hex."""
        ...


class Signer(Protocol):
    """An open card. What its calls raise passes through the client unchanged."""

    @property
    def identity(self) -> SignerIdentity: ...

    async def sign(self, text: str) -> str:
        """The signature over the UTF-8 bytes of `text`, base64."""
        ...

    async def sign_challenge(self, random: str) -> str:
        """The card's answer to the random of the login page, base64."""
        ...

    async def check_present(self) -> None:
        """Raises unless the card that logged in is still inserted."""
        ...
