"""The identity of a card, read from its certificate."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier
from hypothesis import example, given
from hypothesis import strategies as st

from jiacha_tui.card.identity import CARD_NUMBER, COMPANY, ORGANISATION_CODE, CardIdentity, KeyType
from jiacha_tui.card.problems import InvalidCard
from jiacha_tui.demo.card_issuing import INVENTED_PERSONAL_NUMBER, Holder, IssuedCard
from tests.card.cards import NOW
from tests.needs import needs

_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, private: dict[ObjectIdentifier, bytes], serial: int = 7
) -> bytes:
    """A certificate whose private extensions contain exactly these bytes."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, " 单位名称 "),
            x509.NameAttribute(NameOID.COMMON_NAME, "王五"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=3650))
    )
    for oid, value in private.items():
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_the_identity_contains_card_number_holder_and_company(issued: IssuedCard, holder: Holder) -> None:
    identity = issued.identity
    assert identity.card_number == "JJ0G900000001"
    assert identity.certificate_serial == "01691f7f"
    assert identity.key_type is KeyType.RSA
    assert identity.holder == holder.name
    assert identity.company == holder.company
    assert identity.organisation_code == holder.organisation_code
    assert identity.valid_until.year - identity.valid_from.year == 10


def test_the_personal_number_is_in_the_certificate_but_never_shown(issued: IssuedCard) -> None:
    identity = issued.identity
    assert INVENTED_PERSONAL_NUMBER.encode() in identity.certificate
    assert INVENTED_PERSONAL_NUMBER not in repr(identity)
    assert repr(identity.certificate) not in repr(identity)
    texts = [getattr(identity, name) for name in ("card_number", "certificate_serial", "holder", "company")]
    assert all(INVENTED_PERSONAL_NUMBER not in text for text in texts)


@pytest.mark.parametrize(
    "value",
    [
        b"\x0c\x0dJJ0G900000009",
        b"\x13\x0dJJ0G900000009",
        b"\x04\x0dJJ0G900000009",
        b"\x1e\x1a" + "JJ0G900000009".encode("utf-16-be"),
        b"JJ0G900000009",
        b"JJ0G900000009\x00",
        b"03-JJ0G900000009",
        b"\x0c\x1003-JJ0G900000009",
    ],
)
def test_a_card_number_is_read_in_every_known_encoding(rsa_key: rsa.RSAPrivateKey, value: bytes) -> None:
    assert CardIdentity.from_certificate(_certificate(rsa_key, {CARD_NUMBER: value})).card_number == "JJ0G900000009"


@pytest.mark.parametrize(
    "value", [b"", b"\x0c\x00", b"JJ0G90000000", b"jj0g900000009", b"JJ0G900000009X", b"../0G900000009"]
)
def test_a_certificate_without_a_valid_card_number_is_refused(rsa_key: rsa.RSAPrivateKey, value: bytes) -> None:
    with pytest.raises(InvalidCard) as refused:
        CardIdentity.from_certificate(_certificate(rsa_key, {CARD_NUMBER: value}))
    assert refused.value.message == "卡信息异常，请尝试用证书延期方式更正!"


def test_the_reported_number_is_used_if_the_certificate_has_none_and_must_match_otherwise(
    rsa_key: rsa.RSAPrivateKey,
) -> None:
    without, with_number = _certificate(rsa_key, {}), _certificate(rsa_key, {CARD_NUMBER: b"JJ0G900000009"})
    assert CardIdentity.from_certificate(without, "03-JJ0G900000008").card_number == "JJ0G900000008"
    assert CardIdentity.from_certificate(with_number, "03-JJ0G900000009").card_number == "JJ0G900000009"
    for der, reported in ((with_number, "JJ0G900000008"), (with_number, "?"), (without, "?"), (without, "")):
        with pytest.raises(InvalidCard):
            CardIdentity.from_certificate(der, reported)


@pytest.mark.parametrize("company", ["示例" * 40, "Example Co., Ltd. " * 10 + "Shanghai", "示例进出口有限公司"])
def test_a_long_company_name_is_read_completely(rsa_key: rsa.RSAPrivateKey, company: str) -> None:
    text = company.encode()
    length = bytes([len(text)]) if len(text) < 128 else bytes([0x81, len(text)])
    der = _certificate(rsa_key, {CARD_NUMBER: b"JJ0G900000009", COMPANY: b"\x0c" + length + text})
    assert CardIdentity.from_certificate(der).company == company


