"""What goes on to the terminal as a picture, what unchanged."""

import pytest

from jiacha_tui.terminal.frame_buffer import FrameBuffer
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.terminal_state import BEGIN_SYNC_UPDATE, ENTER, LEAVE

SIZE = (20, 3)


class Terminal:
    def __init__(self) -> None:
        self.taken = ""
        self._output = OutputThread(self._take)
        self.pictures = FrameBuffer(self._output)

    def write(self, *all_data: str) -> str:
        """What comes of it."""
        before = len(self.taken)
        for data in all_data:
            self.pictures.write(data, *SIZE)
        return self._since(before)

    def redraw(self) -> str:
        before = len(self.taken)
        self.pictures.redraw()
        return self._since(before)

    def ask(self, question: str) -> str:
        before = len(self.taken)
        self.pictures.ask(question)
        return self._since(before)

    def give_ambiguous(self, cells: int) -> str:
        before = len(self.taken)
        self.pictures.give_ambiguous(cells)
        return self._since(before)

    def _since(self, before: int) -> str:
        self._output.start()
        self._output.stop()
        return self.taken[before:]

    def _take(self, output: bytes) -> int:
        self.taken += output.decode()
        return len(output)


@pytest.fixture
def terminal() -> Terminal:
    terminal = Terminal()
    terminal.write(ENTER, "\x1b[1;1Habc\x1b[1;1H")
    return terminal


def test_only_what_differs_is_written(terminal: Terminal) -> None:
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H") == "abd\r"
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H", BEGIN_SYNC_UPDATE) == ""


def test_everything_is_written_again_when_asked_for(terminal: Terminal) -> None:
    assert terminal.redraw() == "\x1b[r\x1b[m\x1b[H\x1b[Jabc\r"


def test_everything_is_written_again_when_it_is_news_how_wide_the_terminal_draws(terminal: Terminal) -> None:
    terminal.write("\x1b[1;1H─汉\x1b[1;1H")
    assert terminal.give_ambiguous(1) == ""
    assert terminal.give_ambiguous(2) == "\x1b[r\x1b[m\x1b[H\x1b[J-汉\r"
    assert terminal.give_ambiguous(2) == ""
    assert terminal.write("\x1b[1;1H│汉\x1b[1;1H") == "|\r"
    assert terminal.give_ambiguous(1) == "\x1b[r\x1b[m\x1b[H\x1b[J│汉\r"


def test_after_a_question_everything_is_written_again(terminal: Terminal) -> None:
    assert terminal.ask("x\x1b[6n") == "x\x1b[6n"
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H") == "\x1b[r\x1b[m\x1b[H\x1b[Jabd\r"


def test_nothing_is_asked_where_nothing_is_shown(terminal: Terminal) -> None:
    assert Terminal().ask("x\x1b[6n") == ""
    terminal.write(LEAVE)
    assert terminal.ask("x\x1b[6n") == ""
    terminal.write(ENTER, "\x1b[2J")
    assert terminal.ask("x\x1b[6n") == ""
    assert terminal.give_ambiguous(2) == ""


def test_before_anything_is_drawn_there_is_nothing_to_write_again() -> None:
    assert Terminal().redraw() == ""


@pytest.mark.parametrize(
    "sequence",
    ["\x07", "\x1b[?1003h", "\x1b[?2048$p", "\x1b[>25u", "\x1b[<u", "\x1b]52;c;5Y2X\x07", "\x1b]22;default\x07"],
)
def test_what_changes_no_cell_goes_on_as_it_is(terminal: Terminal, sequence: str) -> None:
    assert terminal.write(sequence) == sequence
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H") == "abd\r"


def test_after_what_is_not_understood_everything_goes_on_as_it_is(terminal: Terminal) -> None:
    for data in ("\x1b[2J", "\x1b[1;1Habc\x1b[1;1H", BEGIN_SYNC_UPDATE, "\x1b[1;1Habc\x1b[1;1H"):
        assert terminal.write(data) == data
    assert terminal.redraw() == ""
