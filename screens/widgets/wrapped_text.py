"""A text on as many rows as it needs, wrapped where Chinese text may break."""

from rich.text import Text
from textual.geometry import Size
from textual.widget import Widget

from screens.widgets.cells import wrap_cells


class WrappedText(Widget):
    """`Static` breaks lines only at blanks, which can leave a mark alone on a row or start a row with punctuation."""

    DEFAULT_CSS = """
    WrappedText { height: auto; width: 100%; }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = text

    @property
    def text(self) -> str:
        return self._text

    def update(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows(width)) if self._text else 0

    def render(self) -> Text:
        return Text("\n".join(self._rows(self.size.width)))

    def _rows(self, width: int) -> list[str]:
        return [row for line in self._text.splitlines() for row in wrap_cells(line, max(2, width))]
