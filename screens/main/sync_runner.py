"""The sync of the desk, at most one at a time: it runs whatever page is in front, and never takes the focus."""

from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import SyncProgress, SyncSummary, sync
from jiacha_tui.declaration.problem import Problem
from screens.commands.notice import Notice, join_hint

PROGRESS_SECONDS = 0.25
"""Progress is told at most this often: each telling is drawn, and drawing costs on a slow line."""

_GO_ON = "再按 F5 接着取"


class SyncRunner(Widget):
    """Not to be seen: it runs the deed and tells the desk of it."""

    DEFAULT_CSS = """
    SyncRunner { display: none; }
    """

    class Progressed(Message):
        """How far it is."""

        def __init__(self, progress: SyncProgress) -> None:
            super().__init__()
            self.progress = progress

    class CacheChanged(Message):
        """The cache holds something new."""

    class StateChanged(Message):
        """A sync has begun, or is over."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._worker: Worker[None] | None = None
        self._cancelling = False
        self._timer: Timer | None = None
        self._progress: SyncProgress | None = None
        self._summary: SyncSummary | None = None

    @property
    def running(self) -> bool:
        return self._worker is not None

    @property
    def summary(self) -> SyncSummary | None:
        """What the last one brought; None before the first has ended."""
        return self._summary

    def start_or_cancel(self) -> None:
        if self._worker is not None:
            # Once is enough: a second one would cut off what the sync still has to write down.
            if not self._cancelling:
                self._cancelling = True
                self._worker.cancel()
            self.post_message(Notice("正在取消同步…"))
            return
        self._cancelling = False
        self._worker = self.run_worker(self._run())
        self._timer = self.set_interval(PROGRESS_SECONDS, self._tell)
        self.post_message(self.StateChanged())

    async def _run(self) -> None:
        try:
            self._summary = await sync(self._session, self._take, self._cache_changed)
        except Problem as problem:
            said = join_hint(f"同步中断：{Notice.of(problem).text}", _GO_ON, "；")
            self.post_message(Notice(said, Severity.PROBLEM, problem=problem))
        else:
            self.post_message(_said(self._summary))
        finally:
            self._worker = self._progress = None
            if self._timer is not None:
                self._timer.stop()
            self.post_message(self.CacheChanged())
            self.post_message(self.StateChanged())

    def _take(self, progress: SyncProgress) -> None:
        self._progress = progress

    def _tell(self) -> None:
        if self._progress is not None:
            self.post_message(self.Progressed(self._progress))
            self._progress = None

    def _cache_changed(self) -> None:
        self.post_message(self.CacheChanged())


def _said(summary: SyncSummary) -> Notice:
    if summary.cancelled:
        return Notice(f"{summary.text()}；{_GO_ON}")
    return Notice(summary.text(), Severity.GOOD)
