"""Input is parsed as Textual's own driver parses it, and kept nowhere."""

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

from jiacha_tui.terminal.input_driver import parse_input
from tests.cli.terminals import terminal

F10 = b"\x1b[21~"
PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"
PIECES = st.sampled_from(
    [PASTE_BEGIN, PASTE_END, "\x1b", "\x1b[A", "\x1b[<0;3;4M", "中", "a", "\x00", "\r", "[", "201~"]
)


def _content(message: Message) -> tuple[object, ...]:
    match message:
        case events.Key(key=key, character=character):
            return "key", key, character
        case events.Paste(text=text):
            return "paste", text
        case _:
            return (type(message).__name__,)


@given(st.lists(st.text(max_size=5) | PIECES, max_size=12).map("".join), st.integers(1, 5))
def test_the_messages_are_those_of_textuals_parser(typed: str, part_length: int) -> None:
    ours, theirs = XTermParser(), XTermParser()
    for start in range(0, len(typed), part_length):
        part = typed[start : start + part_length]
        assert [_content(message) for message in parse_input(ours, part)] == [
            _content(message) for message in theirs.feed(part)
        ]


def test_an_enter_that_was_pressed_before_the_program_had_set_its_terminal_up_is_an_enter() -> None:
    messages = list(parse_input(XTermParser(), "a\n\r"))
    assert [_content(message) for message in messages] == [("key", "a", "a"), *[("key", "enter", "\r")] * 2]


def test_empty_input_is_not_the_end_of_input() -> None:
    parser = XTermParser()
    assert not list(parse_input(parser, ""))
    assert [_content(message) for message in parse_input(parser, "a")] == [("key", "a", "a")]


def test_nothing_keeps_the_text_of_a_paste_after_it_was_passed_on() -> None:
    parser = XTermParser()
    (message,) = parse_input(parser, f"{PASTE_BEGIN}Zq7#kW2!{PASTE_END}")
    assert isinstance(message, events.Paste)
    text = message.text
    del message
    assert text == "Zq7#kW2!"
    assert sys.getrefcount(text) == 2, "the name here and the argument"


def test_the_program_ends_when_its_terminal_is_gone(child_environment: dict[str, str]) -> None:
    master, slave = pty.openpty()
    # In a session without a controlling terminal no process is sent a SIGHUP.
    command = ["setsid", sys.executable, "-m", "jiacha_tui", "--demo"]
    with subprocess.Popen(command, env=child_environment, stdin=slave, stdout=slave, stderr=slave) as program:
        os.close(slave)
        output = b""
        while "卡介质登录".encode() not in output:
            assert select.select([master], [], [], 20)[0], output
            output += os.read(master, 4096)
        os.close(master)
        try:
            assert program.wait(timeout=20) == 0
        finally:
            program.kill()


def test_input_that_is_not_utf8_does_not_end_the_program(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ={**child_environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"}) as started:
        started.wait_for(b"JJ0G900000001")
        started.type("你好".encode("gbk"))
        started.wait_for("请切换到英文输入法".encode())
        started.type(F10)
        assert started.exit_code() == 0
