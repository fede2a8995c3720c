"""What reaches the terminal as changed cells, and what as it is."""

import pytest

from jiacha_tui.terminal.frame_buffer import FrameBuffer
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.terminal_state import BEGIN_SYNC_UPDATE, ENTER, LEAVE

SIZE = (20, 3)


class Terminal:
    """A frame buffer and all output that it has led to. Each method returns the output of its call."""

    def __init__(self) -> None:
        self._written = ""
        self._output = OutputThread(self._take)
        self._frame_buffer = FrameBuffer(self._output)

    def write(self, *all_data: str) -> str:
        before = len(self._written)
        for data in all_data:
            self._frame_buffer.write(data, *SIZE)
        return self._since(before)

    def redraw(self) -> str:
        before = len(self._written)
        self._frame_buffer.redraw()
        return self._since(before)

    def probe(self, sequence: str) -> str:
        before = len(self._written)
        self._frame_buffer.probe(sequence)
        return self._since(before)

    def set_ambiguous_cells(self, cells: int) -> str:
        before = len(self._written)
        self._frame_buffer.set_ambiguous_cells(cells)
        return self._since(before)

    def _since(self, before: int) -> str:
        self._output.start()
        self._output.stop()
        return self._written[before:]

    def _take(self, output: bytes) -> int:
        self._written += output.decode()
        return len(output)


@pytest.fixture
def terminal() -> Terminal:
    terminal = Terminal()
    terminal.write(ENTER, "\x1b[1;1Habc\x1b[1;1H")
    return terminal


def test_only_changed_cells_are_written(terminal: Terminal) -> None:
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H") == "abd\r"
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H", BEGIN_SYNC_UPDATE) == ""


def test_redraw_writes_the_whole_frame(terminal: Terminal) -> None:
    assert terminal.redraw() == "\x1b[r\x1b[m\x1b[H\x1b[Jabc\r"


def test_a_new_width_of_ambiguous_characters_redraws_the_whole_frame(terminal: Terminal) -> None:
    terminal.write("\x1b[1;1H─汉\x1b[1;1H")
    assert terminal.set_ambiguous_cells(1) == ""
    assert terminal.set_ambiguous_cells(2) == "\x1b[r\x1b[m\x1b[H\x1b[J-汉\r"
    assert terminal.set_ambiguous_cells(2) == ""
    assert terminal.write("\x1b[1;1H│汉\x1b[1;1H") == "|\r"
    assert terminal.set_ambiguous_cells(1) == "\x1b[r\x1b[m\x1b[H\x1b[J│汉\r"


def test_the_frame_after_a_probe_is_written_as_a_whole(terminal: Terminal) -> None:
    assert terminal.probe("x\x1b[6n") == "x\x1b[6n"
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H") == "\x1b[r\x1b[m\x1b[H\x1b[Jabd\r"


def test_the_terminal_is_probed_only_while_frames_are_shown(terminal: Terminal) -> None:
    assert Terminal().probe("x\x1b[6n") == ""
    terminal.write(LEAVE)
    assert terminal.probe("x\x1b[6n") == ""
    terminal.write(ENTER, "\x1b[2J")
    assert terminal.probe("x\x1b[6n") == ""
    assert terminal.set_ambiguous_cells(2) == ""


def test_redraw_writes_nothing_before_the_first_frame() -> None:
    assert Terminal().redraw() == ""


@pytest.mark.parametrize(
    "sequence",
    ["\x07", "\x1b[?1003h", "\x1b[?2048$p", "\x1b[>25u", "\x1b[<u", "\x1b]52;c;5Y2X\x07", "\x1b]22;default\x07"],
)
def test_a_sequence_that_changes_no_cell_passes_through(terminal: Terminal, sequence: str) -> None:
    assert terminal.write(sequence) == sequence
    assert terminal.write("\x1b[1;1Habd\x1b[1;1H") == "abd\r"


def test_after_an_unsupported_sequence_everything_passes_through(terminal: Terminal) -> None:
    for data in ("\x1b[2J", "\x1b[1;1Habc\x1b[1;1H", BEGIN_SYNC_UPDATE, "\x1b[1;1Habc\x1b[1;1H"):
        assert terminal.write(data) == data
    assert terminal.redraw() == ""
