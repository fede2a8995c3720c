"""What preview and print dialog do, for up to ten declarations of one session."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jiacha_tui.actions import printing
from jiacha_tui.actions.folders import downloads_folder
from jiacha_tui.actions.printing import Preview, Printer, PrintReport, SavedPdf

if TYPE_CHECKING:
    from jiacha_tui.actions.session import Session
    from jiacha_tui.declaration.model import Declaration


@dataclass(frozen=True, slots=True)
class Printing:
    """Every deed may raise a Problem. `folder` is where a PDF goes, `preferred` the printer of the configuration."""

    count: int
    preview: Callable[[int], Awaitable[Preview]]
    printers: Callable[[], Awaitable[tuple[Printer, ...]]]
    save_pdf: Callable[[Path], Awaitable[SavedPdf]]
    print_now: Callable[[Printer], Awaitable[PrintReport]]
    folder: Path
    preferred: str = ""
    lay_out: "Callable[[Sequence[Declaration], int], Awaitable[Preview]]" = printing.lay_out

    @classmethod
    def of(cls, session: "Session", entry_ids: Sequence[str]) -> "Printing":
        # Print systems of all ages see the title of a job, so it is plain ASCII.
        title = f"jiacha {entry_ids[0]}" if len(entry_ids) == 1 else f"jiacha {len(entry_ids)} declarations"
        return cls(
            len(entry_ids),
            partial(printing.preview, session, entry_ids),
            printing.list_printers,
            partial(printing.save_pdf, session, entry_ids),
            partial(printing.print_now, session, entry_ids, title=title),
            downloads_folder(session),
            session.app_context.config.printing.printer,
        )
