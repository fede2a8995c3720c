"""Cards like those of the E-Port: their certificates, their validity, and what other programs make of them."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import certificate_path
from jiacha_tui.demo.card_issuing import (
    INVENTED_PERSONAL_NUMBER,
    Authority,
    Holder,
    IssuedCard,
    issue_card,
    make_ca,
    save_card,
)
from tests.needs import needs

ARC = "1.3.6.1.4.1.5315.100.5"
HOLDER = Holder(card_number="JJ0G900000001", name="张小明", company="示例进出口有限公司", organisation_code="MA1FL0001")
PIN = "Zq7#kW2!"
NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_ca(NOW - timedelta(days=400))


@pytest.fixture(scope="module")
def issued(authority: Authority) -> IssuedCard:
    return issue_card(authority, HOLDER, valid_from=NOW - timedelta(days=10))


@pytest.fixture
def p12_path(issued: IssuedCard, tmp_path: Path) -> Path:
    path = tmp_path / "card.p12"
    save_card(issued, Pin(PIN), path)
    return path


def test_a_card_looks_like_those_of_the_e_port(issued: IssuedCard) -> None:
    assert issued.certificate.subject.rfc4514_string({}) == f"CN={HOLDER.name},OU={HOLDER.company},C=CN"
    assert issued.certificate.issuer.rfc4514_string() == "CN=中国电子业务证书管理中心,OU=证书管理中心,O=中国电子口岸"
    private = {
        extension.oid.dotted_string: extension.value.value[2:].decode()
        for extension in issued.certificate.extensions
        if isinstance(extension.value, x509.UnrecognizedExtension)
    }
    assert private == {
        f"{ARC}.1": HOLDER.company,
        f"{ARC}.8": INVENTED_PERSONAL_NUMBER,
        f"{ARC}.9": HOLDER.card_number,
        f"{ARC}.11": HOLDER.organisation_code,
    }
    key = issued.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048


def test_a_card_is_issued_by_its_authority(authority: Authority, issued: IssuedCard) -> None:
    issued.certificate.verify_directly_issued_by(authority.certificate)
    with pytest.raises(ValueError, match="does not match"):
        issued.certificate.verify_directly_issued_by(issued.certificate)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2020, 2, 29, tzinfo=UTC), datetime(2030, 2, 28, tzinfo=UTC)),
        (datetime(2021, 3, 1, 8, tzinfo=UTC), datetime(2031, 3, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_card_is_valid_for_ten_years(authority: Authority, start: datetime, end: datetime) -> None:
    assert issue_card(authority, HOLDER, valid_from=start).identity.valid_until == end


def test_a_card_may_be_expired_or_nearly(authority: Authority) -> None:
    old = issue_card(authority, HOLDER, valid_from=NOW - timedelta(days=9), valid_until=NOW - timedelta(days=1))
    assert old.identity.days_left(NOW) == -1
    soon = issue_card(authority, HOLDER, valid_from=NOW - timedelta(days=9), valid_until=NOW + timedelta(days=12))
    assert soon.identity.days_left(NOW) == 12


def test_serial_numbers_differ(authority: Authority, issued: IssuedCard) -> None:
    another = issue_card(authority, HOLDER, valid_from=NOW)
    assert another.identity.certificate_serial != issued.identity.certificate_serial
    assert len(another.identity.certificate_serial) == 8


def test_repr_shows_neither_keys_nor_personal_numbers(authority: Authority, issued: IssuedCard) -> None:
    shown = repr(authority) + repr(issued) + repr(HOLDER)
    assert "RSAPrivateKey" not in shown
    assert INVENTED_PERSONAL_NUMBER not in shown


@needs("openssl")
def test_openssl_opens_the_card_with_its_pin(p12_path: Path) -> None:
    def opened_with(pin: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["openssl", "pkcs12", "-in", p12_path, "-noenc", "-passin", "env:CARD_PIN"],
            env={"CARD_PIN": pin, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )

    opened = opened_with(PIN)
    assert opened.returncode == 0
    assert "BEGIN PRIVATE KEY" in opened.stdout
    assert opened.stdout.count("BEGIN CERTIFICATE") == 2
    assert opened_with("12345678").returncode != 0


@needs("openssl")
def test_openssl_accepts_the_chain(p12_path: Path, authority: Authority, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    moment = str(int(NOW.timestamp()))
    checked = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", ca, certificate_path(p12_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_an_authority_is_valid_longer_than_its_cards() -> None:
    ca = make_ca(NOW)
    assert ca.certificate.not_valid_after_utc.year - NOW.year == 30
