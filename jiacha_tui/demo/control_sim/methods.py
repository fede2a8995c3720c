"""The methods of the control, with the card in the reader and the published errors.

Texts that are not published (for a locked card, for an unknown method) begin with 「[模拟]」.
"""

import base64
import binascii
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jiacha_tui.card.pin import PIN_LENGTH
from jiacha_tui.demo.card_issuing import INVENTED_PERSONAL_NUMBER
from jiacha_tui.demo.control_sim.cards import CardKeys, PinRefused, SimulatedCard
from jiacha_tui.demo.control_sim.encryption import EncryptionBehaviour, EncryptionFault

NO_READER: Final = ("[读卡器底层库]打开读卡器失败:错误码=50200", "Err:Custom50200")
NO_CARD: Final = ("[读卡器底层库]读卡器中没有卡:错误码=51590", "Err:Custom51590")
RESET_FAILED: Final = ("[读卡器底层库]复位读卡器失败:错误码：50070", "Err:Custom50070")
WRONG_PIN: Final = ("输入口令错误",)
LOCKED: Final = ("[模拟]卡已锁定",)

_FAMILIES: Final = ("cus-sec_Spc", "security_Spc")
"""The prefixes by which two generations of web pages call the same methods."""

_SEPARATOR: Final = "||"
_USER_INFO_FIELDS: Final = 13
_TIME: Final = "%Y%m%d%H%M%S"

Args = Mapping[str, Any]


class MethodRefused(Exception):
    """The call failed. `errors` is the `Error` of the reply."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(slots=True)
class SimulatedReader:
    """The card reader and the card in it.

    An `unresponsive` reader no longer reacts until the control is restarted, as happens after long use.
    `decodes_nonce` says whether the card signs the bytes that the nonce is the base64 of instead of its text; which of
    the two a real control does is not known.
    """

    card: SimulatedCard | None = None
    white: bool = False
    unresponsive: bool = False
    decodes_nonce: bool = False
    encryption: EncryptionBehaviour = field(default_factory=EncryptionBehaviour)

    def call(self, method: str, args: Args) -> list[Any]:
        """Executes a method and returns the `Data` of the reply. Raises MethodRefused."""
        missing = _FAULTS_OF_MISSING_METHODS.get(method.removeprefix(_FAMILIES[0]).removeprefix(_FAMILIES[1]))
        if method not in _METHODS or missing in self.encryption.faults:
            raise MethodRefused((f"[模拟]没有方法 {method}",))
        return _METHODS[method](self, args)

    def inserted_card(self) -> SimulatedCard:
        """Raises MethodRefused if there is none or the reader is unresponsive."""
        if self.unresponsive:
            raise MethodRefused(RESET_FAILED)
        if self.card is None:
            raise MethodRefused(NO_READER)
        return self.card


def is_signing_method(method: str) -> bool:
    """Whether the method makes the card sign, which takes some time."""
    return ("sign" in method.lower() and "Cert" not in method) or method == "ra_identifyFirstStep"


def _verify(reader: SimulatedReader, pin: object) -> CardKeys:
    try:
        return reader.inserted_card().verify(str(pin))
    except PinRefused as refused:
        raise MethodRefused(LOCKED if refused.locked else WRONG_PIN) from None


def _require_ordinary(reader: SimulatedReader) -> None:
    if reader.white:
        raise MethodRefused(("[模拟]白读卡器要用 ra_ 的方法登录",))


def _require_white(reader: SimulatedReader) -> None:
    if not reader.white:
        raise MethodRefused(("[模拟]不是白读卡器",))


def _verify_pin(reader: SimulatedReader, args: Args) -> list[Any]:
    _require_ordinary(reader)
    _verify(reader, args.get("passwd"))
    return []


def _change_pin(reader: SimulatedReader, args: Args) -> list[Any]:
    new = str(args.get("newPin"))
    if len(new) != PIN_LENGTH:
        raise MethodRefused(("[模拟]新口令不是 8 位",))
    try:
        reader.inserted_card().change_pin(str(args.get("oldPin")), new)
    except PinRefused as refused:
        raise MethodRefused(LOCKED if refused.locked else WRONG_PIN) from None
    return []


def _sign(reader: SimulatedReader, args: Args) -> list[Any]:
    text = str(args.get("inData", args.get("inputData", "")))
    signature = _verify(reader, args.get("passwd")).sign(text.encode())
    return [_base64(signature), reader.inserted_card().identity.certificate_serial]


def _sign_random(reader: SimulatedReader, args: Args) -> list[Any]:
    _require_ordinary(reader)
    return [_base64(_verify(reader, args.get("passwd")).sign(_nonce_bytes(reader, args.get("random"))))]


def _nonce_bytes(reader: SimulatedReader, nonce: object) -> bytes:
    try:
        return base64.b64decode(str(nonce), validate=True) if reader.decodes_nonce else str(nonce).encode()
    except binascii.Error:
        raise MethodRefused(("[模拟]随机数不是 base64",)) from None


def _is_white(reader: SimulatedReader, _args: Args) -> list[Any]:
    return ["1" if reader.white else "0"]


def _identify_white(reader: SimulatedReader, args: Args) -> list[Any]:
    _require_white(reader)
    signature = _verify(reader, args.get("passwd")).sign(_nonce_bytes(reader, args.get("strInputDecodePEM")))
    return [reader.inserted_card().identity.certificate_serial, _base64(signature)]


def _verify_white(reader: SimulatedReader, args: Args) -> list[Any]:
    _require_white(reader)
    verdict: dict[str, Any] = {"VerifyPINSuccess": True, "Error": []}
    try:
        _verify(reader, args.get("userpin"))
    except MethodRefused as refused:
        if reader.card is None or reader.unresponsive:
            raise
        verdict = {"VerifyPINSuccess": False, "Error": list(refused.errors)}
    return [_user_info(reader.inserted_card()), verdict]


def _encrypt(reader: SimulatedReader, args: Args) -> list[Any]:
    """Encrypts a text to the inserted card. A certificate of somebody else is not supported."""
    keys, text = _verify(reader, args.get("passwd")), str(args.get("inData"))
    if "certData" in args:
        raise MethodRefused(("[模拟]不支持别人的证书",))
    if EncryptionFault.ECHO in reader.encryption.faults:
        return [_base64(text.encode())]
    try:
        return [_base64(keys.encrypt(text.encode(), reader.encryption.padding))]
    except ValueError:
        raise MethodRefused(("[模拟]内容太长",)) from None


def _decrypt(reader: SimulatedReader, args: Args) -> list[Any]:
    behaviour = reader.encryption
    if EncryptionFault.WRONG_PIN in behaviour.faults:
        with contextlib.suppress(MethodRefused):
            _verify(reader, "")
        raise MethodRefused(("[模拟]解密失败",))
    keys = _verify(reader, args.get("passwd"))
    if EncryptionFault.LIES in behaviour.faults:
        return [_base64(bytes(32))]
    try:
        encrypted = base64.b64decode(str(args.get("inData")), validate=True)
        echo = EncryptionFault.ECHO in behaviour.faults
        plain = encrypted if echo else keys.decrypt(encrypted, behaviour.padding)
    except ValueError:
        raise MethodRefused(("[模拟]密文的填充不对", "Err:Custom50001")) from None
    return [_base64(plain) if EncryptionFault.BASE64 in behaviour.faults else plain.decode(errors="replace")]


def _encryption_certificate(reader: SimulatedReader, _args: Args) -> list[Any]:
    return [_base64(reader.encryption.foreign_certificate or reader.inserted_card().identity.certificate)]


def _user_info_all(reader: SimulatedReader, args: Args) -> list[Any]:
    if "userpin" in args:
        _verify(reader, args["userpin"])
    return [_user_info(reader.inserted_card())]


def _user_info(card: SimulatedCard) -> str:
    """The known fields, and the holder's personal number in an unknown one, because a real card returns it too."""
    identity = card.identity
    fields = [""] * _USER_INFO_FIELDS
    fields[0] = identity.certificate_serial
    fields[1] = identity.holder
    fields[3] = INVENTED_PERSONAL_NUMBER
    fields[5] = f"03-{identity.card_number}"
    fields[8] = identity.organisation_code
    fields[12] = identity.valid_until.strftime(_TIME)
    return _SEPARATOR.join(fields)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _reading_card(read: Callable[[SimulatedCard], Any]) -> Callable[[SimulatedReader, Args], list[Any]]:
    return lambda reader, _args: [read(reader.inserted_card())]


