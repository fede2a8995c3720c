"""Which signatures the port accepts from which card. Programs that share no code with its check make them."""

import base64
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from jiacha_tui.demo.pki import is_signed_by
from tests.demo.browser import Card
from tests.needs import needs

TEXT = "JJ0G900000001||2026060120260630"
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示例操作员")])


def certificate_of(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def concatenated(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def test_a_p256_card_signs_ecdsa_with_sha256_in_der() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certificate_of(key)
    der = key.sign(TEXT.encode(), ec.ECDSA(hashes.SHA256()))
    assert is_signed_by(certificate, TEXT, encoded(der))
    assert not is_signed_by(certificate, TEXT + " ", encoded(der))
    assert not is_signed_by(certificate_of(ec.generate_private_key(ec.SECP256R1())), TEXT, encoded(der))
    for raw in (concatenated(der), key.sign(TEXT.encode(), ec.ECDSA(hashes.SHA384())), b""):
        assert not is_signed_by(certificate, TEXT, encoded(raw))


@needs("openssl")
def test_an_sm2_card_signs_with_sm3_as_r_and_s(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    openssl("ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "key.pem")
    request = ("req", "-x509", "-new", "-sm3", "-key", "key.pem", "-subj", "/CN=SM2")
    openssl(*request, "-outform", "DER", "-out", "card.der")
    id_and_hash = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
    openssl("pkeyutl", "-sign", "-inkey", "key.pem", "-in", "text", *id_and_hash, "-out", "signature.der")

    certificate = x509.load_der_x509_certificate((tmp_path / "card.der").read_bytes())
    der = (tmp_path / "signature.der").read_bytes()
    assert is_signed_by(certificate, TEXT, encoded(concatenated(der)))
    assert not is_signed_by(certificate, TEXT + " ", encoded(concatenated(der)))
    assert not is_signed_by(certificate, TEXT, encoded(der))


def test_a_signature_of_one_card_type_is_refused_for_another(card: Card) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    assert is_signed_by(card.certificate, TEXT, card.sign(TEXT))
    assert not is_signed_by(certificate_of(key), TEXT, card.sign(TEXT))
    assert not is_signed_by(card.certificate, TEXT, encoded(key.sign(TEXT.encode(), ec.ECDSA(hashes.SHA256()))))


@pytest.mark.parametrize("signature", ["", "no base64!", "AAAA", "报关单", "=" * 88])
def test_other_texts_are_no_signature(card: Card, signature: str) -> None:
    for certificate in (card.certificate, certificate_of(ec.generate_private_key(ec.SECP256R1()))):
        assert not is_signed_by(certificate, TEXT, signature)


def test_a_signature_on_another_curve_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    certificate = certificate_of(key)
    assert not is_signed_by(certificate, TEXT, encoded(key.sign(TEXT.encode(), ec.ECDSA(hashes.SHA256()))))
