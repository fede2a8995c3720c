"""What the thread writes to a terminal, and what it leaves out."""

import threading
import time
from collections.abc import Callable

import pytest

from jiacha_tui.terminal.cells import Frame, blank_frame, split_into_cells
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.style import PLAIN
from jiacha_tui.terminal.terminal_state import BEGIN_SYNC_UPDATE, END_SYNC_UPDATE, ENTER, LEAVE
from tests.terminal.emulator import Emulator

_TIMEOUT_SECONDS = 20


class SlowLine:
    """A line to a terminal that takes a few bytes at a time, and none before it is opened."""

    def __init__(self) -> None:
        self.open, self.busy = threading.Event(), threading.Event()
        self.taken = b""

    def take(self, output: bytes) -> int:
        self.busy.set()
        assert self.open.wait(_TIMEOUT_SECONDS)
        self.taken += output[:7]
        return len(output[:7])


def _open_line() -> SlowLine:
    line = SlowLine()
    line.open.set()
    return line


def _raises_soon(show: Callable[[], None]) -> bool:
    """Whether `show` raises RuntimeError before the time is up."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        try:
            show()
        except RuntimeError:
            return True
    return False


def _frame(text: str, width: int = 20) -> Frame:
    return Frame((split_into_cells(text.ljust(width), PLAIN), *blank_frame(width, 2).rows))


def test_frames_that_a_busy_line_did_not_take_in_time_are_never_sent() -> None:
    line = SlowLine()
    output = OutputThread(line.take)
    output.start()
    output.pass_through(ENTER)
    assert line.busy.wait(_TIMEOUT_SECONDS)
    for number in range(1000):
        output.show(_frame(f"frame {number}"))
    output.pass_through("\x07")
    line.open.set()
    output.stop()
    terminal = Emulator(20, 3)
    terminal.feed(line.taken.decode())
    assert terminal.text.startswith("frame 999 ")
    assert line.taken.count(b"frame") == 1
    assert line.taken.endswith(b"\x07")


def test_frames_are_shown_only_on_the_alternate_screen() -> None:
    line = _open_line()
    output = OutputThread(line.take)
    output.show(_frame("early"))
    output.pass_through(ENTER)
    output.show(_frame("in time"))
    output.start()
    output.stop()
    output.pass_through(LEAVE)
    output.show(_frame("late"))
    output.start()
    output.stop()
    assert b"early" not in line.taken
    assert b"in time" in line.taken
    assert line.taken.endswith(LEAVE.encode())


def test_the_first_frame_after_a_suspension_is_written_as_a_whole() -> None:
    line = _open_line()
    output = OutputThread(line.take)
    for _ in range(2):
        output.start()
        output.pass_through(ENTER)
        output.show(_frame("the same"))
        output.pass_through(LEAVE)
        output.stop()
    assert line.taken.count(b"the same") == 2


def test_output_for_a_terminal_that_is_gone_is_dropped() -> None:
    called = threading.Event()

    def fail(output: bytes) -> int:
        called.set()
        raise OSError

    output = OutputThread(fail)
    output.start()
    output.pass_through(ENTER)
    assert called.wait(_TIMEOUT_SECONDS)
    for _ in range(100):
        output.pass_through("\x07")
    output.stop()


def test_stopping_waits_only_some_time_for_a_terminal_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiacha_tui.terminal.output_thread._STOP_TIMEOUT_SECONDS", 0.1)
    line = SlowLine()
    output = OutputThread(line.take)
    output.start()
    output.pass_through(ENTER)
    assert line.busy.wait(_TIMEOUT_SECONDS)
    output.pass_through("\x07")
    output.stop()
    line.open.set()
    output.start()
    output.pass_through(LEAVE)
    output.stop()
    assert b"\x07" not in line.taken


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_in_the_thread_reaches_the_program_which_leaves_the_screen() -> None:
    line = _open_line()
    output = OutputThread(line.take)
    output.start()
    output.pass_through(ENTER)
    uneven = Frame((split_into_cells("ab", PLAIN), split_into_cells("c", PLAIN)))
    output.show(uneven)
    assert _raises_soon(lambda: output.show(uneven))
    output.pass_through(LEAVE)
    output.stop()
    assert line.taken.decode() == ENTER + LEAVE


def test_a_long_change_is_a_synchronized_update_where_the_terminal_supports_them() -> None:
    line = _open_line()
    output = OutputThread(line.take)
    output.start()
    output.enable_sync_updates()
    output.pass_through(ENTER)
    output.show(_frame("x" * 600, 600))
    output.stop()
    assert line.taken.startswith(f"{ENTER}{BEGIN_SYNC_UPDATE}".encode())
    assert line.taken.endswith(END_SYNC_UPDATE.encode())