_Method = Callable[[SimulatedReader, Args], list[Any]]

_METHODS_OF_BOTH_FAMILIES: Final[dict[str, _Method]] = {
    "InitEnvEx": _reading_card(lambda _card: ""),
    "ClearEnv": lambda _reader, _args: [],
    "GetCardID": _reading_card(lambda card: f"03-{card.identity.card_number}"),
    "GetCertNo": _reading_card(lambda card: card.identity.certificate_serial),
    "GetUName": _reading_card(lambda card: card.identity.holder),
    "GetEntID": _reading_card(lambda card: card.identity.organisation_code),
    "GetEntName": _reading_card(lambda card: card.identity.company),
    "GetCardUserInfo": _reading_card(_user_info),
    "GetEnvCertAsPEM": _encryption_certificate,
    "GetSignCertAsPEM": _reading_card(lambda card: _base64(card.identity.certificate)),
    "GetValidTimeFromCert": _reading_card(
        lambda card: {
            "szStartTime": card.identity.valid_from.strftime(_TIME),
            "szEndTime": card.identity.valid_until.strftime(_TIME),
        }
    ),
    "VerifyPIN": _verify_pin,
    "VerifyPINAll": _verify_pin,
    "ChangePIN": _change_pin,
    "SignDataAsPEM": _sign,
    "SignRandom": _sign_random,
    "RSAEncrypt": _encrypt,
    "RSADecrypt": _decrypt,
}

_FAULTS_OF_MISSING_METHODS: Final = {
    "RSAEncrypt": EncryptionFault.NO_ENCRYPT,
    "RSADecrypt": EncryptionFault.NO_DECRYPT,
    "GetEnvCertAsPEM": EncryptionFault.NO_CERTIFICATE,
}

_METHODS: Final[dict[str, _Method]] = {
    **{f"{family}{name}": method for family in _FAMILIES for name, method in _METHODS_OF_BOTH_FAMILIES.items()},
    "security_signData": _sign,
    "security_getGetCardUserInfoAll": _user_info_all,
    "ra_Is903Reader": _is_white,
    "ra_identifyFirstStep": _identify_white,
    "ra_VerifyPinAndGetCardUserInfo": _verify_white,
}
