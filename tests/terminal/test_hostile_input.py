"""Bytes that no keyboard sends, thousands of times, into the whole program in a terminal: it lives and answers a key.

`INPUT_FUZZ` is how many inputs are sent, by default `SAMPLE`; `make fuzz` sends 10,000. `TORTURE_SEED` repeats them.
The program goes on from one input to the next, wherever they have led. Some of them are keys that end it, which is
right; it is started again then, every other time with a session and 60 declarations.
"""

import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.terminal.escape_writer import CLEAR
from tests.cli.terminals import Terminal, terminal
from tests.port_home import copy_home
from tests.torture.combinations import TORTURE_SEED

SAMPLE = 200
_INPUTS = int(os.environ.get("INPUT_FUZZ", SAMPLE))
_LONGEST_ANSWER_SECONDS = 60.0
_QUIET_SECONDS = 0.02
_ASK_AGAIN_SECONDS = 3.5
"""Longer than a paste waits for its end: a key that comes earlier belongs to it."""

_KEPT = 30

_END_OF_STRINGS = b"\x07\x1b\\\x1b[201~"
"""Ends a reply or a paste that an input began. Without it the program ends them itself, after two seconds."""

_CTRL_L = b"\x0c"
_BEGIN_PASTE, _END_PASTE = b"\x1b[200~", b"\x1b[201~"
_OFFLINE_LOGIN = f"{DEMO_PIN}\t\t\t\r".encode()

_NUMBER = st.integers(-2, 300).map(str) | st.integers(0, 10**12).map(str) | st.sampled_from(["", "0" * 30, "9" * 400])
_SEQUENCE = st.builds(
    lambda begin, numbers, separator, end: (begin + separator.join(numbers) + end).encode(),
    st.sampled_from(["\x1b[", "\x1b[<", "\x1b[?", "\x1b[>", "\x1b[48;", "\x1bO", "\x1b]", "\x1bP", "\x1b_G", "\x1b[["]),
    st.lists(_NUMBER, max_size=6),
    st.sampled_from([";", ":", " ", ""]),
    st.sampled_from([*"uRMmtyABIcn~$", "$y", "\x07", "\x1b\\", "", "\x1b", "中", "\r"]),
)
_MOUSE = st.builds(
    lambda button, x, y, end: f"\x1b[<{button};{x};{y}{end}".encode(),
    st.sampled_from([0, 1, 2, 32, 35, 64, 65]),
    st.integers(1, 90),
    st.integers(1, 30),
    st.sampled_from("Mm"),
)
_PASTE = st.builds(
    lambda text, times, end: _BEGIN_PASTE + text * times + end,
    st.binary(min_size=1, max_size=20) | st.sampled_from([b"a ", b"-g:1 ", b"| 1 ", "中 ".encode(), b"(", b"\0"]),
    st.integers(1, 400),
    st.sampled_from([_END_PASTE, _END_PASTE, b""]),
)
_KEY = st.sampled_from(sorted({str(key).encode() for key in ANSI_SEQUENCES_KEYS})) | st.sampled_from(
    [bytes([code]) for code in range(256)]
)
_INPUT = st.lists(_SEQUENCE | _MOUSE | _PASTE | _KEY | st.binary(max_size=40), min_size=1, max_size=5).map(b"".join)


class FuzzedProgram:
    """The program, started again whenever a key has ended it."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self._home = home
        self._environ = environ
        self._stack = ExitStack()
        self._sent: deque[bytes] = deque(maxlen=_KEPT)
        self.starts = 0
        self._program = self._start()

    def send(self, data: bytes, *, ends_strings: bool) -> None:
        """Sends the bytes, and waits for the answer to a key or for a clean end."""
        self._sent.append(data)
        self._type(data)
        if ends_strings:
            self._type(_END_OF_STRINGS)
        if not self._answers():
            code = self._program.exit_code()
            shown = self._program.output[-1500:].decode("utf-8", "replace")
            assert code == 0, f"the program ended with {code} after {list(self._sent)}:\n{shown}"
            assert not list(self._home.glob("crash-reports/*")), f"a crash report after {list(self._sent)}"
            self._stack.close()
            self._program = self._start()

    def close(self) -> None:
        self._stack.close()

    def _start(self) -> Terminal:
        started = self._stack.enter_context(terminal("--demo", "--home", str(self._home), environ=self._environ))
        started.wait_for(b"JJ0G900000001")
        if self.starts % 2 == 0:
            started.type(_OFFLINE_LOGIN)
        self.starts += 1
        return started

    def _type(self, data: bytes) -> None:
        if self._program.is_running():
            self._program.type(data)

    def _answers(self) -> bool:
        """Whether the screen is drawn again after Ctrl+L; False if the program has ended."""
        program, deadline = self._program, time.monotonic() + _LONGEST_ANSWER_SECONDS
        program.rest(_QUIET_SECONDS)
        while program.is_running():
            assert time.monotonic() < deadline, f"no answer after {list(self._sent)}"
            if program.is_stopped():  # Ctrl+Z
                program.signal(signal.SIGCONT)
            before = len(program.output)
            self._type(_CTRL_L)
            again = time.monotonic() + _ASK_AGAIN_SECONDS
            while program.is_running() and time.monotonic() < again:
                program.rest(_QUIET_SECONDS)
                if CLEAR.encode() in program.output[before:]:
                    return True
        return False


@pytest.fixture(scope="module")
def fuzzed(synced_home: Path, tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[FuzzedProgram]:
    folder = tmp_path_factory.mktemp("fuzz")
    home = copy_home(synced_home, folder / "home")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(project),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    program = FuzzedProgram(home, environ)
    yield program
    program.close()


@seed(int(os.environ.get(TORTURE_SEED, "0")))
@settings(
    max_examples=_INPUTS,
    database=None,
    phases=[Phase.generate],  # an input alone does not repeat what those before it have led to
    suppress_health_check=list(HealthCheck),
)
@given(_INPUT, st.integers(0, 99).map(bool))
def test_the_program_lives_and_answers_a_key_whatever_the_terminal_sends(
    fuzzed: FuzzedProgram, data: bytes, ends_strings: bool
) -> None:
    fuzzed.send(data, ends_strings=ends_strings)
