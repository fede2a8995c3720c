"""What the rig orders of the program, and what the program reports: JSON that both sides read as these types."""

from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.io_faults.faults import FILE_KINDS, Fault

MONTHS = 3
"""How many months are synced: of two kinds each."""

_Kind = TypeVar("_Kind")


class Task(msgspec.Struct, frozen=True):
    """What the work is about: numbers at the port, the days to download, and a file with `imported` for the import."""

    resent: str
    printed: tuple[str, ...]
    first_day: date
    last_day: date
    import_file: Path
    imported: tuple[str, ...]


class Order(msgspec.Struct, frozen=True):
    """One run of the program on `home`, with the port at `url`. It reports into the file `report`.

    `fault` is the text of the fault, "" for none. All calls are logged into the file `log` unless that is None.
    `is_work` is the work of a clerk; otherwise the program only looks at what is there and syncs once more.
    `decrypts` is whether the card can decrypt, which decides how the key of the cache is protected.
    """

    home: Path
    url: str
    ca: Path
    task: Task
    report: Path
    fault: str = ""
    log: Path | None = None
    is_work: bool = True
    decrypts: bool = True


class Failure(msgspec.Struct, frozen=True):
    """A `Problem`, as the operator would see it."""

    code: str
    message: str
    hint: str


class StepReport(msgspec.Struct, frozen=True, kw_only=True):
    """A step that has ended. `failure` is its problem, `traceback` an exception that is none.

    What of the others belongs to the step: `listed` and `details` are the counts of a sync that were reported as they
    were reached, `is_complete` that it was. `outcome` and `text` are of a resend, `files` what a download or prints are
    said to have stored, `new` how many were imported.
    """

    step: str
    failure: Failure | None = None
    traceback: str = ""
    listed: int = 0
    details: int = 0
    is_complete: bool = False
    outcome: str = ""
    text: str = ""
    files: tuple[Path, ...] = ()
    new: int = 0


class RowReport(msgspec.Struct, frozen=True):
    """A declaration in the cache."""

    from_port: bool
    has_detail: bool
    downloaded: bool
    resent: bool
    resend_unknown: bool


class LookReport(msgspec.Struct, frozen=True):
    """What a later start finds. `resends` are numbers and states, `journal` kinds and outcomes, oldest first.

    `warned` are the resent declarations before whose next resend the operator is warned.
    """

    warnings: tuple[str, ...]
    rows: dict[str, RowReport]
    resends: tuple[tuple[tuple[str, ...], str], ...]
    journal: tuple[tuple[str, str], ...]
    warned: tuple[str, ...]
    again: StepReport
    rows_after: tuple[str, ...]
    details_due: int


class Report(msgspec.Struct):
    """What a run reports. `failed_calls` counts the calls that the preloaded library has failed."""

    steps: list[StepReport] = msgspec.field(default_factory=list)
    look: LookReport | None = None
    failed_calls: int = 0


def file_patterns(fault: Fault) -> str:
    """The patterns of the files of the fault for the preloaded library: the last one counts if no other fits."""
    patterns = list(FILE_KINDS.items())
    last = next(place for place, (kind, _) in enumerate(patterns) if kind == fault.files)
    return "\n".join(pattern for _, pattern in patterns[: last + 1])


def encode(value: Order | Report) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)  # paths


def decode(data: bytes, kind: type[_Kind]) -> _Kind:
    return msgspec.json.decode(data, type=kind, dec_hook=lambda path, text: path(text))
