"""Two terminals side by side: one takes all that Textual writes, the other only the cells that changed."""

from typing import Any

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

from jiacha_tui.terminal.frame_buffer import FrameBuffer
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.terminal_state import ENTER
from tests.terminal.emulator import Emulator, Look, is_ambiguous

_WRITES_AT_ONCE = (1, 3, 1, 2, 9)
"""After how many writes the second terminal has caught up: on a slow line frames are left out."""


class ComparingDriver(HeadlessDriver):
    """Compares the two whenever the second one has caught up."""

    is_headless = False

    def __init__(self, app: App[Any], *, size: tuple[int, int] | None = None, **options: Any) -> None:
        super().__init__(app, size=size, **options)
        assert size is not None
        self.everything, self.changes = Emulator(*size), Emulator(*size)
        self.bytes_of_everything = self.bytes_of_changes = 0
        self.compared = 0
        self.difference = ""
        self._output = OutputThread(self._take)
        self._pictures = FrameBuffer(self._output)
        self._behind = 0

    def start_application_mode(self) -> None:
        self.write(ENTER)
        super().start_application_mode()

    def write(self, data: str) -> None:
        self.everything.feed(data)
        self.bytes_of_everything += len(data.encode())
        self._pictures.write(data, *self._app.size)
        self._behind += 1
        if self._behind >= _WRITES_AT_ONCE[self.compared % len(_WRITES_AT_ONCE)]:
            self.compare()

    def resize(self, columns: int, lines: int) -> None:
        """A person pulls the window larger or smaller."""
        self.everything.resize(columns, lines)
        self.changes.resize(columns, lines)
        self._output.forget()

    def compare(self) -> None:
        """Lets the second terminal catch up, and keeps the first difference."""
        self._output.start()
        self._output.stop()
        self._behind = 0
        self.compared += 1
        for row, (all_looks, looks) in enumerate(zip(self.everything.looks, self.changes.looks, strict=True)):
            if all_looks != looks and not self.difference:
                pairs = enumerate(zip(all_looks, looks, strict=True))
                if found := [(row, column, *pair) for column, pair in pairs if not self._is_alike(*pair)]:
                    self.difference = f"{found}\n{self.everything.text}\n{self.changes.text}"

    def _is_alike(self, look: Look, shown: Look) -> bool:
        return look == shown

    def _take(self, output: bytes) -> int:
        self.changes.feed(output.decode())
        self.bytes_of_changes += len(output)
        return len(output)


class NarrowAndWide(ComparingDriver):
    """The second terminal gives ambiguous characters two cells; what it shows in their place has one."""

    def __init__(self, app: App[Any], *, size: tuple[int, int] | None = None, **options: Any) -> None:
        super().__init__(app, size=size, **options)
        assert size is not None
        self.changes = Emulator(*size, ambiguous_cells=2)
        self.substitutes: set[str] = set()
        self._pictures.give_ambiguous(2)

    def _is_alike(self, look: Look, shown: Look) -> bool:
        if not is_ambiguous(look.text):
            return look == shown
        self.substitutes.add(look.text)
        return len(shown.text) == 1 and shown.text.isascii() and _but_underlined(look) == _but_underlined(shown)


def _but_underlined(look: Look) -> tuple[Any, ...]:
    return tuple(part for part in look.style if part[0] != "underscore")
