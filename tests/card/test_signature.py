"""The verification of signatures, compared with OpenSSL."""

import asyncio
import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import SignatureMismatch
from jiacha_tui.card.signature import verify
from jiacha_tui.demo.card_issuing import Authority, Holder, IssuedCard, issue_certificate
from tests.card.cards import NOW, PIN, medium
from tests.needs import needs

TEXT = "JJ0G900000001||2025060120250630"


async def _signature(p12_path: Path, text: str = TEXT) -> str:
    card = await medium(p12_path).open(Pin(PIN))
    try:
        return await card.sign(text)
    finally:
        await card.close()


async def test_a_signature_is_valid_for_its_text_and_certificate_only(
    p12_path: Path, issued: IssuedCard, other_issued: IssuedCard
) -> None:
    signature = await _signature(p12_path)
    verify(issued.identity.certificate, TEXT, signature)
    with pytest.raises(SignatureMismatch):
        verify(issued.identity.certificate, TEXT + " ", signature)
    with pytest.raises(SignatureMismatch):
        verify(other_issued.identity.certificate, TEXT, signature)


async def test_chinese_text_is_signed_as_utf8(p12_path: Path, issued: IssuedCard) -> None:
    verify(issued.identity.certificate, "报关单", await _signature(p12_path, "报关单"))


def test_a_p256_signature_is_ecdsa_with_sha256(authority: Authority, holder: Holder) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue_certificate(authority, holder, key.public_key(), valid_from=NOW)
    der = certificate.public_bytes(serialization.Encoding.DER)
    verify(der, TEXT, base64.b64encode(key.sign(TEXT.encode(), ec.ECDSA(hashes.SHA256()))).decode())
    for raw in (
        key.sign(TEXT.encode(), ec.ECDSA(hashes.SHA512())),
        key.sign(b"", ec.ECDSA(hashes.SHA256())),
        b"",
        b"0",
    ):
        with pytest.raises(SignatureMismatch):
            verify(der, TEXT, base64.b64encode(raw).decode())


def test_an_rsa_signature_with_sha256_is_not_valid(issued: IssuedCard) -> None:
    raw = issued.key.sign(TEXT.encode(), padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(SignatureMismatch):
        verify(issued.identity.certificate, TEXT, base64.b64encode(raw).decode())


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_arbitrary_text_is_no_valid_signature(issued: IssuedCard, signature: str) -> None:
    with pytest.raises(SignatureMismatch):
        verify(issued.identity.certificate, TEXT, signature)


def test_no_signature_is_valid_for_an_unreadable_certificate() -> None:
    with pytest.raises(SignatureMismatch):
        verify(b"no certificate", TEXT, "")


@needs("openssl")
def test_openssl_confirms_the_signature(p12_path: Path, issued: IssuedCard, tmp_path: Path) -> None:
    key, text, signature = tmp_path / "key.pem", tmp_path / "text", tmp_path / "signature"
    key.write_bytes(
        issued.certificate.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    text.write_text(TEXT, encoding="utf-8")
    signature.write_bytes(base64.b64decode(asyncio.run(_signature(p12_path))))
    command = ["openssl", "dgst", "-sha1", "-verify", str(key), "-signature", str(signature), str(text)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.stdout == "Verified OK\n"
