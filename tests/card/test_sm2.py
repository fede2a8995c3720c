"""SM2 signatures: the example of the standard, two independent implementations, and invalid signatures."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from jiacha_tui.card import sm2
from jiacha_tui.card.problems import SignatureMismatch
from jiacha_tui.card.signature import verify
from jiacha_tui.demo.card_issuing import IssuedCard
from tests.needs import needs

gmssl_pyx = pytest.importorskip("gmssl_pyx", reason="gmssl-pyx has no wheel for this machine")

ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
FIELD = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF

# GB/T 32918.5-2017, appendix A.2
STANDARD_KEY = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
STANDARD_SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)

PUBLIC, PRIVATE = gmssl_pyx.sm2_key_generate()


def raw(der: bytes) -> bytes:
    """Converts a DER signature, which every library returns, to r‖s, which a card returns."""
    return b"".join(number.to_bytes(32) for number in decode_dss_signature(der))


def sign(message: bytes) -> bytes:
    return raw(gmssl_pyx.sm2_sign(PRIVATE, PUBLIC, message))


def test_the_example_of_the_standard_is_valid() -> None:
    assert sm2.is_valid_signature(STANDARD_KEY, b"message digest", STANDARD_SIGNATURE)
    assert not sm2.is_valid_signature(STANDARD_KEY, b"message digest.", STANDARD_SIGNATURE)


@settings(max_examples=20)
@given(message=st.binary(max_size=300), data=st.data())
def test_a_signature_by_gmssl_is_valid_and_a_changed_one_is_not(message: bytes, data: st.DataObject) -> None:
    signature = sign(message)
    assert sm2.is_valid_signature(PUBLIC, message, signature)
    flipped = bytearray(signature)
    flipped[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    assert not sm2.is_valid_signature(PUBLIC, message, bytes(flipped))
    assert not sm2.is_valid_signature(STANDARD_KEY, message, signature)


@settings(max_examples=50)
@given(key=st.binary(max_size=80), message=st.binary(max_size=20), signature=st.binary(max_size=80))
def test_arbitrary_bytes_are_no_valid_signature(key: bytes, message: bytes, signature: bytes) -> None:
    assert not sm2.is_valid_signature(key, message, signature)
    assert not sm2.is_valid_signature(PUBLIC, message, signature)


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 1), (1, 0), (0, 0), (ORDER, 1), (1, ORDER), (1, ORDER - 1), (2**256 - 1, 2**256 - 1)],
    ids=["r is 0", "s is 0", "both are 0", "r is n", "s is n", "r + s is n", "both are too large"],
)
def test_numbers_out_of_range_are_no_valid_signature(r: int, s: int) -> None:
    assert not sm2.is_valid_signature(PUBLIC, b"", r.to_bytes(32) + s.to_bytes(32))


@pytest.mark.parametrize("x", [1, FIELD, 2**256 - 1], ids=["not on the curve", "the prime of the field", "too large"])
def test_no_signature_is_valid_for_a_key_that_is_not_on_the_curve(x: int) -> None:
    assert not sm2.is_valid_signature(x.to_bytes(32) + PUBLIC[32:], b"text", sign(b"text"))


def test_a_signature_in_der_is_not_valid() -> None:
    assert not sm2.is_valid_signature(PUBLIC, b"text", gmssl_pyx.sm2_sign(PRIVATE, PUBLIC, b"text"))


def test_a_signature_with_another_signer_id_is_not_valid() -> None:
    other = raw(gmssl_pyx.sm2_sign(PRIVATE, PUBLIC, b"text", b"ALICE123@YAHOO.COM"))
    without = raw(gmssl_pyx.sm2_sign(PRIVATE, PUBLIC, b"text", None))
    assert not sm2.is_valid_signature(PUBLIC, b"text", other)
    assert not sm2.is_valid_signature(PUBLIC, b"text", without)


def test_an_invalid_signature_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert not sm2.is_valid_signature(PUBLIC, b"other text", sign(b"text"))
    assert capfd.readouterr() == ("", "")


def test_an_rsa_certificate_has_no_sm2_key(issued: IssuedCard) -> None:
    assert sm2.public_key(issued.certificate) is None


@needs("openssl")
def test_a_signature_by_openssl_is_valid_for_its_certificate(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    text = "JJ0G900000001||报关单"
    (tmp_path / "text").write_text(text, encoding="utf-8")
    openssl("ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "key.pem")
    openssl(
        "req", "-x509", "-new", "-sm3", "-key", "key.pem", "-subj", "/CN=SM2", "-outform", "DER", "-out", "card.der"
    )
    id_and_hash = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
    openssl("pkeyutl", "-sign", "-inkey", "key.pem", "-in", "text", *id_and_hash, "-out", "signature.der")

    certificate = (tmp_path / "card.der").read_bytes()
    signature = base64.b64encode(raw((tmp_path / "signature.der").read_bytes())).decode()
    assert sm2.public_key(x509.load_der_x509_certificate(certificate)) is not None
    verify(certificate, text, signature)
    with pytest.raises(SignatureMismatch):
        verify(certificate, text + " ", signature)
