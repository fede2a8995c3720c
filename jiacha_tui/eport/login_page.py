"""The login page of the port (CAS): reads its inputs and its status, and fills in its form."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.excerpt import safe_message
from jiacha_tui.eport.http_transport import HttpBody
from jiacha_tui.eport.problems import InvalidPortResponse, LoginFailed
from jiacha_tui.eport.signer import SignerIdentity

_MAX_PAGE_BYTES = 1024 * 1024
"""How much of a page is parsed. As a tree a page takes up to forty times its size."""

_PIN_KEY_ID = "user_sm_dt"
_PIN_MARK = "sgm"
_STATUS = re.compile(r"\s*(\d{1,9})\s*\|(.*)", re.DOTALL | re.ASCII)
# The nonce must not contain "|". Otherwise a page could make the card sign `<cards>||…`, which authorises a query or a
# resend. The base64 of such a text is refused too, because some cards decode the nonce before they sign it.
_NONCE = re.compile(r"[!-{}~]{1,256}")
_AUTHORISATION_SEPARATOR = b"||"

_STATUS_MESSAGES = {
    0: "登录服务器故障，请稍后重试",
    4: "该卡已被列入黑名单，不能登录",
    5: "卡信息异常，请尝试用证书延期方式更正!",
    6: "登录服务器故障，请稍后重试",
}
"""The messages for the status codes. That of 5 is the official text; the others are ours."""


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The login page: the values of its inputs by id, and the text of its status element ("" without one).

    `pin_key` is the key with which the page wants the PIN encrypted, or None. `script_sources` are the addresses of the
    scripts that the page loads, as they are written there. `has_pin_mark` tells that the page has a field `sgm`, which
    marks an encrypted PIN.
    """

    inputs: Mapping[str, str] = field(repr=False)
    status: str = ""
    pin_key: str | None = field(default=None, repr=False)
    script_sources: tuple[str, ...] = ()
    has_pin_mark: bool = False

    @classmethod
    def parse(cls, html: bytes) -> "LoginPage | None":
        """The login page in `html`, or None if `html` is not the login page."""
        root = _parse_html(html)
        if root is None:
            return None
        inputs: dict[str, str] = {}
        status = ""
        pin_key: str | None = None
        for element in root.iter():
            id_ = element.get("id")
            if id_ == _PIN_KEY_ID and pin_key is None:
                pin_key = _text_of(element)
            if element.tag == "input" and id_ is not None:
                inputs.setdefault(id_, element.get("value") or "")
            if (id_ == "status" or element.tag == "status") and not status:
                status = element.get("value", "").strip() or _text_of(element)
        if "execution" not in inputs:
            return None
        return cls(
            inputs,
            status,
            pin_key,
            tuple(source for script in root.iter("script") if (source := script.get("src", "").strip())),
            any(element.get("name") == _PIN_MARK for element in root.iter("input")),
        )

    @property
    def nonce(self) -> str:
        """The random text for the card to sign. Raises InvalidPortResponse if it is not safe to sign."""
        nonce = self.inputs.get("random", "")
        if not _NONCE.fullmatch(nonce) or _AUTHORISATION_SEPARATOR in _base64_decoded(nonce):
            raise InvalidPortResponse("登录页面的随机数")
        return nonce

    def login_failure(self) -> LoginFailed:
        """The failure that the status of this page describes."""
        match = _STATUS.fullmatch(self.status)
        if match is None:
            return LoginFailed(None, safe_message(self.status) or "登录失败，服务器没有说明原因")
        code, page_text = int(match[1]), safe_message(match[2])
        return LoginFailed(code, _STATUS_MESSAGES.get(code) or page_text or f"登录失败（{code}）", page_text)

    def fill_form(self, identity: SignerIdentity, signature: str, pin: str, assumptions: Assumptions) -> HttpBody:
        """The form with its values. `pin` is as the page wants it, and empty if it is not to be sent."""
        assumed = {
            "dominate": assumptions.login_dominate,
            "t1": assumptions.login_t1,
            "tps": assumptions.login_tps,
            "lpid": assumptions.login_lpid,
            "_eventId": assumptions.login_event_id,
        }
        from_page = {
            name: self.inputs.get(name, "") for name in ("random", "serverDate", "lt", "execution", "swLoginFlag")
        }
        from_card = {"icCard": identity.card_number, "certNo": identity.certificate_serial, "signData": signature}
        given_by_page = {name: self.inputs[name] for name in assumed if self.inputs.get(name)}
        mark = {_PIN_MARK: "1"} if pin and self.pin_key is not None and self.has_pin_mark else {}
        return HttpBody.form(assumed | given_by_page | from_page | from_card | mark | {"userPin": pin})


def page_title(html: bytes) -> str:
    """The title of an HTML page, safe to show, or ""."""
    root = _parse_html(html)
    title = None if root is None else root.find(".//title")
    return "" if title is None else safe_message("".join(str(text) for text in title.itertext()))


def _parse_html(html: bytes) -> etree._Element | None:
    html = html[:_MAX_PAGE_BYTES]
    try:
        encoding = "utf-8" if html.decode("utf-8") else None
    except UnicodeDecodeError:
        encoding = "gb18030"
    parser = etree.HTMLParser(encoding=encoding, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(html, parser)
    except (etree.LxmlError, ValueError):
        return None


def _text_of(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext()).strip()


def _base64_decoded(nonce: str) -> bytes:
    """The decoded bytes, or b"" if `nonce` is not base64."""
    try:
        return base64.b64decode(nonce, validate=True)
    except ValueError:
        return b""
