"""The cache's key: what it never shows."""

import copy
import pickle

import pytest

from db.key import CacheKey, new_key


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
