import asyncio
import base64
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.problems import InvalidPortResponse
from tests.eport.fake_port import IV, KEY, MARKER, menu_script, wrap_in_envelope
from tests.needs import needs


def _from_script(script: bytes) -> Envelope:
    envelope = Envelope.from_script(script)
    assert envelope is not None
    return envelope


def _open(wrapped: bytes) -> bytes:
    return asyncio.run(ENVELOPE.open(wrapped))


ENVELOPE = _from_script(menu_script().encode())
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def test_the_script_gives_key_iv_and_marker() -> None:
    assert (ENVELOPE.key, ENVELOPE.iv, ENVELOPE.marker) == (KEY, IV, MARKER)
    assert "0123456789abcdef" not in repr(ENVELOPE)


def test_a_key_may_hold_any_latin_1_character() -> None:
    key = bytes(range(0xE0, 0xF0))
    assert _from_script(menu_script(key=key).encode()).key == key


@given(TEXT, TEXT)
def test_an_envelope_opens_to_its_text(before: str, after: str) -> None:
    for text in (before, f"{before}{MARKER}{after}"):
        assert _open(wrap_in_envelope(text).encode()) == text.encode()


def test_line_breaks_in_the_base64_are_ignored() -> None:
    wrapped = wrap_in_envelope('{"responseCode":100}' * 9)
    lines = "\r\n".join(wrapped[at : at + 76] for at in range(0, len(wrapped), 76))
    assert _open(f" {lines}\r\n".encode()) == _open(wrapped.encode())


@needs("openssl")
def test_an_envelope_made_by_openssl_opens(tmp_path_factory: pytest.TempPathFactory) -> None:
    padded = ('{"名称":"值"}' + MARKER).encode()
    padded += b"\0" * (-len(padded) % 16)
    command = ["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", KEY.hex(), "-iv", IV.hex()]
    wrapped = subprocess.run(command, input=padded, capture_output=True, check=True).stdout
    assert _open(base64.b64encode(wrapped)) == '{"名称":"值"}'.encode()


@given(st.binary())
def test_any_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidPortResponse):
        _open(content)


@given(st.binary(min_size=16, max_size=16), TEXT)
def test_an_envelope_of_another_key_does_not_open(key: bytes, text: str) -> None:
    if key == KEY:
        return
    with pytest.raises(InvalidPortResponse):
        _open(wrap_in_envelope(text, key=key).encode())


def test_an_envelope_without_the_marker_is_refused() -> None:
    with pytest.raises(InvalidPortResponse):
        _open(wrap_in_envelope('{"responseCode":100}', marker="").encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html></html>",
        menu_script(key=b"fifteen bytes.."),
        menu_script(key=b"seventeen bytes.."),
        menu_script(key=b"a backslash: \\x.."[:16]),
        menu_script() + menu_script(),
        menu_script().replace("CryptoJS.enc.Latin1", "CryptoJS.enc.Utf8"),
        menu_script().replace(f"CryptoJS.enc.Latin1.parse('{IV.decode()}')", "iv()"),
        menu_script().replace("result.replace('", "text.replace('"),
        menu_script(marker=""),
        menu_script() + "result.replace('another', '')",
        menu_script().replace(KEY.decode(), "\u62a5" * 16),
    ],
)
def test_a_script_of_another_form_is_not_read(text: str) -> None:
    assert Envelope.from_script(text.encode()) is None


@given(st.binary())
def test_any_bytes_as_script_are_not_read(content: bytes) -> None:
    assert Envelope.from_script(content) is None


@pytest.mark.parametrize(
    "script",
    [
        menu_script().replace("'", '"').encode(),
        menu_script().replace("(", "  (\n ").replace(".", " . ").encode(),
        b"\xef\xbb\xbf" + menu_script().encode(),
        f"// 菜单脚本\n{menu_script()}".encode("gb18030"),
        b"// \xff\xfe\x80\n" + menu_script().encode(),
    ],
)
def test_a_script_is_read_as_leniently_as_a_browser_would(script: bytes) -> None:
    assert _from_script(script) == ENVELOPE
