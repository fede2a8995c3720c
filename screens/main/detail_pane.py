"""The pane beside the table on a wide terminal: what the cache holds of the declaration under the cursor."""

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from jiacha_tui.actions.detail import cached_declaration
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.problem import Problem
from screens.commands.notice import Notice
from screens.main.detail_pane_text import detail_pane_text
from screens.widgets.cells import fit

MIN_COLUMNS = 120
"""The width of the terminal from which the pane is shown."""

_MIN_WIDTH, _MAX_WIDTH, _SHARE = 30, 64, 0.35
_DELAY_SECONDS = 0.15
_BOLD = Style(bold=True)


class DetailPane(Widget):
    """It cannot have the focus. What does not fit is shown by the detail screen, one key away."""

    DEFAULT_CSS = """
    DetailPane { height: 1fr; width: 30; border-left: solid ansi_default; padding: 0 0 0 1; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._wanted = True
        self._entry_id: str | None = None
        self._declaration: Declaration | None = None
        self._timer: Timer | None = None

    def fit_to(self, columns: int) -> None:
        """Shows the pane if a terminal of so many columns has room for it, and sets its width."""
        self.display = self._wanted and columns >= MIN_COLUMNS
        self.styles.width = max(_MIN_WIDTH, min(_MIN_WIDTH + int((columns - MIN_COLUMNS) * _SHARE), _MAX_WIDTH))
        self._read_soon()

    def toggle(self, columns: int) -> None:
        """Hides the pane, or shows it again if a terminal of so many columns has room for it."""
        self._wanted = not self._wanted
        self.fit_to(columns)

    def follow(self, entry_id: str | None) -> None:
        """Shows a declaration after a short delay: moving fast through the table reads no details."""
        self._entry_id = entry_id
        self._read_soon()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = detail_pane_text(self._declaration, width) if self._declaration else []
        text = lines[y] if y < len(lines) else ""
        if y == self.size.height - 1 and len(lines) > self.size.height:
            text = f"… 还有 {len(lines) - y} 行，F4 看全部"
        return Strip([Segment(fit(text, width), _BOLD if y == 0 else None)], width)

    def _read_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.display and self.is_attached:
            self._timer = self.set_timer(_DELAY_SECONDS, self._read)

    @work(exclusive=True)
    async def _read(self) -> None:
        entry_id = self._entry_id
        try:
            declaration = await cached_declaration(self._session, entry_id) if entry_id is not None else None
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        if entry_id == self._entry_id and declaration != self._declaration:
            self._declaration = declaration
            self.refresh()
