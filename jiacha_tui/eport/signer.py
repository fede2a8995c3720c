"""What the client needs from a card.

The client must not import the package of the cards. These protocols name the few members of a card that it uses.
"""

from typing import Protocol


class SignerIdentity(Protocol):
    """The part of a card's identity that the login form needs; `jiacha_tui.card.identity.CardIdentity` has it."""

    @property
    def card_number(self) -> str: ...

    @property
    def certificate_serial(self) -> str:
        """In lower-case hexadecimal digits."""
        ...


class Signer(Protocol):
    """An open card. The client does not catch the exceptions of its methods."""

    @property
    def identity(self) -> SignerIdentity: ...

    async def sign(self, text: str) -> str:
        """The signature over the UTF-8 bytes of `text`, in base64."""
        ...

    async def sign_challenge(self, nonce: str) -> str:
        """The signature over the nonce of the login page, in base64."""
        ...

    async def check_present(self) -> None:
        """Raises unless the card that logged in is still inserted."""
        ...
