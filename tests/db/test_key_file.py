"""The key file: which secret opens it, that nothing in it can be changed, and that its signature covers all of it."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.key import CacheKey, new_key
from db.key_file import (
    PASSPHRASE_COST,
    Argon2Cost,
    CardProtection,
    KeyFile,
    KeyFileOwner,
    KeyProtection,
    new_passphrase_protection,
    new_secret,
    new_signature_protection,
    read_key_file,
    secret_from_signature,
    text_for_secret,
    wrap_key,
)
from db.problems import KeyFileDamaged, KeyFileForOtherCard, KeyFileTooNew, KeyUnwrapFailed
from jiacha_tui.card_encryption import SecretScheme
from tests.db.old_key_files import old_file_for_pin

OWNER = KeyFileOwner("JJ0G900000001", "01691f7f")
KEY = CacheKey(bytes(range(32)))
SECRET = b"s" * 32
CHEAP = Argon2Cost(8 * 1024, 1)
CARD_FILE = wrap_key(KEY, OWNER, CardProtection(SecretScheme.CONTROL_OWN, b"for the card", ""), SECRET).signed("c2ln")

each_protection = pytest.mark.parametrize(
    "protection",
    [
        CardProtection(SecretScheme.CERTIFICATE, b"for the card", "signature"),
        new_signature_protection(),
        new_passphrase_protection(CHEAP),
    ],
    ids=lambda protection: type(protection).__name__,
)


def read(data: bytes) -> KeyFile:
    file = read_key_file(data)
    assert isinstance(file, KeyFile)
    return file


@each_protection
def test_the_secret_opens_the_file_and_no_other_one_does(protection: KeyProtection) -> None:
    key, secret = new_key(), new_secret()
    file = read(wrap_key(key, OWNER, protection, secret).encode())
    assert (file.owner, file.protection) == (OWNER, protection)
    assert file.unwrap(secret).reveal() == key.reveal()
    with pytest.raises(KeyUnwrapFailed):
        file.unwrap(new_secret())


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    return [found for name, inner in value.items() for found in leaves(inner, (*path, name))]


def change(data: bytes, path: tuple[str, ...], alter: Callable[[dict[str, Any], str], None]) -> bytes:
    fields = json.loads(data)
    inner = fields
    for name in path[:-1]:
        inner = inner[name]
    alter(inner, path[-1])
    return json.dumps(fields).encode()


def remove(fields: dict[str, Any], name: str) -> None:
    del fields[name]


@each_protection
@given(data=st.data())
def test_no_field_can_be_changed_or_removed(protection: KeyProtection, data: st.DataObject) -> None:
    """The signature is apart: not the secret, but the card authenticates it (`test_cache_key`)."""
    file = wrap_key(KEY, OWNER, protection, SECRET).encode()
    other = wrap_key(KEY, KeyFileOwner("JJ0G900000002", "02"), protection, SECRET).encode()
    path = data.draw(st.sampled_from([path for path in leaves(json.loads(file)) if path[-1] != "signature"]))
    value = data.draw(
        st.sampled_from([*json.loads(other).values(), *json.loads(other)["protection"].values()])
        | st.none()
        | st.integers()
        | st.text()
        | st.binary().map(repr)
    )
    before = json.loads(file)
    for name in path:
        before = before[name]
    changed = change(file, path, lambda fields, name: fields.update({name: value}))
    for forged in [change(file, path, remove), *([changed] if value != before else [])]:
        with pytest.raises((KeyFileDamaged, KeyFileTooNew, KeyUnwrapFailed)):
            read(forged).unwrap(SECRET)


@given(data=st.data())
def test_a_changed_byte_changes_what_is_signed_or_the_signature_or_nothing(data: st.DataObject) -> None:
    file = bytearray(CARD_FILE.encode())
    at = data.draw(st.integers(0, len(file) - 1))
    file[at] ^= data.draw(st.integers(1, 255))
    try:
        found = read(bytes(file))
    except (KeyFileDamaged, KeyFileTooNew):
        return
    assert found == CARD_FILE or (found.signed_text, found.protection) != (CARD_FILE.signed_text, CARD_FILE.protection)


def test_the_signed_text_covers_everything_but_the_signature() -> None:
    assert CARD_FILE.signed("other").signed_text == CARD_FILE.signed_text
    texts = [wrap_key(KEY, OWNER, CARD_FILE.protection, SECRET).signed_text for _ in range(2)]
    assert len({*texts, CARD_FILE.signed_text}) == 3, "the nonce is new each time"
    with pytest.raises(TypeError):
        wrap_key(KEY, OWNER, new_signature_protection(), SECRET).signed("signature")


def test_what_a_card_signs_is_nothing_that_a_port_can_ask_for() -> None:
    """The login page refuses a nonce with 「||」, and an authorisation begins with a card number."""
    for text in (CARD_FILE.signed_text, text_for_secret(OWNER.card_number, new_signature_protection())):
        assert text.startswith("jiacha-key-file||")
        assert text.isascii()
    assert CARD_FILE.signed_text != text_for_secret(OWNER.card_number, new_signature_protection())


def test_a_signature_gives_one_secret_for_one_salt() -> None:
    one, two = new_signature_protection(), new_signature_protection()
    signature = bytes(128)
    secrets = [secret_from_signature(signature, one), secret_from_signature(signature, two)]
    assert secret_from_signature(signature, one) == secrets[0]
    assert secrets[0] != secrets[1]
    assert secret_from_signature(b"\x01" + signature[1:], one) not in secrets
    assert text_for_secret("A", one) != text_for_secret("B", one) != text_for_secret("B", two)


def test_a_passphrase_costs_a_lot_of_memory_and_is_salted() -> None:
    assert PASSPHRASE_COST.memory_kib >= 256 * 1024
    assert new_passphrase_protection().memory_kib == PASSPHRASE_COST.memory_kib
    one, two = new_passphrase_protection(CHEAP), new_passphrase_protection(CHEAP)
    assert one.secret("abc") == one.secret("abc") != one.secret("abd")
    assert one.secret("abc") != two.secret("abc")


_WITH_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from db.key_file import PassphraseProtection, read_key_file
from db.old_key_file import OldKeyFile
from db.problems import KeyMemoryShort
mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (mapped + 2**25, -1))
file = read_key_file(sys.stdin.buffer.read())
try:
    if isinstance(file, OldKeyFile):
        file.unwrap_with_pin(lambda: b"12345678")
    else:
        file.protection.secret("abc")
except KeyMemoryShort as problem:
    print(problem.code)
"""


