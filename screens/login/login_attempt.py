"""One login at a time, in the background of the login screen."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery, PassphraseChoice
from jiacha_tui.actions.cards import MediumStatus
from jiacha_tui.actions.login import LoginStage, log_in
from jiacha_tui.declaration.problem import Problem

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session


class LoginAttempt(Widget):
    """Not visible: it logs in and tells what becomes of it. No message holds the PIN.

    A session is handed to `on_success` and not posted: a message may come too late, when the operator has left the
    screen, and nobody would close the session.
    """

    DEFAULT_CSS = """
    LoginAttempt { display: none; }
    """

    class StageReached(Message):
        """The login does something else, or makes another attempt to reach the card."""

        def __init__(self, stage: LoginStage, attempt: int = 0, attempts: int = 0) -> None:
            super().__init__()
            self.stage = stage
            self.attempt = attempt
            self.attempts = attempts

    class Failed(Message):
        """The login failed; nothing is left open."""

        def __init__(self, problem: Problem) -> None:
            super().__init__()
            self.problem = problem

    class Cancelled(Message):
        """The login was cancelled by `cancel`; nothing is left open."""

    def __init__(self, app_context: AppContext, on_success: Callable[["Session"], None]) -> None:
        super().__init__()
        self._app_context = app_context
        self._on_success = on_success
        self._worker: Worker[None] | None = None
        self._cancelled = False

    @property
    def running(self) -> bool:
        return self._worker is not None

    def start(
        self,
        medium: MediumStatus,
        pin: Callable[[], str],
        *,
        offline: bool,
        recovery: CacheRecovery | None,
        passphrase: PassphraseChoice | None,
    ) -> None:
        """Tries the PIN once, which is read when the card is asked."""
        self._cancelled = False
        self._worker = self.run_worker(
            self._run(medium, pin, offline=offline, recovery=recovery, passphrase=passphrase)
        )

    def cancel(self) -> None:
        """Cancels the running login; `Cancelled` follows when nothing is left open."""
        if self._worker is not None:
            self._cancelled = True
            self._worker.cancel()

    async def _run(
        self,
        medium: MediumStatus,
        pin: Callable[[], str],
        *,
        offline: bool,
        recovery: CacheRecovery | None,
        passphrase: PassphraseChoice | None,
    ) -> None:
        try:
            session = await log_in(
                self._app_context,
                medium.medium_id,
                pin(),
                offline=offline,
                on_stage=self._reach,
                on_attempt=self._attempt_to_connect,
                card_number=medium.card.card_number if medium.card else None,
                recovery=recovery,
                passphrase=passphrase,
            )
        except asyncio.CancelledError:
            self._worker = None
            if self._cancelled:  # else the screen is being removed
                self.post_message(self.Cancelled())
            raise
        except Problem as problem:
            self._worker = None
            self.post_message(self.Failed(problem))
        else:
            self._on_success(session)

    def _reach(self, stage: LoginStage) -> None:
        self.post_message(self.StageReached(stage))

    def _attempt_to_connect(self, attempt: int, attempts: int) -> None:
        self.post_message(self.StageReached(LoginStage.READING, attempt, attempts))
