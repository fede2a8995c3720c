"""The failures of a card and of the medium that holds it.

Official texts are those of the E-Port login page and of the E-Port's client control.

CardProblem              —                       base class of everything here and in `control` and `pcsc`
├ PinMissing             card.pin-missing        no PIN was typed
├ PinMalformed           card.pin-malformed      the text that was typed cannot be a PIN
├ WrongPin               card.wrong-pin          the card refused the PIN
├ PinBlocked             card.locked             the card accepts no PIN any more
├ NoCard                 card.none               no card is inserted
├ CardRemoved            card.gone               the card that was opened was removed
│ └ PinVerificationLost  card.pin-forgotten      the card was removed and inserted again and needs its PIN
├ CardMismatch           card.other              a different card is inserted than the one that was opened
├ CardUnreachable        (of its subclasses)     the connection to the card failed; the card may still be inserted
├ CardClosed             card.closed             the open card was closed
├ CardExpired            card.expired            the certificate has expired
├ InvalidCard            card.abnormal           the card can be read, but its content is not that of an E-Port card
├ CardDamaged            card.damaged            the files of a card file cannot be read
├ SigningFailed          card.signing-failed     no signature, or one that the card's certificate does not confirm
├ CannotDecrypt          card.cannot-decrypt     the medium does not decrypt
├ DecryptionFailed       card.decryption-failed  the ciphertext is for another card, or damaged
└ SignatureMismatch      card.signature-wrong    the signature is not of this text and certificate
"""

from jiacha_tui.declaration.problem import Problem

_CONTACT_ISSUER = "请联系发卡单位处理"


class CardProblem(Problem):
    """A failure of a card or of the medium that holds it."""


class PinMissing(CardProblem):
    """No PIN was typed."""

    def __init__(self) -> None:
        super().__init__("card.pin-missing", "IC卡/Key密码不允许为空")


class PinMalformed(CardProblem):
    """The text that was typed cannot be a PIN. It was not sent to the card."""

    def __init__(self) -> None:
        super().__init__(
            "card.pin-malformed", "请正确输入8位IC卡/Key密码", "密码为 8 位英文字母、数字或符号，请关闭中文输入法"
        )


class WrongPin(CardProblem):
    """The card refused the PIN. `retries_left` more may be tried; None if the medium does not tell."""

    def __init__(self, retries_left: int | None) -> None:
        remaining = "" if retries_left is None else f"，还可以尝试 {retries_left} 次"
        super().__init__("card.wrong-pin", f"输入口令错误{remaining}；连续错误会锁卡")
        self.retries_left = retries_left


class PinBlocked(CardProblem):
    """The card has blocked its PIN (ISO 7816-4), because too many wrong ones were tried. It accepts none any more."""

    def __init__(self, hint: str = "请联系发卡单位解锁") -> None:
        super().__init__("card.locked", "卡已锁定，不能再验证密码", hint)


class NoCard(CardProblem):
    """No card is inserted."""

    def __init__(self) -> None:
        super().__init__("card.none", "请插入IC卡或者Key")


class CardRemoved(CardProblem):
    """The card that was opened is no longer inserted."""

    def __init__(
        self,
        code: str = "card.gone",
        message: str = "请插入IC卡或者Key",
        hint: str = "登录时使用的卡已被拔出，请插回后重试",
    ) -> None:
        super().__init__(code, message, hint)


class PinVerificationLost(CardRemoved):
    """The card that was opened is inserted again. It lost power in between, so its PIN must be verified again."""

    def __init__(self) -> None:
        super().__init__("card.pin-forgotten", "卡被拔出过，需要重新验证密码", "请重新输入密码")


class CardMismatch(CardProblem):
    """A different card is inserted than the one that was opened."""

    def __init__(self) -> None:
        super().__init__("card.other", "插入的卡不是登录时使用的卡", "请换回登录时的卡，或退出后用这张卡重新登录")


class CardUnreachable(CardProblem):
    """The connection to the card failed. Whether the card is still inserted is unknown."""


class CardClosed(CardProblem):
    """The open card was closed. It can no longer sign or decrypt."""

    def __init__(self) -> None:
        super().__init__("card.closed", "卡已关闭", "请重新登录")


class CardExpired(CardProblem):
    """The card's certificate has expired."""

    def __init__(self) -> None:
        super().__init__("card.expired", "您的IC卡已过期!", "请办理证书延期后再登录")


class InvalidCard(CardProblem):
    """The card can be read, but its content is not that of an E-Port card. `hint` says what is wrong."""

    def __init__(self, hint: str = _CONTACT_ISSUER) -> None:
        super().__init__("card.abnormal", "卡信息异常，请尝试用证书延期方式更正!", hint)


class CardDamaged(CardProblem):
    """The files of a card file cannot be read. `reason` says which one, `hint` what to do."""

    def __init__(self, reason: str = "无法读取", hint: str = _CONTACT_ISSUER) -> None:
        super().__init__("card.damaged", f"卡文件已损坏：{reason}", hint)


class SigningFailed(CardProblem):
    """The card returned no signature, or one that its certificate does not confirm."""

    def __init__(self) -> None:
        super().__init__("card.signing-failed", "卡签名失败", "请拔出卡重新插入后重试")


class CannotDecrypt(CardProblem):
    """The medium or the card does not decrypt, or not what another medium of the same card has encrypted."""

    def __init__(self) -> None:
        super().__init__(
            "card.cannot-decrypt", "此卡介质不能解密", "本机缓存是用这张卡的另一种介质建立的，请选那种介质登录"
        )


class DecryptionFailed(CardProblem):
    """The ciphertext is for another card, or damaged. The two cannot be told apart."""

    def __init__(self) -> None:
        super().__init__("card.decryption-failed", "无法用此卡解密", "数据不是为这张卡加密的，或已损坏")


class SignatureMismatch(CardProblem):
    """The signature was not made over this text with the key of this certificate."""

    def __init__(self) -> None:
        super().__init__("card.signature-wrong", "签名验证未通过")
