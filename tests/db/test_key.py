"""The key file: which card or PIN decrypts it, and what it never shows."""

import base64
import copy
import json
import pickle
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from db.key import CacheKey, KeyFileOwner, new_key, read_key_file, wrap_for_certificate, wrap_for_pin
from db.problems import (
    CertificateKeyUnsupported,
    KeyFileDamaged,
    KeyFileForOtherCard,
    KeyFileForOtherPin,
    KeyFileTooNew,
    KeyUnwrapFailed,
)
from tests.needs import needs

OWNER = KeyFileOwner("JJ0G900000001", "01691f7f")
CHEAP = 2**15
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def certificate_of(private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "card")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(private_key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


class Card:
    """A card that can decrypt."""

    def __init__(self, bits: int = 2048) -> None:
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.certificate = certificate_of(self.private_key)

    async def decrypt(self, ciphertext: bytes) -> bytes:
        return self.private_key.decrypt(ciphertext, OAEP)


@pytest.fixture(scope="module")
def card() -> Card:
    return Card()


def pin(text: bytes = b"12345678") -> bytes:
    return text


async def test_the_card_decrypts_a_file_for_its_certificate(card: Card) -> None:
    key = new_key()
    file = read_key_file(wrap_for_certificate(key, OWNER, card.certificate))
    assert file.owner == OWNER
    assert not file.needs_pin
    assert (await file.unwrap(card.decrypt)).reveal() == key.reveal()


async def test_a_card_with_1024_bits_decrypts_it() -> None:
    small = Card(1024)
    key = new_key()
    file = read_key_file(wrap_for_certificate(key, OWNER, small.certificate))
    assert (await file.unwrap(small.decrypt)).reveal() == key.reveal()


async def test_a_p256_card_decrypts_it() -> None:
    private_key = ec.generate_private_key(ec.SECP256R1())
    suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)

    async def decrypt(ciphertext: bytes) -> bytes:
        return suite.decrypt(ciphertext, private_key)

    key = new_key()
    file = read_key_file(wrap_for_certificate(key, OWNER, certificate_of(private_key)))
    assert not file.needs_pin
    assert (await file.unwrap(decrypt)).reveal() == key.reveal()


