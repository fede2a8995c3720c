"""What can go wrong with a card. Official texts are those of the E-Port login page and its client control."""

from jiacha_tui.declaration.problem import Problem

_TO_ISSUER = "请联系发卡单位处理"


class CardProblem(Problem):
    """Any failure of a card or of the medium that holds it."""


class PinMissing(CardProblem):
    """No PIN was typed."""

    def __init__(self) -> None:
        super().__init__("card.pin-missing", "IC卡/Key密码不允许为空")


class PinMalformed(CardProblem):
    """What was typed cannot be a PIN, so no try is spent on it."""

    def __init__(self) -> None:
        super().__init__(
            "card.pin-malformed", "请正确输入8位IC卡/Key密码", "密码为 8 位英文字母、数字或符号，请关闭中文输入法"
        )


class WrongPin(CardProblem):
    """The card refused the PIN; `retries_left` tries remain, None where the medium does not tell."""

    def __init__(self, retries_left: int | None) -> None:
        remaining = "" if retries_left is None else f"，还可以尝试 {retries_left} 次"
        super().__init__("card.wrong-pin", f"输入口令错误{remaining}；连续错误会锁卡")
        self.retries_left = retries_left


class CardLocked(CardProblem):
    """Too many wrong PINs: the card takes no PIN any more."""

    def __init__(self, hint: str = "请联系发卡单位解锁") -> None:
        super().__init__("card.locked", "卡已锁定，不能再验证密码", hint)


class NoCard(CardProblem):
    """No card is inserted."""

    def __init__(self) -> None:
        super().__init__("card.none", "请插入IC卡或者Key")


class CardRemoved(CardProblem):
    """The card that was opened is no longer there."""

    def __init__(
        self,
        code: str = "card.gone",
        message: str = "请插入IC卡或者Key",
        hint: str = "登录时使用的卡已被拔出，请插回后重试",
    ) -> None:
        super().__init__(code, message, hint)


class PinVerificationLost(CardRemoved):
    """The card that was opened is there again, but it was without power and has to have its PIN verified anew."""

    def __init__(self) -> None:
        super().__init__("card.pin-forgotten", "卡被拔出过，需要重新验证密码", "请重新输入密码")


class CardMismatch(CardProblem):
    """Another card is inserted than the one that was opened."""

    def __init__(self) -> None:
        super().__init__("card.other", "插入的卡不是登录时使用的卡", "请换回登录时的卡，或退出后用这张卡重新登录")


class CardUnreachable(CardProblem):
    """The way to the card has ended, or nothing answers along it: nobody can tell whether the card is still there."""


class CardClosed(CardProblem):
    """The card was opened and closed again: it signs and decrypts nothing more."""

    def __init__(self) -> None:
        super().__init__("card.closed", "卡已关闭", "请重新登录")


class CardExpired(CardProblem):
    """The card's certificate is past its end."""

    def __init__(self) -> None:
        super().__init__("card.expired", "您的IC卡已过期!", "请办理证书延期后再登录")


class InvalidCard(CardProblem):
    """The card can be read, but what it says is not what a card says. `hint` tells what was missed."""

    def __init__(self, hint: str = _TO_ISSUER) -> None:
        super().__init__("card.abnormal", "卡信息异常，请尝试用证书延期方式更正!", hint)


class CardDamaged(CardProblem):
    """The files of a card cannot be read; no PIN would help. `how` tells which one, `hint` what to do."""

    def __init__(self, how: str = "无法读取", hint: str = _TO_ISSUER) -> None:
        super().__init__("card.damaged", f"卡文件已损坏：{how}", hint)


class SigningFailed(CardProblem):
    """The card gave no signature, or one that its own certificate does not confirm."""

    def __init__(self) -> None:
        super().__init__("card.signing-failed", "卡签名失败", "请拔出卡重新插入后重试")


class CannotDecrypt(CardProblem):
    """This medium offers no decryption (`OpenCard.encryption_certificate`)."""

    def __init__(self) -> None:
        super().__init__(
            "card.cannot-decrypt", "此卡介质不能解密", "本机缓存是用这张卡的另一种介质建立的，请选那种介质登录"
        )


class DecryptionFailed(CardProblem):
    """The ciphertext is not for this card, or is damaged; which of the two cannot be told."""

    def __init__(self) -> None:
        super().__init__("card.decryption-failed", "无法用此卡解密", "数据不是为这张卡加密的，或已损坏")


class SignatureMismatch(CardProblem):
    """A signature does not belong to this text and certificate."""

    def __init__(self) -> None:
        super().__init__("card.signature-wrong", "签名验证未通过")
