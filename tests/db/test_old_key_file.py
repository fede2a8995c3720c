"""Key files of version 1: they are still read, by the PIN or the card that they were written for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.key import CacheKey, new_key
from db.key_file import KeyFileOwner, read_key_file
from db.old_key_file import OldKeyFile, decrypted_key
from db.problems import KeyFileDamaged, KeyFileForOtherCard, KeyFileForOtherPin, KeyFileTooNew, KeyUnwrapFailed
from jiacha_tui.card_encryption import OAEP_SHA256, SecretScheme
from jiacha_tui.demo.card_issuing import issue_card, make_ca
from tests.actions.cache_cards import HOLDER
from tests.app_contexts import NOW
from tests.db.old_key_files import old_file_for_certificate, old_file_for_pin

OWNER = KeyFileOwner("JJ0G900000001", "01691f7f")
PIN = b"12345678"
FILE = old_file_for_pin(CacheKey(bytes(32)), OWNER, PIN)


def read(data: bytes) -> OldKeyFile:
    file = read_key_file(data)
    assert isinstance(file, OldKeyFile)
    return file


def pin() -> bytes:
    return PIN


def test_the_pin_decrypts_a_file_for_it() -> None:
    file = read(FILE)
    assert file.needs_pin
    assert file.certificate_serial == OWNER.certificate_serial
    assert file.unwrap_with_pin(pin).reveal() == bytes(32)
    with pytest.raises(KeyFileForOtherPin):
        file.unwrap_with_pin(lambda: b"12345679")
    with pytest.raises(ValueError, match="with the PIN"):
        assert file.encrypted_key


def test_the_card_decrypts_a_file_for_it() -> None:
    card = issue_card(make_ca(NOW), HOLDER, valid_from=NOW)
    key = new_key()
    file = read(old_file_for_certificate(key, OWNER, card.identity.certificate))
    assert not file.needs_pin
    assert file.encrypted_key.scheme is SecretScheme.CERTIFICATE
    secret = card.key.decrypt(file.encrypted_key.ciphertext, OAEP_SHA256)
    assert decrypted_key(secret).reveal() == key.reveal()
    with pytest.raises(KeyUnwrapFailed):
        decrypted_key(secret[:-1])
    with pytest.raises(ValueError, match="with the card"):
        file.unwrap_with_pin(pin)


def test_a_file_that_was_changed_to_name_another_card_cannot_be_decrypted() -> None:
    file = read(json.dumps(json.loads(FILE) | {"card_number": "JJ0G900000002"}).encode())
    with pytest.raises(KeyFileForOtherPin):
        file.unwrap_with_pin(pin)
    with pytest.raises(KeyFileForOtherCard):
        file.check_card(OWNER.card_number)


@pytest.mark.parametrize(
    ("field", "value"),
    [("cost", 2**14), ("cost", 2**19), ("cost", 2**15 + 1), ("salt", ""), ("nonce", "AAAA"), ("more", 1)],
)
def test_a_forged_file_is_refused_before_the_key_is_derived(field: str, value: object) -> None:
    fields = json.loads(FILE)
    fields["key"][field] = value
    with pytest.raises(KeyFileDamaged):
        read_key_file(json.dumps(fields).encode())


@given(st.data())
def test_a_changed_byte_never_gives_another_key(data: st.DataObject) -> None:
    file = bytearray(FILE)
    at = data.draw(st.integers(0, len(file) - 1))
    file[at] ^= data.draw(st.integers(1, 255))
    try:
        found = read(bytes(file)).unwrap_with_pin(pin)
    except (KeyFileDamaged, KeyFileTooNew, KeyUnwrapFailed, KeyFileForOtherPin, ValueError):
        return
    assert found.reveal() == bytes(32)
