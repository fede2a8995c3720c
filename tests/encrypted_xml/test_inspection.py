"""What is found out about a downloaded file without decrypting it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from jiacha_tui.demo.file_encryption import encrypt
from jiacha_tui.encrypted_xml.container import NAMESPACES
from jiacha_tui.encrypted_xml.inspection import FileInspection, Recipient, SignatureStatus, inspect_file
from jiacha_tui.encrypted_xml.problems import EncryptedFileDamaged
from tests.encrypted_xml.keys import card, other_card, port, stranger

ENCRYPTED = encrypt(b"<RtxMessage/>", card().certificate, port().key, port().certificate)


def edited(path: str, text: str) -> bytes:
    root = etree.fromstring(ENCRYPTED)
    next(root.iterfind(path, NAMESPACES)).text = text
    return etree.tostring(root)


def without(path: str) -> bytes:
    root = etree.fromstring(ENCRYPTED)
    for element in root.findall(path, NAMESPACES):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    return etree.tostring(root)


def signed_part(data: bytes) -> str:
    """The document without its signature, in the canonical form that is signed."""
    root = etree.fromstring(data)
    for signature in root.findall("ds:Signature", NAMESPACES):
        root.remove(signature)
    return etree.tostring(root, method="c14n").decode()


def test_an_unchanged_file_for_this_card() -> None:
    assert inspect_file(ENCRYPTED, card().certificate) == FileInspection(Recipient.THIS, SignatureStatus.GOOD)


def test_a_file_for_another_card_differs_from_one_for_an_unknown_card() -> None:
    assert inspect_file(ENCRYPTED, other_card().certificate).recipient is Recipient.OTHER
    assert inspect_file(b"<Bill><Data>c2VhbGVk</Data></Bill>", card().certificate).recipient is Recipient.UNKNOWN


def test_an_unknown_format_is_not_an_error() -> None:
    unknown = FileInspection(Recipient.UNKNOWN, SignatureStatus.NONE)
    assert inspect_file(b"\xef\xbb\xbf<a/>", card().certificate) == unknown
    assert inspect_file("<a>报关单</a>".encode("utf-16"), card().certificate) == unknown


def test_a_file_that_is_not_xml_is_damaged() -> None:
    with pytest.raises(EncryptedFileDamaged):
        inspect_file(b"MIIG3wYJKoZIhvcNAQcD", card().certificate)


@pytest.mark.parametrize(
    ("removed", "expected"),
    [
        (".//dsig11:X509Digest", Recipient.THIS),
        (".//ds:X509IssuerSerial", Recipient.THIS),
        (".//xenc:EncryptedKey/ds:KeyInfo", Recipient.UNKNOWN),
        (".//xenc:EncryptedKey/ds:KeyInfo/ds:X509Data/*", Recipient.UNKNOWN),
    ],
)
def test_the_recipient_is_known_from_what_the_file_names(removed: str, expected: Recipient) -> None:
    assert inspect_file(without(removed), card().certificate).recipient is expected


def test_a_recipient_named_by_certificate_is_compared_by_the_whole_certificate() -> None:
    root = etree.fromstring(without(".//xenc:EncryptedKey/ds:KeyInfo/ds:X509Data/*"))
    x509_data = next(root.iterfind(".//xenc:EncryptedKey/ds:KeyInfo/ds:X509Data", NAMESPACES))
    certificate = etree.SubElement(x509_data, f"{{{NAMESPACES['ds']}}}X509Certificate")
    certificate.text = base64.encodebytes(card().certificate).decode()
    assert inspect_file(etree.tostring(root), card().certificate).recipient is Recipient.THIS
    assert inspect_file(etree.tostring(root), other_card().certificate).recipient is Recipient.OTHER


@pytest.mark.parametrize(
    "data",
    [
        ENCRYPTED.replace(b"application/xml", b"application/xmk"),
        edited(".//ds:X509SerialNumber", "1"),
        edited("xenc:EncryptedData/xenc:CipherData/xenc:CipherValue", "AAAA"),
        edited(".//ds:SignatureValue", "AAAA"),
        edited(".//ds:DigestValue", "AAAA"),
    ],
    ids=["attribute", "recipient", "content", "signature value", "digest"],
)
def test_a_changed_file_has_a_bad_signature(data: bytes) -> None:
    assert inspect_file(data, card().certificate).signature is SignatureStatus.BAD


def test_the_signer_is_not_checked() -> None:
    by_stranger = encrypt(b"<RtxMessage/>", card().certificate, stranger().key, stranger().certificate)
    assert inspect_file(by_stranger, card().certificate).signature is SignatureStatus.GOOD


def test_a_file_without_a_signature() -> None:
    assert inspect_file(without("ds:Signature"), card().certificate).signature is SignatureStatus.NONE


def test_a_signature_of_a_part_is_unknown() -> None:
    data = ENCRYPTED.replace(b'<ds:Reference URI="">', b'<ds:Reference URI="#part">')
    assert inspect_file(data, card().certificate).signature is SignatureStatus.UNKNOWN


def test_two_signatures_are_unknown() -> None:
    start, end = ENCRYPTED.index(b"<ds:Signature>"), ENCRYPTED.index(b"</SealedMessage>")
    doubled = ENCRYPTED[:end] + ENCRYPTED[start:end] + ENCRYPTED[end:]
    assert inspect_file(doubled, card().certificate).signature is SignatureStatus.UNKNOWN


def test_a_comment_neither_breaks_the_signature_nor_hides_the_text_after_it() -> None:
    position = ENCRYPTED.index(b"</dsig11:X509Digest>") - 5
    commented = ENCRYPTED[:position] + b"<!-- -->" + ENCRYPTED[position:]
    inspection = inspect_file(commented, card().certificate)
    assert inspection.signature is SignatureStatus.GOOD
    assert inspection.recipient is Recipient.THIS


def test_an_empty_file_is_damaged() -> None:
    with pytest.raises(EncryptedFileDamaged):
        inspect_file(b"", card().certificate)


@given(st.integers(min_value=1, max_value=len(ENCRYPTED) - 1))
def test_a_file_that_breaks_off_anywhere_is_damaged(length: int) -> None:
    with pytest.raises(EncryptedFileDamaged):
        inspect_file(ENCRYPTED[:length], card().certificate)


@given(st.integers(min_value=0, max_value=len(ENCRYPTED) - 1), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_never_leaves_a_good_signature(position: int, flip: int) -> None:
    """Except for changes that mean nothing in XML, such as other white space or quotes."""
    changed = ENCRYPTED[:position] + bytes([ENCRYPTED[position] ^ flip]) + ENCRYPTED[position + 1 :]
    try:
        inspection = inspect_file(changed, card().certificate)
    except EncryptedFileDamaged:
        return
    if inspection.signature is SignatureStatus.GOOD:
        before, after = ("".join(signed_part(data).split()) for data in (ENCRYPTED, changed))
        assert before == after


@given(st.binary(max_size=300))
def test_any_bytes_are_inspected_or_damaged(data: bytes) -> None:
    try:
        inspection = inspect_file(data, card().certificate)
    except EncryptedFileDamaged:
        return
    assert inspection.recipient is Recipient.UNKNOWN


def test_every_result_but_a_missing_signature_has_a_label() -> None:
    assert all(recipient.label for recipient in Recipient)
    assert [signature for signature in SignatureStatus if not signature.label] == [SignatureStatus.NONE]


MANY = b"<a>" + b"<b c='d'/>" * 60_000


@pytest.mark.parametrize("encoding", [b"", b"<?xml version='1.0' encoding='UTF-7'?>"])
def test_a_file_with_very_many_elements_is_not_parsed_into_a_tree(encoding: bytes) -> None:
    unknown = FileInspection(Recipient.UNKNOWN, SignatureStatus.UNKNOWN)
    content = MANY if not encoding else b"<a>"
    assert inspect_file(encoding + content + b"</a>", b"") == unknown
    for damaged in (content, content + b"</b>", content + b"</a>more"):
        with pytest.raises(EncryptedFileDamaged):
            inspect_file(encoding + damaged, b"")
