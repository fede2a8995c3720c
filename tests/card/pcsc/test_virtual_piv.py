"""The virtual card of the tests, used by independent programs through a real pcscd."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.card.cards import PIN, WRONG_PIN
from tests.card.pcsc.pcscd import VirtualSlot
from tests.card.pcsc.virtual_piv import KeyPair, VirtualPiv
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "opensc-tool", "yubico-piv-tool")

MODULE = "opensc-pkcs11.so"
TEXT = b"a text to be signed"


def run(*command: str, folder: Path | None = None) -> str:
    """The output of a program. Raises CalledProcessError if it fails."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=30, cwd=folder, env={**os.environ, "LC_ALL": "C"}
    )
    return done.stdout + done.stderr


def pkcs11(*options: str, pin: str = PIN, folder: Path | None = None) -> str:
    return run("pkcs11-tool", "--module", MODULE, "--login", "--pin", pin, *options, folder=folder)


def pem(pair: KeyPair) -> str:
    return pair.certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_opensc_recognises_a_piv_card(slot: VirtualSlot, rsa_card: VirtualPiv) -> None:
    with slot.with_card(rsa_card):
        assert "Personal Identity Verification Card" in run("opensc-tool", "--reader", slot.name, "--name")
        assert rsa_card.atr.hex(":") in run("opensc-tool", "--reader", slot.name, "--atr")


def test_pkcs11_signs_and_decrypts_with_rsa(
    slot: VirtualSlot, rsa_card: VirtualPiv, rsa_pairs: tuple[KeyPair, KeyPair], tmp_path: Path
) -> None:
    signing_key, decryption_key = (pair.certificate.public_key() for pair in rsa_pairs)
    assert isinstance(signing_key, rsa.RSAPublicKey)
    assert isinstance(decryption_key, rsa.RSAPublicKey)
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "sealed").write_bytes(decryption_key.encrypt(b"key", padding.PKCS1v15()))
    with slot.with_card(rsa_card):
        sign = ("--sign", "--mechanism", "SHA1-RSA-PKCS", "--id", "01", "-i", "text", "-o", "signature")
        pkcs11(*sign, folder=tmp_path)
        pkcs11(*("--decrypt", "--mechanism", "RSA-PKCS", "--id", "03", "-i", "sealed", "-o", "opened"), folder=tmp_path)
        with pytest.raises(subprocess.CalledProcessError):
            pkcs11(*sign, pin=WRONG_PIN, folder=tmp_path)
        assert rsa_card.retries_left == 2
    signing_key.verify((tmp_path / "signature").read_bytes(), TEXT, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the wire's
    assert (tmp_path / "opened").read_bytes() == b"key"


def test_pkcs11_signs_and_derives_a_secret_with_p256(
    slot: VirtualSlot, p256_card: VirtualPiv, p256_pairs: tuple[KeyPair, KeyPair], tmp_path: Path
) -> None:
    signing_key, decryption_key = (pair.certificate.public_key() for pair in p256_pairs)
    assert isinstance(signing_key, ec.EllipticCurvePublicKey)
    assert isinstance(decryption_key, ec.EllipticCurvePublicKey)
    own_key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "own-key").write_bytes(
        own_key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with slot.with_card(p256_card):
        sign = ("--sign", "--mechanism", "ECDSA-SHA256", "--signature-format", "openssl", "--id", "01")
        pkcs11(*sign, "-i", "text", "-o", "signature", folder=tmp_path)
        pkcs11(
            *("--derive", "--mechanism", "ECDH1-DERIVE", "--id", "03", "-i", "own-key", "-o", "secret"), folder=tmp_path
        )
    signing_key.verify((tmp_path / "signature").read_bytes(), TEXT, ec.ECDSA(hashes.SHA256()))
    assert (tmp_path / "secret").read_bytes() == own_key.exchange(ec.ECDH(), decryption_key)


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_yubico_piv_tool_reads_certificates_verifies_the_pin_and_tests_the_key(
    slot: VirtualSlot, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    card: VirtualPiv = request.getfixturevalue(f"{kind}_card")
    pairs: tuple[KeyPair, KeyPair] = request.getfixturevalue(f"{kind}_pairs")
    tool = ("yubico-piv-tool", "--reader", slot.name)
    with slot.with_card(card):
        assert pem(pairs[1]) in run(*tool, "-a", "read-certificate", "-s", "9d")
        output = run(*tool, "-a", "read-certificate", "-s", "9a")
        assert x509.load_pem_x509_certificate(output.encode()) == pairs[0].certificate
        (tmp_path / "certificate").write_text(output)
        output = run(
            *tool,
            *("-a", "verify-pin", "-P", PIN, "-a", "test-signature", "-s", "9a", "-i", "certificate"),
            folder=tmp_path,
        )
        assert "Successful" in output
        with pytest.raises(subprocess.CalledProcessError) as refused:
            run(*tool, "-a", "verify-pin", "-P", WRONG_PIN)
        assert "2 tries left" in refused.value.stderr
