"""The cipher of the embedded port's obfuscated script; with the tables of the standard it is SM4."""

import base64
from random import Random

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.demo.variant_cipher import VariantCipher

KEY = b"0123456789abcdef"

SM4_SBOX = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62"
    "e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
    "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1"
    "e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684"
    "18f07dec3adc4d2079ee5f3ed7cb3948"
)
"""GB/T 32907-2016, 6.2."""

SM4 = VariantCipher(
    sbox=SM4_SBOX,
    fk=(0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC),
    ck=tuple(int.from_bytes(bytes((4 * i + j) * 7 % 256 for j in range(4)), "big") for i in range(32)),
    order=(0, 1, 2, 3),
)


@given(st.text(max_size=200), st.binary(min_size=16, max_size=16))
def test_with_the_standard_tables_it_is_sm4(text: str, key: bytes) -> None:
    padder = PKCS7(128).padder()
    padded = padder.update(text.encode("utf-8"))
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - what the wire uses
    expected = encryptor.update(padded + padder.finalize()) + encryptor.finalize()
    assert base64.b64decode(SM4.encrypt(text, key)) == expected


@given(st.text(max_size=500), st.integers(0, 2**32))
def test_what_was_encrypted_is_decrypted(text: str, seed: int) -> None:
    cipher = VariantCipher.draw(Random(seed))  # noqa: S311 - a cipher of tests
    assert cipher.decrypt(cipher.encrypt(text, KEY), KEY) == text


def test_two_draws_give_different_ciphers() -> None:
    one, other = VariantCipher.draw(Random(1)), VariantCipher.draw(Random(2))  # noqa: S311 - ciphers of tests
    assert one.encrypt("报关单", KEY) != other.encrypt("报关单", KEY)


@pytest.mark.parametrize("text", ["", "AAAA", "报关单"])
def test_text_that_is_no_ciphertext_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"block|ASCII|base64|Non-base64|padding"):
        SM4.decrypt(text, KEY)
