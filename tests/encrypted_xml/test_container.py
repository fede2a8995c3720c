"""Files made to hurt whoever parses them."""

import resource
import time
from pathlib import Path

import pytest
from lxml import etree

from jiacha_tui.encrypted_xml.container import EncryptedFileDamaged, decoded, parse

BOMB = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10))
    + "]>"
)
PADDING = b"<x>" + b"A" * 11_000_000 + b"</x>"
"""Makes a file long enough for libxml2's limits to be lifted."""


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
def test_a_dtd_is_refused_at_once(data: bytes) -> None:
    started = time.monotonic()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(EncryptedFileDamaged):
        parse(data)
    assert time.monotonic() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 200 * 1024, "kilobytes"


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    with pytest.raises(EncryptedFileDamaged):
        parse(f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><r>&x;</r>'.encode())


@pytest.mark.parametrize("depth", [300, 100_000])
@pytest.mark.parametrize("padding", [b"", PADDING], ids=["short", "long"])
def test_deep_nesting_is_refused(depth: int, padding: bytes) -> None:
    data = b"<r>" + padding + b"<a>" * depth + b"</a>" * depth + b"</r>"
    if padding and depth == 300:
        assert parse(data).tag == "r", "the limit is higher in a long file"
        return
    with pytest.raises(EncryptedFileDamaged):
        parse(data)


def test_a_text_longer_than_the_parsers_ordinary_limit() -> None:
    root = parse(PADDING)
    assert len(root.text or "") == 11_000_000


def test_comments_do_not_split_a_text() -> None:
    assert parse(b"<r>AB<!-- -->CD</r>").text == "ABCD"


def test_the_line_of_a_fault_is_told() -> None:
    with pytest.raises(EncryptedFileDamaged, match="第 3 行"):
        parse(b"<r>\n<a>\n</b>\n</r>")


def test_what_is_not_base64_is_damage() -> None:
    element = etree.fromstring("<CipherValue>QUJD\n RA==</CipherValue>")
    assert decoded(element) == b"ABCD"
    element.text = "报关单"
    with pytest.raises(EncryptedFileDamaged, match="CipherValue"):
        decoded(element)


def test_every_problem_says_what_to_do() -> None:
    problem = EncryptedFileDamaged("第 1 行")
    assert problem.message
    assert problem.hint
