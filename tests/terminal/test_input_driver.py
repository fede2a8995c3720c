"""What is typed, read from a terminal: understood as Textual's own driver does, and kept nowhere."""

import os
import pty
import select
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from jiacha_tui.terminal.input_driver import messages
from tests.cli.terminals import terminal

F10 = b"\x1b[21~"
PASTED, END = "\x1b[200~", "\x1b[201~"
PIECES = st.sampled_from([PASTED, END, "\x1b", "\x1b[A", "\x1b[<0;3;4M", "中", "a", "\x00", "\r", "[", "201~"])


def _told(message: Message) -> tuple[object, ...]:
    match message:
        case events.Key(key=key, character=character):
            return "key", key, character
        case events.Paste(text=text):
            return "paste", text
        case _:
            return (type(message).__name__,)


@given(st.lists(st.text(max_size=5) | PIECES, max_size=12).map("".join), st.integers(1, 5))
def test_it_means_what_textual_takes_it_for(typed: str, at_once: int) -> None:
    ours, theirs = XTermParser(), XTermParser()
    for start in range(0, len(typed), at_once):
        part = typed[start : start + at_once]
        assert [_told(one) for one in messages(ours, part)] == [_told(one) for one in theirs.feed(part)]


def test_nothing_typed_is_not_the_end() -> None:
    parser = XTermParser()
    assert not list(messages(parser, ""))
    assert [_told(one) for one in messages(parser, "a")] == [("key", "a", "a")]


def test_the_text_of_a_paste_is_kept_by_nobody_once_it_was_passed_on() -> None:
    parser = XTermParser()
    (message,) = messages(parser, f"{PASTED}Zq7#kW2!{END}")
    assert isinstance(message, events.Paste)
    text = message.text
    del message
    assert text == "Zq7#kW2!"
    assert sys.getrefcount(text) == 2, "the name here and the argument"


def test_a_terminal_that_goes_without_a_word_ends_the_program(child_environment: dict[str, str]) -> None:
    master, slave = pty.openpty()
    # In a session without a controlling terminal nobody is sent a SIGHUP.
    command = ["setsid", sys.executable, "-m", "jiacha_tui", "--demo"]
    with subprocess.Popen(command, env=child_environment, stdin=slave, stdout=slave, stderr=slave) as program:
        os.close(slave)
        said = b""
        while "卡介质登录".encode() not in said:
            assert select.select([master], [], [], 20)[0], said
            said += os.read(master, 4096)
        os.close(master)
        try:
            assert program.wait(timeout=20) == 0
        finally:
            program.kill()


def test_what_is_no_utf8_ends_nothing(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ={**child_environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"}) as shown:
        shown.wait_for(b"JJ0G900000001")
        shown.type("你好".encode("gbk"))
        shown.wait_for("请切换到英文输入法".encode())
        shown.type(F10)
        assert shown.exit_code() == 0
