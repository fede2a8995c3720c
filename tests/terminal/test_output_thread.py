"""What reaches a terminal, and what never does."""

import threading
import time
from collections.abc import Callable

import pytest

from jiacha_tui.terminal.cells import Frame, blank_frame, cells_of
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.style import PLAIN
from jiacha_tui.terminal.terminal_state import BEGIN_SYNC_UPDATE, END_SYNC_UPDATE, ENTER, LEAVE
from tests.terminal.emulator import Emulator

_PATIENCE_SECONDS = 20


class Line:
    """A line to a terminal that takes something only while it is open, and never more than a little at once."""

    def __init__(self) -> None:
        self.open, self.busy = threading.Event(), threading.Event()
        self.taken = b""

    def take(self, output: bytes) -> int:
        self.busy.set()
        assert self.open.wait(_PATIENCE_SECONDS)
        self.taken += output[:7]
        return len(output[:7])


def _fails(show: Callable[[], None]) -> bool:
    """Whether the thread's failure is told of, as it has to be soon."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            show()
        except RuntimeError:
            return True
    return False


def _saying(text: str, width: int = 20) -> Frame:
    return Frame((cells_of(text.ljust(width), PLAIN), *blank_frame(width, 2).rows))


def test_frames_that_a_busy_line_has_left_behind_are_never_sent() -> None:
    line = Line()
    output = OutputThread(line.take)
    output.start()
    output.pass_on(ENTER)
    assert line.busy.wait(_PATIENCE_SECONDS)
    for number in range(1000):
        output.show(_saying(f"frame {number}"))
    output.pass_on("\x07")
    line.open.set()
    output.stop()
    terminal = Emulator(20, 3)
    terminal.feed(line.taken.decode())
    assert terminal.text.startswith("frame 999 ")
    assert line.taken.count(b"frame") == 1
    assert line.taken.endswith(b"\x07")


def test_nothing_is_drawn_before_the_screen_is_entered_and_after_it_is_left() -> None:
    line = Line()
    line.open.set()
    output = OutputThread(line.take)
    output.show(_saying("early"))
    output.pass_on(ENTER)
    output.show(_saying("in time"))
    output.start()
    output.stop()
    output.pass_on(LEAVE)
    output.show(_saying("late"))
    output.start()
    output.stop()
    assert b"early" not in line.taken
    assert b"in time" in line.taken
    assert line.taken.endswith(LEAVE.encode())


def test_it_goes_on_after_a_pause_with_the_whole_frame() -> None:
    line = Line()
    line.open.set()
    output = OutputThread(line.take)
    for _ in range(2):
        output.start()
        output.pass_on(ENTER)
        output.show(_saying("the same"))
        output.pass_on(LEAVE)
        output.stop()
    assert line.taken.count(b"the same") == 2


def test_a_terminal_that_is_gone_ends_it_quietly() -> None:
    called = threading.Event()

    def gone(output: bytes) -> int:
        called.set()
        raise OSError

    output = OutputThread(gone)
    output.start()
    output.pass_on(ENTER)
    assert called.wait(_PATIENCE_SECONDS)
    for _ in range(100):
        output.pass_on("\x07")
    output.stop()


def test_leaving_does_not_wait_for_ever_for_a_terminal_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiacha_tui.terminal.output_thread._PATIENCE_SECONDS", 0.1)
    line = Line()
    output = OutputThread(line.take)
    output.start()
    output.pass_on(ENTER)
    assert line.busy.wait(_PATIENCE_SECONDS)
    output.pass_on("\x07")
    output.stop()
    line.open.set()
    output.start()
    output.pass_on(LEAVE)
    output.stop()
    assert b"\x07" not in line.taken


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_ends_the_program_and_leaves_the_screen() -> None:
    line = Line()
    line.open.set()
    output = OutputThread(line.take)
    output.start()
    output.pass_on(ENTER)
    no_frame = Frame((cells_of("ab", PLAIN), cells_of("c", PLAIN)))
    output.show(no_frame)
    assert _fails(lambda: output.show(no_frame))
    output.pass_on(LEAVE)
    output.stop()
    assert line.taken.decode() == ENTER + LEAVE


def test_a_long_change_is_held_back_where_the_terminal_can_do_that() -> None:
    line = Line()
    line.open.set()
    output = OutputThread(line.take)
    output.start()
    output.hold_changes()
    output.pass_on(ENTER)
    output.show(_saying("x" * 600, 600))
    output.stop()
    assert line.taken.startswith(f"{ENTER}{BEGIN_SYNC_UPDATE}".encode())
    assert line.taken.endswith(END_SYNC_UPDATE.encode())
