import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from jiacha_tui.demo.file_encryption import encrypt
from jiacha_tui.encrypted_xml.container import NAMESPACES, EncryptedFileDamaged
from jiacha_tui.encrypted_xml.inspection import FileInspection, Recipient, SignatureStatus, inspect_file
from tests.encrypted_xml.keys import card, other_card, port, stranger

SEALED = encrypt(b"<RtxMessage/>", card().certificate, port().key, port().certificate)


def edited(path: str, text: str) -> bytes:
    root = etree.fromstring(SEALED)
    next(root.iterfind(path, NAMESPACES)).text = text
    return etree.tostring(root)


def without(path: str) -> bytes:
    root = etree.fromstring(SEALED)
    for element in root.findall(path, NAMESPACES):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    return etree.tostring(root)


def signed_part(data: bytes) -> str:
    """All that a signature in the document is over, in the form that it is over."""
    root = etree.fromstring(data)
    for signature in root.findall("ds:Signature", NAMESPACES):
        root.remove(signature)
    return etree.tostring(root, method="c14n").decode()


def test_a_file_for_this_card_signed_by_the_port() -> None:
    assert inspect_file(SEALED, card().certificate) == FileInspection(
        well_formed=True, recipient=Recipient.THIS, signature=SignatureStatus.GOOD
    )


def test_a_file_for_another_card_is_told_apart_from_an_unknown_one() -> None:
    assert inspect_file(SEALED, other_card().certificate).recipient is Recipient.OTHER
    assert inspect_file(b"<Bill><Data>c2VhbGVk</Data></Bill>", card().certificate).recipient is Recipient.UNKNOWN


def test_an_unknown_container_is_not_an_error() -> None:
    assert inspect_file(b"MIIG3wYJKoZIhvcNAQcD", card().certificate) == FileInspection(
        well_formed=False, recipient=Recipient.UNKNOWN, signature=SignatureStatus.NONE
    )
    assert inspect_file(b"\xef\xbb\xbf<a/>", card().certificate) == FileInspection(
        well_formed=True, recipient=Recipient.UNKNOWN, signature=SignatureStatus.NONE
    )


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        (".//dsig11:X509Digest", Recipient.THIS),
        (".//ds:X509IssuerSerial", Recipient.THIS),
        (".//xenc:EncryptedKey/ds:KeyInfo", Recipient.UNKNOWN),
        (".//xenc:EncryptedKey/ds:KeyInfo/ds:X509Data/*", Recipient.UNKNOWN),
    ],
)
def test_the_recipient_is_known_from_what_the_file_tells(gone: str, expected: Recipient) -> None:
    assert inspect_file(without(gone), card().certificate).recipient is expected


def test_a_recipient_named_by_certificate_is_compared_whole() -> None:
    root = etree.fromstring(without(".//xenc:EncryptedKey/ds:KeyInfo/ds:X509Data/*"))
    x509_data = next(root.iterfind(".//xenc:EncryptedKey/ds:KeyInfo/ds:X509Data", NAMESPACES))
    named = etree.SubElement(x509_data, f"{{{NAMESPACES['ds']}}}X509Certificate")
    named.text = base64.encodebytes(card().certificate).decode()
    assert inspect_file(etree.tostring(root), card().certificate).recipient is Recipient.THIS
    assert inspect_file(etree.tostring(root), other_card().certificate).recipient is Recipient.OTHER


@pytest.mark.parametrize(
    "data",
    [
        SEALED.replace(b"application/xml", b"application/xmk"),
        edited(".//ds:X509SerialNumber", "1"),
        edited("xenc:EncryptedData/xenc:CipherData/xenc:CipherValue", "AAAA"),
        edited(".//ds:SignatureValue", "AAAA"),
        edited(".//ds:DigestValue", "AAAA"),
    ],
    ids=["attribute", "recipient", "content", "signature value", "digest"],
)
def test_a_changed_file_is_bad(data: bytes) -> None:
    assert inspect_file(data, card().certificate).signature is SignatureStatus.BAD


def test_who_signed_is_not_judged() -> None:
    theirs = encrypt(b"<RtxMessage/>", card().certificate, stranger().key, stranger().certificate)
    assert inspect_file(theirs, card().certificate).signature is SignatureStatus.GOOD


def test_a_file_without_a_signature() -> None:
    assert inspect_file(without("ds:Signature"), card().certificate).signature is SignatureStatus.NONE


def test_a_signature_over_a_part_is_not_judged() -> None:
    data = SEALED.replace(b'<ds:Reference URI="">', b'<ds:Reference URI="#part">')
    assert inspect_file(data, card().certificate).signature is SignatureStatus.UNKNOWN


def test_two_signatures_are_not_judged() -> None:
    start, end = SEALED.index(b"<ds:Signature>"), SEALED.index(b"</SealedMessage>")
    doubled = SEALED[:end] + SEALED[start:end] + SEALED[end:]
    assert inspect_file(doubled, card().certificate).signature is SignatureStatus.UNKNOWN


def test_a_comment_neither_breaks_the_signature_nor_hides_what_follows_it() -> None:
    position = SEALED.index(b"</dsig11:X509Digest>") - 5
    commented = SEALED[:position] + b"<!-- -->" + SEALED[position:]
    checked = inspect_file(commented, card().certificate)
    assert checked.signature is SignatureStatus.GOOD
    assert checked.recipient is Recipient.THIS


def test_an_empty_file_is_damaged() -> None:
    with pytest.raises(EncryptedFileDamaged):
        inspect_file(b"", card().certificate)


@given(st.integers(min_value=1, max_value=len(SEALED) - 1))
def test_a_file_that_breaks_off_anywhere_is_damaged(length: int) -> None:
    with pytest.raises(EncryptedFileDamaged):
        inspect_file(SEALED[:length], card().certificate)


@given(st.integers(min_value=0, max_value=len(SEALED) - 1), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_never_good(position: int, flip: int) -> None:
    """Bytes whose change leaves the signed document the same to XML (white space, quotes) may pass; no content may."""
    changed = SEALED[:position] + bytes([SEALED[position] ^ flip]) + SEALED[position + 1 :]
    try:
        checked = inspect_file(changed, card().certificate)
    except EncryptedFileDamaged:
        return
    if checked.signature is SignatureStatus.GOOD:
        before, after = ("".join(signed_part(data).split()) for data in (SEALED, changed))
        assert before == after


@given(st.binary(max_size=300))
def test_whatever_comes_is_checked_or_damaged(data: bytes) -> None:
    try:
        checked = inspect_file(data, card().certificate)
    except EncryptedFileDamaged:
        return
    assert checked.recipient is Recipient.UNKNOWN


def test_every_verdict_has_words_but_a_missing_signature() -> None:
    assert all(recipient.label for recipient in Recipient)
    assert [signature for signature in SignatureStatus if not signature.label] == [SignatureStatus.NONE]
