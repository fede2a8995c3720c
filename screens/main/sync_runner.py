"""The sync of the main screen, at most one at a time. It runs whichever tab is shown, and takes no focus."""

from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_plan import SyncScope
from jiacha_tui.actions.sync_report import SyncProgress, SyncSummary
from jiacha_tui.declaration.problem import Problem
from screens.commands.notice import Notice, join_hint

PROGRESS_SECONDS = 0.25
"""Progress is posted at most this often: each time it is drawn, which takes time on a slow line."""

_CONTINUE = "再按 F5 接着取"


class SyncRunner(Widget):
    """Not visible: it runs the action and posts what becomes of it."""

    DEFAULT_CSS = """
    SyncRunner { display: none; }
    """

    class Progressed(Message):
        """The sync has made progress."""

        def __init__(self, progress: SyncProgress) -> None:
            super().__init__()
            self.progress = progress

    class CacheChanged(Message):
        """The sync has put something new into the cache."""

    class StateChanged(Message):
        """A sync has started or ended."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._worker: Worker[None] | None = None
        self._is_due = session.online and session.app_context.config.sync.at_login
        self._cancelling = False
        self._timer: Timer | None = None
        self._progress: SyncProgress | None = None
        self._summary: SyncSummary | None = None

    @property
    def running(self) -> bool:
        return self._worker is not None

    @property
    def expected(self) -> bool:
        """Whether a sync runs, or starts as soon as the cached declarations are shown."""
        return self.running or self._is_due

    @property
    def summary(self) -> SyncSummary | None:
        """The result of the last sync; None before the first has ended."""
        return self._summary

    def start_or_cancel(self) -> None:
        """Starts a sync of all months, or cancels the running one, whatever started it."""
        if self._worker is None:
            self.start(SyncScope.ALL)
            return
        # A second cancellation would stop what the sync still has to write into the journal.
        if not self._cancelling:
            self._cancelling = True
            self._worker.cancel()
        self.post_message(Notice("正在取消同步…"))

    def start(self, scope: SyncScope, months: int | None = None) -> None:
        """Starts a sync (`actions.sync`) unless one is running."""
        if self._worker is not None:
            return
        self._is_due = False
        self._cancelling = False
        self._worker = self.run_worker(self._run(scope, months))
        self._timer = self.set_interval(PROGRESS_SECONDS, self._post_progress)
        self.post_message(self.StateChanged())

    def start_after_login(self) -> None:
        """Starts the sync after a login, once, if the configuration wants it and no other sync was started before."""
        if self._is_due:
            self.start(SyncScope.CHANGES)

    async def _run(self, scope: SyncScope, months: int | None) -> None:
        try:
            self._summary = await sync(self._session, self._remember, self._cache_changed, months, scope)
        except Problem as problem:
            text = join_hint(f"同步中断：{Notice.of(problem).text}", _CONTINUE, "；")
            self.post_message(Notice(text, Severity.PROBLEM, problem=problem))
        else:
            self.post_message(_notice_of(self._summary))
        finally:
            self._worker = self._progress = None
            if self._timer is not None:
                self._timer.stop()
            self.post_message(self.CacheChanged())
            self.post_message(self.StateChanged())

    def _remember(self, progress: SyncProgress) -> None:
        self._progress = progress

    def _post_progress(self) -> None:
        if self._progress is not None:
            self.post_message(self.Progressed(self._progress))
            self._progress = None

    def _cache_changed(self) -> None:
        self.post_message(self.CacheChanged())


def _notice_of(summary: SyncSummary) -> Notice:
    if summary.cancelled:
        return Notice(f"{summary.text()}；{_CONTINUE}")
    return Notice(summary.text(), Severity.GOOD if summary.is_complete else Severity.PROBLEM)
