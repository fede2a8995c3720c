"""An encrypted file is read by other programs, and only with the key of its card."""

import secrets
import signal
import subprocess
from pathlib import Path

import pytest
import xmlsec
from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from jiacha_tui.demo.file_encryption import encrypt
from jiacha_tui.encrypted_xml.decrypt import decrypt_file
from tests.encrypted_xml.keys import PERSONAL_NUMBER, authority, card, other_card, port
from tests.needs import needs

MESSAGE = "<RtxMessage><Dec><!-- 报关单 --></Dec></RtxMessage>".encode()


@pytest.fixture
def encrypted_file(tmp_path: Path) -> Path:
    path = tmp_path / "encrypted.xml"
    path.write_bytes(encrypt(MESSAGE, card().certificate, port().key, port().certificate))
    (tmp_path / "card.key").write_bytes(card().key_pem)
    (tmp_path / "authority.pem").write_bytes(authority().certificate_pem)
    return path


def run(*command: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False, timeout=30)


@needs("xmlsec1")
def test_xmlsec1_accepts_the_signature(encrypted_file: Path) -> None:
    done = run("xmlsec1", "--verify", "--trusted-pem", encrypted_file.parent / "authority.pem", encrypted_file)
    assert done.returncode == 0, done.stderr


@needs("xmlsec1")
def test_xmlsec1_refuses_a_changed_file(encrypted_file: Path) -> None:
    encrypted_file.write_bytes(
        encrypted_file.read_bytes().replace(b'MimeType="application/xml"', b'MimeType="application/xmk"')
    )
    done = run("xmlsec1", "--verify", "--trusted-pem", encrypted_file.parent / "authority.pem", encrypted_file)
    assert done.returncode != 0


@needs("xsec-checksig")
def test_apache_santuario_accepts_the_signature(encrypted_file: Path) -> None:
    done = run("xsec-checksig", encrypted_file)
    if done.returncode == -signal.SIGSEGV:
        pytest.skip("xsec-checksig of xml-security-c 3.0.0 (Debian 13) crashes on every RSA signature")
    assert done.returncode == 0, done.stderr


@needs("xsec-cipher")
def test_apache_santuario_decrypts_the_content(encrypted_file: Path) -> None:
    done = run("xsec-cipher", "--key", "kek", "RSA", encrypted_file.parent / "card.key", "", encrypted_file)
    assert done.stdout == MESSAGE


def test_libxmlsec_decrypts_the_content(encrypted_file: Path) -> None:
    keys = xmlsec.KeysManager()
    keys.add_key(xmlsec.Key.from_memory(card().key_pem, xmlsec.constants.KeyDataFormatPem))
    encrypted = etree.parse(encrypted_file).getroot()[0]
    content: object = xmlsec.EncryptionContext(keys).decrypt(encrypted)
    assert content == MESSAGE


def test_signxml_accepts_the_signature_of_the_certificate_in_the_file(encrypted_file: Path) -> None:
    result = XMLVerifier().verify(
        encrypted_file.read_bytes(),
        x509_cert=x509.load_der_x509_certificate(port().certificate),
        expect_config=SignatureConfiguration(
            location="./",
            signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
            digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        ),
    )
    assert not isinstance(result, list)
    assert result.signed_xml is not None
    assert etree.QName(result.signed_xml).localname == "SealedMessage"


@pytest.mark.parametrize("size", [0, 1, 8 * 1024 * 1024, 20_000_000])
async def test_a_file_is_decrypted_with_the_key_of_its_card(size: int) -> None:
    message = secrets.token_bytes(size)
    encrypted = encrypt(message, card().certificate, port().key, port().certificate)
    assert await decrypt_file(encrypted, card().decrypt) == message


async def test_another_card_cannot_decrypt_a_file() -> None:
    encrypted = encrypt(MESSAGE, card().certificate, port().key, port().certificate)
    with pytest.raises(ValueError, match=r"(?i)decrypt"):
        await decrypt_file(encrypted, other_card().decrypt)


def test_the_holders_personal_number_is_not_in_the_file(encrypted_file: Path) -> None:
    assert PERSONAL_NUMBER in card().certificate
    holder = x509.load_der_x509_certificate(card().certificate).subject.rfc4514_string()
    certificates = etree.parse(encrypted_file).getroot().findall(".//{*}X509Certificate")
    assert len(certificates) == 1, "only the port's"
    assert holder.encode() not in encrypted_file.read_bytes()


def test_no_two_files_share_a_key(encrypted_file: Path) -> None:
    again = encrypt(MESSAGE, card().certificate, port().key, port().certificate)
    first, second = (
        etree.fromstring(data).findall(".//{*}CipherValue") for data in (encrypted_file.read_bytes(), again)
    )
    assert {value.text for value in first}.isdisjoint(value.text for value in second)
