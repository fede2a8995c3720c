"""Files for cards whose key is not RSA: other programs decrypt them, and the inspection recognises their card."""

import base64
import ctypes
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from jiacha_tui.card import sm2
from jiacha_tui.demo.file_encryption import encrypt
from jiacha_tui.demo.key_transport import CannotEncrypt
from jiacha_tui.encrypted_xml.inspection import FileInspection, Recipient, SignatureStatus, inspect_file
from tests.encrypted_xml.keys import PERSONAL_NUMBER, card, elliptic_card, port
from tests.file_decryption import EncryptedParts
from tests.needs import needs

MESSAGE = "<RtxMessage><Dec>报关单</Dec></RtxMessage>".encode()


def encrypted_for(certificate: bytes) -> bytes:
    sm2_key = sm2.public_key(x509.load_der_x509_certificate(certificate))
    return encrypt(MESSAGE, certificate, port().key, port().certificate, sm2_key=sm2_key)


@pytest.fixture
def libxmlsec_reads_key_values() -> Iterator[None]:
    """Makes libxmlsec read ds:KeyValue, which names the ECDH originator: the xmlsec package has no option for it."""
    library = ctypes.CDLL(xmlsec.__file__)
    library.xmlSecKeyDataValueGetKlass.restype = ctypes.c_void_p
    key_value = ctypes.c_void_p(library.xmlSecKeyDataValueGetKlass())
    assert library.xmlSecKeyDataIdsRegister(key_value) == 0
    yield
    assert library.xmlSecKeyDataIdsRegisterDisabled(key_value) == 0


def decrypted_by_libxmlsec(encrypted: bytes, key_pem: bytes) -> object:
    keys = xmlsec.KeysManager()
    keys.add_key(xmlsec.Key.from_memory(key_pem, xmlsec.constants.KeyDataFormatPem))
    return xmlsec.EncryptionContext(keys).decrypt(etree.fromstring(encrypted)[0])


@pytest.fixture(scope="module")
def sm2_card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the key (PEM) and certificate (DER) of an SM2 card, both made by openssl."""
    pytest.importorskip("gmssl_pyx", reason="gmssl-pyx has no wheel for this machine")
    folder = tmp_path_factory.mktemp("sm2")
    openssl(folder, "ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "key.pem")
    request = ("req", "-x509", "-new", "-sm3", "-key", "key.pem", "-subj", "/CN=SM2")
    openssl(folder, *request, "-outform", "DER", "-out", "card.der")
    return folder


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def decrypted_by_openssl(folder: Path, encrypted: bytes) -> bytes:
    parts = EncryptedParts.of(encrypted)
    (folder / "wrapped").write_bytes(parts.key)
    openssl(folder, "pkeyutl", "-decrypt", "-inkey", "key.pem", "-in", "wrapped", "-out", "key")
    return parts.decrypt_content((folder / "key").read_bytes())


@pytest.mark.usefixtures("libxmlsec_reads_key_values")
def test_libxmlsec_decrypts_a_file_for_a_p256_card() -> None:
    encrypted = encrypted_for(elliptic_card().certificate)
    assert decrypted_by_libxmlsec(encrypted, elliptic_card().key_pem) == MESSAGE
    with pytest.raises(xmlsec.Error):
        decrypted_by_libxmlsec(encrypted_for(elliptic_card().certificate), card().key_pem)


@needs("openssl")
def test_openssl_decrypts_a_file_for_an_sm2_card(sm2_card: Path) -> None:
    assert decrypted_by_openssl(sm2_card, encrypted_for((sm2_card / "card.der").read_bytes())) == MESSAGE


@needs("openssl")
@pytest.mark.parametrize("kind", ["P-256", "SM2"])
def test_the_inspection_tells_own_files_from_those_of_other_cards_and_changed_ones(
    kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "P-256":
        certificate = elliptic_card().certificate
    else:
        certificate = (request.getfixturevalue("sm2_card") / "card.der").read_bytes()
    encrypted = encrypted_for(certificate)
    assert inspect_file(encrypted, certificate) == FileInspection(
        recipient=Recipient.THIS, signature=SignatureStatus.GOOD
    )
    assert inspect_file(encrypted, card().certificate).recipient is Recipient.OTHER
    assert inspect_file(encrypted_for(card().certificate), certificate).recipient is Recipient.OTHER
    wrapped = next(iter(etree.fromstring(encrypted).iterfind(".//{*}EncryptedKey//{*}CipherValue"))).text
    changed = encrypted.replace(str(wrapped).encode(), base64.b64encode(bytes(40)))
    assert inspect_file(changed, certificate).signature is SignatureStatus.BAD


def test_no_two_files_share_an_originator_or_a_key() -> None:
    first, second = (etree.fromstring(encrypted_for(elliptic_card().certificate)) for _ in range(2))
    for tag in ("PublicKey", "CipherValue"):
        texts = [{element.text for element in root.iterfind(f".//{{*}}{tag}")} for root in (first, second)]
        assert texts[0].isdisjoint(texts[1])


def test_the_holders_personal_number_is_not_in_the_file() -> None:
    certificate = elliptic_card().certificate
    assert PERSONAL_NUMBER in certificate
    texts = etree.fromstring(encrypted_for(certificate)).itertext()
    decoded = [base64.b64decode(text) for text in texts if len(text) % 4 == 0 and text.strip() and text.isascii()]
    assert decoded
    assert not any(PERSONAL_NUMBER in data for data in decoded)


def test_a_key_on_another_curve_is_refused() -> None:
    with pytest.raises(CannotEncrypt):
        encrypted_for(elliptic_card(ec.SECP384R1).certificate)


@needs("openssl")
def test_an_sm2_card_is_refused_where_the_library_for_it_is_missing(
    sm2_card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    with pytest.raises(CannotEncrypt):
        encrypted_for((sm2_card / "card.der").read_bytes())
