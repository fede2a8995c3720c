"""Certificates with names in the encodings of Chinese issuers. The DER is put together here, byte by byte."""

import base64

import hypothesis.strategies as st
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.problems import InvalidCard
from jiacha_tui.card.signature import verify
from jiacha_tui.certificates import COMMON_NAME, decode_text, load_certificate, subject_text
from jiacha_tui.demo.card_issuing import INVENTED_PERSONAL_NUMBER

UTF8, PRINTABLE, TELETEX, IA5, UNIVERSAL, BMP = 0x0C, 0x13, 0x14, 0x16, 0x1C, 0x1E
HOLDER, COMPANY = "王一", "示例进出口有限公司"
CARD = "JJ0G900000001"

_OIDS = {"CN": "550403", "OU": "55040b", "O": "55040a"}
_RSA_WITH_SHA256 = bytes.fromhex("300d06092a864886f70d01010b0500")


def der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


_COMPANY_EXTENSION, _NUMBER_EXTENSION, _CARD_EXTENSION = (
    der(0x06, bytes.fromhex("2b06010401a9436405") + bytes([last])) for last in (1, 8, 9)
)


def name(*attributes: tuple[str, int, bytes]) -> bytes:
    return der(
        0x30,
        *(der(0x31, der(0x30, der(0x06, bytes.fromhex(_OIDS[oid])), der(tag, text))) for oid, tag, text in attributes),
    )


def certificate(key: rsa.RSAPrivateKey, subject: bytes, issuer: bytes, *, extensions: bytes = b"") -> bytes:
    """A certificate of version 3, valid for ten years."""
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    validity = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"360101000000Z"))
    tbs = der(
        0x30,
        der(0xA0, der(0x02, b"\x02")),
        der(0x02, bytes.fromhex("01691f7f")),
        _RSA_WITH_SHA256,
        issuer,
        validity,
        subject,
        public,
        der(0xA3, der(0x30, extensions or extension(_CARD_EXTENSION, CARD.encode()))),
    )
    signature = key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    return der(0x30, tbs, _RSA_WITH_SHA256, der(0x03, b"\0" + signature))


def extension(oid: bytes, content: bytes) -> bytes:
    return der(0x30, oid, der(0x04, content))


ISSUERS = [
    name(("O", PRINTABLE, "中国电子口岸".encode("gb18030")), ("CN", TELETEX, "业务证书管理中心".encode("gb18030"))),
    name(("O", UTF8, "中国电子口岸".encode())),
]


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize("issuer", ISSUERS, ids=["GBK", "UTF-8"])
@pytest.mark.parametrize(
    ("tag", "encoding"),
    [
        *((tag, "gb18030") for tag in (TELETEX, PRINTABLE, UTF8, IA5)),
        *((tag, "utf-8") for tag in (TELETEX, PRINTABLE, UTF8)),
        (BMP, "utf-16-be"),
        (UNIVERSAL, "utf-32-be"),
    ],
)
def test_holder_and_company_are_read_in_every_encoding_and_string_type(
    key: rsa.RSAPrivateKey, issuer: bytes, tag: int, encoding: str
) -> None:
    subject = name(("OU", tag, COMPANY.encode(encoding)), ("CN", tag, HOLDER.encode(encoding)))
    identity = CardIdentity.from_certificate(certificate(key, subject, issuer))
    assert (identity.holder, identity.company, identity.card_number) == (HOLDER, COMPANY, CARD)


def test_signatures_of_such_a_card_are_verified(key: rsa.RSAPrivateKey) -> None:
    subject = name(("CN", PRINTABLE, HOLDER.encode("gb18030")))
    one = certificate(key, subject, ISSUERS[0])
    signed = key.sign(b"text", padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - as E-Port cards sign
    verify(one, "text", base64.b64encode(signed).decode())
    assert load_certificate(one).serial_number == 0x01691F7F


@pytest.mark.parametrize("tag", [UTF8, PRINTABLE, TELETEX, BMP, UNIVERSAL])
@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"\xd6"])
def test_what_no_encoding_explains_is_shown_escaped(key: rsa.RSAPrivateKey, tag: int, content: bytes) -> None:
    identity = CardIdentity.from_certificate(certificate(key, name(("CN", tag, content)), ISSUERS[1]))
    assert identity.holder == "".join(f"\\x{byte:02x}" for byte in content)


def test_the_personal_number_stays_unread_beside_names_in_gbk(key: rsa.RSAPrivateKey) -> None:
    extensions = b"".join(
        [
            extension(_CARD_EXTENSION, CARD.encode()),
            extension(_NUMBER_EXTENSION, INVENTED_PERSONAL_NUMBER.encode()),
            extension(_COMPANY_EXTENSION, der(TELETEX, COMPANY.encode("gb18030"))),
        ]
    )
    subject = name(("CN", TELETEX, HOLDER.encode("gb18030")))
    identity = CardIdentity.from_certificate(certificate(key, subject, ISSUERS[0], extensions=extensions))
    assert (identity.holder, identity.company) == (HOLDER, COMPANY)
    assert INVENTED_PERSONAL_NUMBER not in repr(identity)


def test_a_certificate_without_the_attribute_has_no_text_for_it(key: rsa.RSAPrivateKey) -> None:
    assert subject_text(certificate(key, name(), ISSUERS[0]), COMMON_NAME) == ""


@pytest.mark.parametrize("text", ["一", "阿卜杜·热西提", "Example Co., Ltd.", "镕", "㐂", "𠀀"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_text_is_told_apart_by_what_it_means_in_chinese(text: str, encoding: str) -> None:
    assert decode_text(TELETEX, text.encode(encoding)) == text


@given(tag=st.sampled_from([UTF8, PRINTABLE, TELETEX, IA5, UNIVERSAL, BMP]), content=st.binary(max_size=40))
def test_any_name_gives_a_holder(key: rsa.RSAPrivateKey, tag: int, content: bytes) -> None:
    one = certificate(key, name(("CN", tag, content), ("OU", tag, content)), ISSUERS[0])
    identity = CardIdentity.from_certificate(one)
    assert identity.holder == identity.company


@given(data=st.data())
def test_a_damaged_certificate_is_read_or_refused(key: rsa.RSAPrivateKey, data: st.DataObject) -> None:
    one = bytearray(certificate(key, name(("CN", PRINTABLE, HOLDER.encode("gb18030"))), ISSUERS[0]))
    for _ in range(data.draw(st.integers(1, 4))):
        one[data.draw(st.integers(0, len(one) - 1))] = data.draw(st.integers(0, 255))
    try:
        CardIdentity.from_certificate(bytes(one))
    except InvalidCard:
        return