@needs("openssl")
def test_openssl_decrypts_it(card: Card, tmp_path: Path) -> None:
    key = new_key()
    ciphertext = json.loads(wrap_for_certificate(key, OWNER, card.certificate))["key"]["ciphertext"]
    (tmp_path / "ciphertext").write_bytes(base64.b64decode(ciphertext))
    pem = card.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    options = [f"rsa_{name}" for name in ("padding_mode:oaep", "oaep_md:sha256", "mgf1_md:sha256")]
    command = ["openssl", "pkeyutl", "-decrypt", "-inkey", "key.pem", "-in", "ciphertext"]
    found = subprocess.run(
        [*command, *(part for option in options for part in ("-pkeyopt", option))],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert found.stdout == key.reveal()


async def test_a_card_that_returns_something_else_fails(card: Card) -> None:
    async def decrypt(_ciphertext: bytes) -> bytes:
        return b"short"

    with pytest.raises(KeyUnwrapFailed):
        await read_key_file(wrap_for_certificate(new_key(), OWNER, card.certificate)).unwrap(decrypt)


def test_the_pin_decrypts_a_file_for_it() -> None:
    key = new_key()
    file = read_key_file(wrap_for_pin(key, OWNER, pin, CHEAP))
    assert file.needs_pin
    assert file.unwrap_with_pin(pin).reveal() == key.reveal()


def test_another_pin_does_not_decrypt_it() -> None:
    file = read_key_file(wrap_for_pin(new_key(), OWNER, pin, CHEAP))
    with pytest.raises(KeyFileForOtherPin):
        file.unwrap_with_pin(lambda: b"12345679")


def test_a_file_that_was_changed_to_name_another_card_cannot_be_decrypted() -> None:
    fields = json.loads(wrap_for_pin(new_key(), OWNER, pin, CHEAP))
    fields["card_number"] = "JJ0G900000002"
    with pytest.raises(KeyFileForOtherPin):
        read_key_file(json.dumps(fields).encode()).unwrap_with_pin(pin)


def test_the_same_key_and_pin_give_a_new_file_each_time() -> None:
    key = new_key()
    assert wrap_for_pin(key, OWNER, pin, CHEAP) != wrap_for_pin(key, OWNER, pin, CHEAP)


def test_the_default_cost_of_a_guess_is_high() -> None:
    assert json.loads(wrap_for_pin(new_key(), OWNER, pin))["key"]["cost"] >= 2**17


async def test_a_file_for_the_card_needs_the_card_and_one_for_the_pin_the_pin(card: Card) -> None:
    with pytest.raises(ValueError, match="with the card"):
        read_key_file(wrap_for_certificate(new_key(), OWNER, card.certificate)).unwrap_with_pin(pin)
    with pytest.raises(ValueError, match="with the PIN"):
        await read_key_file(wrap_for_pin(new_key(), OWNER, pin, CHEAP)).unwrap(card.decrypt)


async def test_a_renewed_certificate_gets_a_file_with_the_same_key(card: Card) -> None:
    renewed = Card()
    key = await read_key_file(wrap_for_certificate(new_key(), OWNER, card.certificate)).unwrap(card.decrypt)
    again = read_key_file(wrap_for_certificate(key, KeyFileOwner(OWNER.card_number, "02"), renewed.certificate))
    assert again.owner.certificate_serial == "02"
    assert (await again.unwrap(renewed.decrypt)).reveal() == key.reveal()


def test_the_file_of_another_card_is_refused() -> None:
    file = read_key_file(wrap_for_pin(new_key(), OWNER, pin, CHEAP))
    file.check_card("JJ0G900000001")
    with pytest.raises(KeyFileForOtherCard) as caught:
        file.check_card("JJ0G900000002")
    assert caught.value.card_number == "JJ0G900000001"
    assert "JJ0G900000001" in caught.value.message


@pytest.mark.parametrize(
    "certificate", [b"", b"no certificate", certificate_of(ec.generate_private_key(ec.SECP384R1()))]
)
def test_a_certificate_with_another_kind_of_key_is_unsupported(certificate: bytes) -> None:
    with pytest.raises(CertificateKeyUnsupported):
        wrap_for_certificate(new_key(), OWNER, certificate)


def test_a_newer_file_is_not_a_damaged_one() -> None:
    with pytest.raises(KeyFileTooNew):
        read_key_file(b'{"version": 2, "anything": "else"}')
    with pytest.raises(KeyFileDamaged):
        read_key_file(b'{"version": 0}')


@pytest.mark.parametrize(
    ("field", "value"),
    [("cost", 2**14), ("cost", 2**21), ("cost", 2**15 + 1), ("salt", ""), ("nonce", "AAAA"), ("more", 1)],
)
def test_a_forged_file_is_refused_before_the_key_is_derived(field: str, value: object) -> None:
    fields = json.loads(wrap_for_pin(new_key(), OWNER, pin, CHEAP))
    fields["key"][field] = value
    with pytest.raises(KeyFileDamaged):
        read_key_file(json.dumps(fields).encode())


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_damaged_or_too_new(data: bytes) -> None:
    with pytest.raises((KeyFileDamaged, KeyFileTooNew)):
        read_key_file(data)


@given(st.data())
def test_a_changed_byte_never_gives_another_key(data: st.DataObject) -> None:
    key = CacheKey(bytes(32))
    file = bytearray(FILE_FOR_PIN)
    at = data.draw(st.integers(0, len(file) - 1))
    file[at] ^= data.draw(st.integers(1, 255))
    try:
        found = read_key_file(bytes(file)).unwrap_with_pin(pin)
    except (KeyFileDamaged, KeyFileTooNew, KeyUnwrapFailed, KeyFileForOtherPin, ValueError):
        return
    assert found.reveal() == key.reveal()


FILE_FOR_PIN = wrap_for_pin(CacheKey(bytes(32)), OWNER, pin, CHEAP)


def test_a_key_cannot_be_printed_copied_or_pickled() -> None:
    key = new_key()
    assert f"{key} {key!r}" == "CacheKey(********) CacheKey(********)"
    for copy_key in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copy_key(key)


def test_a_subkey_depends_on_key_and_purpose_and_is_not_the_key() -> None:
    key, other = new_key(), new_key()
    subkeys = [key.derive_subkey(b"one"), key.derive_subkey(b"two"), other.derive_subkey(b"one"), key.reveal()]
    assert key.derive_subkey(b"one") == subkeys[0]
    assert len(set(subkeys)) == len(subkeys)
    assert {len(subkey) for subkey in subkeys} == {32}


def test_new_keys_are_different() -> None:
    assert new_key().reveal() != new_key().reveal()


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32"):
        CacheKey(bytes(length))
