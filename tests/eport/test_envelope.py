import base64
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.problems import InvalidPortResponse
from tests.eport.fake_port import IV, KEY, MARKER, script, seal
from tests.needs import needs

ENVELOPE = Envelope.from_script(script().encode())
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def test_the_script_says_key_iv_and_marker() -> None:
    assert (ENVELOPE.key, ENVELOPE.iv, ENVELOPE.marker) == (KEY, IV, MARKER)
    assert "0123456789abcdef" not in repr(ENVELOPE)


def test_a_key_may_hold_any_latin_1_character() -> None:
    key = bytes(range(0xE0, 0xF0))
    assert Envelope.from_script(script(key=key).encode()).key == key


@given(TEXT, TEXT)
def test_what_was_wrapped_is_unwrapped(before: str, after: str) -> None:
    for text in (before, f"{before}{MARKER}{after}"):
        assert ENVELOPE.open(seal(text).encode()) == text.encode()


def test_line_breaks_in_the_base64_are_nothing() -> None:
    wrapped = seal('{"responseCode":100}' * 9)
    lines = "\r\n".join(wrapped[at : at + 76] for at in range(0, len(wrapped), 76))
    assert ENVELOPE.open(f" {lines}\r\n".encode()) == ENVELOPE.open(wrapped.encode())


@needs("openssl")
def test_openssl_wraps_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    padded = ('{"名称":"值"}' + MARKER).encode()
    padded += b"\0" * (-len(padded) % 16)
    command = ["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", KEY.hex(), "-iv", IV.hex()]
    wrapped = subprocess.run(command, input=padded, capture_output=True, check=True).stdout
    assert ENVELOPE.open(base64.b64encode(wrapped)) == '{"名称":"值"}'.encode()


@given(st.binary())
def test_anything_else_is_garbage(answer: bytes) -> None:
    with pytest.raises(InvalidPortResponse):
        ENVELOPE.open(answer)


@given(st.binary(min_size=16, max_size=16), TEXT)
def test_another_key_opens_nothing(key: bytes, text: str) -> None:
    if key == KEY:
        return
    with pytest.raises(InvalidPortResponse):
        ENVELOPE.open(seal(text, key=key).encode())


def test_without_its_marker_it_is_garbage() -> None:
    with pytest.raises(InvalidPortResponse):
        ENVELOPE.open(seal('{"responseCode":100}', marker="").encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html></html>",
        script(key=b"fifteen bytes.."),
        script(key=b"seventeen bytes.."),
        script(key=b"a backslash: \\x.."[:16]),
        script() + script(),
        script().replace("CryptoJS.enc.Latin1", "CryptoJS.enc.Utf8"),
        script().replace(f"CryptoJS.enc.Latin1.parse('{IV.decode()}')", "iv()"),
        script().replace("result.replace('", "text.replace('"),
        script(marker=""),
        script() + "result.replace('another', '')",
        script().replace(KEY.decode(), "\u62a5" * 16),
    ],
)
def test_a_script_that_says_anything_else_is_not_guessed_at(text: str) -> None:
    with pytest.raises(InvalidPortResponse) as problem:
        Envelope.from_script(text.encode())
    assert KEY.decode() not in problem.value.message


@given(st.binary())
def test_no_script_can_break_the_reading(content: bytes) -> None:
    with pytest.raises(InvalidPortResponse):
        Envelope.from_script(content)