def test_a_company_name_in_gb18030_is_read(rsa_key: rsa.RSAPrivateKey) -> None:
    der = _certificate(rsa_key, {CARD_NUMBER: b"JJ0G900000009", COMPANY: "示例公司".encode("gb18030")})
    assert CardIdentity.from_certificate(der).company == "示例公司"


def test_without_its_extension_the_company_is_the_organisational_unit(rsa_key: rsa.RSAPrivateKey) -> None:
    identity = CardIdentity.from_certificate(_certificate(rsa_key, {CARD_NUMBER: b"JJ0G900000009"}))
    assert (identity.company, identity.holder, identity.organisation_code) == ("单位名称", "王五", "")


def test_an_invalid_organisation_code_is_left_out(rsa_key: rsa.RSAPrivateKey) -> None:
    der = _certificate(rsa_key, {CARD_NUMBER: b"JJ0G900000009", ORGANISATION_CODE: b"12345678"})
    assert CardIdentity.from_certificate(der).organisation_code == ""


def test_a_key_type_that_no_card_has_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(InvalidCard, match=r"card\.abnormal"):
        CardIdentity.from_certificate(_certificate(key, {CARD_NUMBER: b"JJ0G900000009"}))


def test_a_p256_card_is_recognised_by_its_key() -> None:
    identity = CardIdentity.from_certificate(_certificate(_KEY, {CARD_NUMBER: b"JJ0G900000009"}))
    assert identity.key_type is KeyType.P256


@needs("openssl")
def test_an_sm2_card_is_recognised_by_its_key_and_has_a_longer_serial(tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "sm2.key"), tmp_path / "sm2.der"
    subprocess.run(["openssl", "ecparam", "-name", "SM2", "-genkey", "-noout", "-out", key], check=True)
    make = ["openssl", "req", "-x509", "-new", "-sm3", "-key", key, "-outform", "DER", "-out", str(certificate)]
    subject = ["-subj", "/OU=SM2 Company/CN=Holder", "-set_serial", "0x1234abcd", "-days", "3650"]
    extension = ["-addext", "1.3.6.1.4.1.5315.100.5.9=ASN1:UTF8String:JJ0G900000008"]
    subprocess.run([*make, *subject, *extension], check=True)
    identity = CardIdentity.from_certificate(certificate.read_bytes())
    assert identity.key_type is KeyType.SM2
    assert identity.certificate_serial == "000000001234abcd"
    assert identity.company == "SM2 Company"


@given(st.binary(max_size=400))
@example(b"")
def test_arbitrary_bytes_are_no_certificate(der: bytes) -> None:
    with pytest.raises(InvalidCard):
        CardIdentity.from_certificate(der)


def test_a_certificate_with_an_invalid_version_is_refused(issued: IssuedCard) -> None:
    version_3, version_2 = bytes.fromhex("a003020102"), bytes.fromhex("a003020101")
    with pytest.raises(InvalidCard):
        CardIdentity.from_certificate(issued.identity.certificate.replace(version_3, version_2, 1))


@given(data=st.data())
def test_a_damaged_certificate_is_read_or_refused(issued: IssuedCard, data: st.DataObject) -> None:
    der = bytearray(issued.identity.certificate)
    for _change in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        CardIdentity.from_certificate(bytes(der))
    except InvalidCard:
        return


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=30), 30),
        (timedelta(days=29, seconds=1), 30),
        (timedelta(seconds=1), 1),
        (timedelta(0), 0),
        (timedelta(seconds=-1), 0),
        (timedelta(days=-1), -1),
    ],
)
def test_a_started_day_counts_as_a_whole_one(issued: IssuedCard, left: timedelta, days: int) -> None:
    assert issued.identity.days_left(issued.identity.valid_until - left) == days


def test_the_expiry_date_has_a_time_zone(issued: IssuedCard) -> None:
    assert issued.identity.valid_until.tzinfo is UTC
    assert issued.identity.days_left(datetime(2026, 6, 15, tzinfo=UTC)) > 3600