@pytest.mark.parametrize(
    "content",
    [
        wrap_key(KEY, OWNER, new_passphrase_protection(), SECRET).encode(),
        old_file_for_pin(KEY, OWNER, b"12345678").replace(b"32768", b"131072"),
    ],
    ids=["passphrase", "PIN"],
)
def test_too_little_memory_for_the_key_is_told(content: bytes, child_environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", _WITH_LITTLE_MEMORY]
    run = subprocess.run(command, input=content, env=child_environment, capture_output=True, timeout=60, check=False)
    assert (run.stdout, run.stderr) == (b"key.memory-short\n", b"")


@pytest.mark.parametrize(
    ("field", "value"),
    [("memory_kib", 2**19 + 1), ("memory_kib", 1), ("iterations", 10**9), ("lanes", 99), ("salt", ""), ("more", 1)],
)
def test_a_forged_cost_is_refused_before_it_is_paid(field: str, value: object) -> None:
    fields = json.loads(wrap_key(KEY, OWNER, new_passphrase_protection(CHEAP), SECRET).encode())
    fields["protection"][field] = value
    with pytest.raises(KeyFileDamaged):
        read_key_file(json.dumps(fields).encode())


def test_the_file_of_another_card_is_refused() -> None:
    CARD_FILE.check_card(OWNER.card_number)
    with pytest.raises(KeyFileForOtherCard) as caught:
        CARD_FILE.check_card("JJ0G900000002")
    assert OWNER.card_number in caught.value.message


def test_a_newer_file_is_not_a_damaged_one() -> None:
    with pytest.raises(KeyFileTooNew):
        read_key_file(b'{"version": 3, "anything": "else"}')
    for damaged in (b'{"version": 0}', b'{"version": 2}', b"[" * 100_000, b'{"version": 2, "a": ' + b"[" * 100_000):
        with pytest.raises(KeyFileDamaged):
            read_key_file(damaged)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_damaged_or_too_new(data: bytes) -> None:
    with pytest.raises((KeyFileDamaged, KeyFileTooNew)):
        read_key_file(data)
