"""A client of the wire written for these tests from docs/port.md, with httpx and cryptography alone."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import pkcs12

LIST = "sw/rtx/billDownload/queryEntryIdBill"
DETAIL = "sw/rtx/decDetail/viewDetail"
DOWNLOAD = "sw/rtx/billDownload/downloadXml"
RESEND = "sw/rtx/send1"
SESSION = "sw/rtx/commonQuery/getSession"
PIN = b"12345678"


@dataclass(frozen=True)
class Card:
    """The content of a card's PKCS#12 file."""

    number: str
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @classmethod
    def at(cls, path: Path) -> "Card":
        key, certificate, _ = pkcs12.load_key_and_certificates(path.read_bytes(), PIN)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert certificate is not None
        private = x509.ObjectIdentifier("1.3.6.1.4.1.5315.100.5.9")
        value = certificate.extensions.get_extension_for_oid(private).value
        assert isinstance(value, x509.UnrecognizedExtension)
        return cls(value.value[2:].decode(), certificate, key)

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:08x}"

    def sign(self, text: str) -> str:
        return base64.b64encode(self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA1())).decode()  # noqa: S303


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[str, str] = {}
        self.status = ""
        self._in_status = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "input":
            self.inputs[attributes.get("id") or ""] = attributes.get("value") or ""
        self._in_status = attributes.get("id") == "status"

    def handle_data(self, data: str) -> None:
        if self._in_status:
            self.status += data

    def handle_endtag(self, tag: str) -> None:
        self._in_status = False


@dataclass
class LoginPage:
    inputs: Mapping[str, str]
    status: str

    @classmethod
    def of(cls, response: httpx.Response) -> "LoginPage":
        parser = _Inputs()
        parser.feed(response.text)
        return cls(parser.inputs, parser.status.strip())


@dataclass
class Browser:
    """One client. It follows no redirect automatically."""

    http: httpx.AsyncClient
    root: str
    rdtime: str = ""
    cards: str = ""
    script: str = ""
    card: Card | None = None
    signatures: list[str] = field(default_factory=list)

    @property
    def login_url(self) -> str:
        return f"{self.root}/cas/login"

    def url(self, path: str) -> str:
        return f"{self.root}/rtxwebserver/{path}"

    async def login_page(self) -> LoginPage:
        response = await self.http.get(self.login_url, params={"service": self.url(SESSION)})
        assert response.status_code == 200
        return LoginPage.of(response)

    def form(self, page: LoginPage, card: Card, **changes: str) -> dict[str, str]:
        fields = {
            **dict.fromkeys(("dominate", "t1", "tps", "lpid", "userPin"), ""),
            **{name: page.inputs[name] for name in ("random", "serverDate", "lt", "execution", "swLoginFlag")},
            "icCard": card.number,
            "certNo": card.serial,
            "signData": card.sign(page.inputs["random"]),
            "_eventId": "submit",
        }
        return fields | changes

    async def submit(self, form: Mapping[str, str]) -> httpx.Response:
        return await self.http.post(self.login_url, params={"service": self.url(SESSION)}, data=dict(form))

    async def log_in(self, card: Card, **changes: str) -> None:
        response = await self.submit(self.form(await self.login_page(), card, **changes))
        assert response.status_code == 302, LoginPage.of(response).status
        while response.status_code == 302:
            response = await self.http.get(response.headers["location"])
        session = (await self.http.post(self.url(SESSION))).json()
        self.card, self.rdtime, self.cards = card, session["rdtime"], session["cards"]
        self.script = (await self.http.get(self.url("menuType"), headers={"rdtime": self.rdtime})).text

    async def refused_login(self, card: Card, **changes: str) -> str:
        response = await self.submit(self.form(await self.login_page(), card, **changes))
        assert response.status_code == 200
        return LoginPage.of(response).status

    async def post(self, path: str, body: object, sign: str | None = None) -> httpx.Response:
        headers = {"rdtime": self.rdtime}
        if sign is not None:
            headers |= {"sign": sign, "isVerify": "1"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(self.url(path), content=content, headers=headers)

    def open(self, response: httpx.Response) -> Any:
        """The content of the envelope."""
        key, iv = re.findall(r"CryptoJS\.enc\.Latin1\.parse\('(.{16})'\)", self.script)
        (marker,) = re.findall(r"result\.replace\('([^']*)", self.script)
        decryptor = Cipher(algorithms.AES(key.encode("latin-1")), modes.CBC(iv.encode("latin-1"))).decryptor()
        text = decryptor.update(base64.b64decode(response.content)) + decryptor.finalize()
        return json.loads(text.rstrip(b"\0").decode().replace(marker, ""), parse_float=Decimal)

    async def ask(self, path: str, body: Mapping[str, object], subject: str) -> Any:
        """The decrypted response to a list or detail call. Signs and repeats the call if the port demands that."""
        answer = self.open(await self.post(path, body))
        if answer["responseCode"] == 30001:
            assert self.card is not None
            self.signatures.append(subject)
            answer = self.open(await self.post(path, body, self.card.sign(f"{self.cards}||{subject}")))
        return answer

    async def list(self, start: str, end: str, page: int = 1, size: int = 30, dec_type: str = "1") -> Any:
        body = {
            "curPage": page,
            "pageSize": size,
            "decType": dec_type,
            "entryId": "",
            "startDate": start,
            "endDate": end,
        }
        return await self.ask(LIST, body, start + end)

    async def by_number(self, entry_id: str, dec_type: str = "1") -> Any:
        body = {
            "curPage": 1,
            "pageSize": 30,
            "decType": dec_type,
            "entryId": entry_id,
            "startDate": "",
            "endDate": "",
        }
        return await self.ask(LIST, body, entry_id)

    async def detail(self, row: Mapping[str, Any], dec_type: str = "1") -> Any:
        body = {"entryId": row["entryId"], "decType": dec_type, "encryptStr": row["encryptStr"]}
        return await self.ask(DETAIL, body, row["entryId"])

    async def download(self, start: str, end: str) -> httpx.Response:
        return await self.post(DOWNLOAD, {"decType": "1", "entryId": "", "startDate": start, "endDate": end})

    async def preview(self, entry_id: str, dec_type: str = "1") -> httpx.Response:
        return await self.http.get(
            self.url(f"sw/rtx/decDetail/preview/{entry_id},{dec_type}"), headers={"rdtime": self.rdtime}
        )

    async def resend(self, *entry_ids: str) -> Any:
        assert self.card is not None
        ids = ",".join(entry_ids)
        response = await self.post(RESEND, {"ids": ids, "msgType": "RTXJG"}, self.card.sign(f"{self.cards}||{ids}"))
        return response.json()
