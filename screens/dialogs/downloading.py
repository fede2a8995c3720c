"""What the download dialog does: for a view, for a query or for one declaration of one session."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jiacha_tui.actions import download, download_plan
from jiacha_tui.actions.download import DownloadReport, OnProgress
from jiacha_tui.actions.download_plan import DownloadPlan
from jiacha_tui.actions.folders import downloads_folder, open_folder
from jiacha_tui.actions.result_browser import ResultView

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session
    from jiacha_tui.declaration.query import Query


@dataclass(frozen=True, slots=True)
class Downloading:
    """`plans` gives the ways to download, the best first; `open_folder` the folder that was typed, or a Problem."""

    plans: Callable[[], Awaitable[tuple[DownloadPlan, ...]]]
    run: Callable[[DownloadPlan, Path, OnProgress], Awaitable[DownloadReport]]
    folder: Path
    open_folder: Callable[[str], Awaitable[Path]] = open_folder

    @classmethod
    def of(cls, session: "Session", what: "ResultView | Query | str", picked: Sequence[str] = ()) -> "Downloading":
        """For what a view shows, what a query found, or one declaration by its entry id; first for what is `picked`."""

        async def shown() -> tuple[DownloadPlan, ...]:
            if isinstance(what, ResultView):
                return await download_plan.plan_view(session, what)
            if isinstance(what, str):
                return (await download_plan.plan_entries(session, [what]),)
            return (await download_plan.plan_query(session, what),)

        async def plans() -> tuple[DownloadPlan, ...]:
            if not picked:
                return await shown()
            return (await download_plan.plan_picked(session, picked), *await shown())

        return cls(plans, partial(download.download_files, session), downloads_folder(session))
