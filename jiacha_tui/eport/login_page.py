"""The login page of the port (CAS): what it asks for, what it gets, and what it says when it refuses."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.excerpt import message
from jiacha_tui.eport.http_transport import HttpBody
from jiacha_tui.eport.problems import InvalidPortResponse, LoginFailed, PinEncryptionUnsupported
from jiacha_tui.eport.signer import SignerIdentity

_ENCRYPTS_PIN = "user_sm_dt"
_STATUS = re.compile(r"\s*(\d{1,9})\s*\|(.*)", re.DOTALL | re.ASCII)
# No text that the port takes as the authorisation of a query or a resend (`<cards>||…`) is a nonce, nor is its base64,
# since some media sign what they decode.
_NONCE = re.compile(r"[!-{}~]{1,256}")
_AUTHORISATION = b"||"

_TEXTS = {
    0: "登录服务器故障，请稍后重试",
    4: "该卡已被列入黑名单，不能登录",
    5: "卡信息异常，请尝试用证书延期方式更正!",
    6: "登录服务器故障，请稍后重试",
}
"""What the numbers mean. The text of 5 is the official page's, the others are ours."""


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The page as far as a program needs it: its inputs by id, and the text of its status, "" where it has none."""

    inputs: Mapping[str, str] = field(repr=False)
    status: str = ""

    @classmethod
    def parse(cls, html: bytes) -> "LoginPage | None":
        """The login page, or None if this is another page or none at all."""
        root = _parse_html(html)
        if root is None:
            return None
        inputs: dict[str, str] = {}
        status = ""
        for element in root.iter():
            name = element.get("id")
            if element.tag == "input" and name is not None:
                inputs.setdefault(name, element.get("value") or "")
            if (name == "status" or element.tag == "status") and not status:
                status = (element.get("value") or "".join(str(text) for text in element.itertext())).strip()
        return cls(inputs, status) if "execution" in inputs else None

    @property
    def nonce(self) -> str:
        """What the card is to sign. Raises InvalidPortResponse if it is not one."""
        random = self.inputs.get("random", "")
        if not _NONCE.fullmatch(random) or _AUTHORISATION in _decoded(random):
            raise InvalidPortResponse("登录页面的随机数")
        return random

    def check_pin_handling(self) -> None:
        """Raises PinEncryptionUnsupported if the page wants the PIN encrypted, in a format nobody published."""
        if _ENCRYPTS_PIN in self.inputs:
            raise PinEncryptionUnsupported

    def refusal(self) -> LoginFailed:
        """Why this page came instead of a session."""
        match = _STATUS.fullmatch(self.status)
        if match is None:
            return LoginFailed(None, message(self.status) or "登录失败，服务器没有说明原因")
        number, words = int(match[1]), message(match[2])
        return LoginFailed(number, _TEXTS.get(number) or words or f"登录失败（{number}）", words)

    def answer(self, identity: SignerIdentity, signature: str, pin: str, assumptions: Assumptions) -> HttpBody:
        """The form, filled in. `pin` is empty unless the configuration says to send it."""
        assumed = {
            "dominate": assumptions.login_dominate,
            "t1": assumptions.login_t1,
            "tps": assumptions.login_tps,
            "lpid": assumptions.login_lpid,
            "_eventId": assumptions.login_event_id,
        }
        of_page = {
            name: self.inputs.get(name, "") for name in ("random", "serverDate", "lt", "execution", "swLoginFlag")
        }
        of_card = {"icCard": identity.card_number, "certNo": identity.certificate_serial, "signData": signature}
        named_by_page = {name: self.inputs[name] for name in assumed if self.inputs.get(name)}
        return HttpBody.form(assumed | named_by_page | of_page | of_card | {"userPin": pin})


def _parse_html(html: bytes) -> etree._Element | None:
    try:
        encoding = "utf-8" if html.decode("utf-8") else None
    except UnicodeDecodeError:
        encoding = "gb18030"
    parser = etree.HTMLParser(encoding=encoding, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(html, parser)
    except (etree.LxmlError, ValueError):
        return None


def _decoded(random: str) -> bytes:
    try:
        return base64.b64decode(random, validate=True)
    except ValueError:
        return b""
