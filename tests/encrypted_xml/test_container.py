"""Parsing hostile and damaged XML."""

import resource
from pathlib import Path

import pytest
from lxml import etree

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.encrypted_xml.container import decode_base64, parse_xml
from jiacha_tui.encrypted_xml.problems import EncryptedFileDamaged, NotRtxMessage, UnsupportedEncryption

BOMB = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10))
    + "]>"
)
PADDING = b"<x>" + b"A" * 11_000_000 + b"</x>"
"""Makes a file so long that libxml2's limits are lifted."""


@pytest.mark.parametrize(
    "data",
    [
        (BOMB + "<r>&k;</r>").encode(),
        (BOMB + '<r a="&k;"/>').encode(),
        (BOMB + '<r a="&k;">').encode() + PADDING + b"</r>",
        (BOMB + "<r>&k;").encode() + PADDING + b"</r>",
        b'<!DOCTYPE r SYSTEM "http://192.0.2.1/evil.dtd"><r/>',
        b"<!DOCTYPE r><r/>",
        (BOMB + "<r/>").encode("utf-16"),
    ],
    ids=["text bomb", "attribute bomb", "padded attribute bomb", "padded bomb", "external", "bare", "utf-16"],
)
def test_a_dtd_is_refused_before_it_is_expanded(data: bytes) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(EncryptedFileDamaged, match=r"含有 DTD|第 1 行"):
        parse_xml(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 200 * 1024, "kilobytes"


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    with pytest.raises(EncryptedFileDamaged):
        parse_xml(f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><r>&x;</r>'.encode())


@pytest.mark.parametrize("depth", [300, 100_000])
@pytest.mark.parametrize("padding", [b"", PADDING], ids=["short", "long"])
def test_deep_nesting_is_refused(depth: int, padding: bytes) -> None:
    data = b"<r>" + padding + b"<a>" * depth + b"</a>" * depth + b"</r>"
    if padding and depth == 300:
        assert parse_xml(data).tag == "r", "the limit is higher in a long file"
        return
    with pytest.raises(EncryptedFileDamaged):
        parse_xml(data)


def test_a_text_may_be_longer_than_the_parsers_ordinary_limit() -> None:
    root = parse_xml(PADDING)
    assert len(root.text or "") == 11_000_000


def test_comments_do_not_split_a_text() -> None:
    assert parse_xml(b"<r>AB<!-- -->CD</r>").text == "ABCD"


def test_the_message_names_the_line_of_the_error() -> None:
    with pytest.raises(EncryptedFileDamaged, match="第 3 行"):
        parse_xml(b"<r>\n<a>\n</b>\n</r>")


def test_a_file_with_invalid_base64_is_damaged() -> None:
    element = etree.fromstring("<CipherValue>QUJD\n RA==</CipherValue>")
    assert decode_base64(element) == b"ABCD"
    element.text = "报关单"
    with pytest.raises(EncryptedFileDamaged, match="CipherValue"):
        decode_base64(element)


@pytest.mark.parametrize("problem", [EncryptedFileDamaged("第 1 行"), UnsupportedEncryption(), NotRtxMessage("空文件")])
def test_every_problem_has_a_message_and_a_hint(problem: Problem) -> None:
    assert problem.message
    assert problem.hint
