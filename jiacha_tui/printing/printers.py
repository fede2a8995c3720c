"""Lists the printers of this machine and prints on them, by IPP to its CUPS server.

The commands `lp` and `lpstat` are not used: their output depends on the language of the user, they block while the
scheduler hangs, and they do not tell an aborted job from a completed one.
"""

import asyncio
import enum
import getpass
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.printing.cups import Cups
from jiacha_tui.printing.ipp import Attribute, AttributeGroup, Attributes, Operation, Syntax
from jiacha_tui.printing.problems import NoPrinter, PrintFailed
from jiacha_tui.printing.state_reasons import translate_reasons

PRINT_TIME_LIMIT = 60.0
"""Seconds after which a job must be printed or at least be printing."""

_POLL_SECONDS = 0.3
_TITLE_LENGTH = 127
_NOT_FOUND = 0x0406
_PRINTER_ATTRIBUTES = (
    "printer-name",
    "printer-info",
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
)
_JOB_ATTRIBUTES = ("job-id", "job-state", "job-state-reasons", "job-printer-state-message")


class PrinterState(enum.Enum):
    """printer-state (RFC 8011 §5.4.11)."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5

    @property
    def label(self) -> str:
        return _PRINTER_LABELS[self]


class JobState(enum.Enum):
    """job-state (RFC 8011 §5.3.7)."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def label(self) -> str:
        return _JOB_LABELS[self]


_PRINTER_LABELS: Mapping[PrinterState, str] = MappingProxyType(
    {PrinterState.IDLE: "空闲", PrinterState.PROCESSING: "正在打印", PrinterState.STOPPED: "已停止"}
)
_JOB_LABELS: Mapping[JobState, str] = MappingProxyType(
    {
        JobState.PENDING: "排队中",
        JobState.HELD: "已挂起",
        JobState.PROCESSING: "正在打印",
        JobState.STOPPED: "已停止",
        JobState.CANCELED: "已取消",
        JobState.ABORTED: "已中止",
        JobState.COMPLETED: "已打印",
    }
)
_FAILED = frozenset({JobState.CANCELED, JobState.ABORTED})

_State = TypeVar("_State", PrinterState, JobState)


@dataclass(frozen=True, slots=True)
class Printer:
    """A queue of the print server. `reasons` says in Chinese what it needs, if anything."""

    name: str
    description: str
    state: PrinterState
    default: bool
    accepting: bool = True
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintJob:
    """A document sent to a printer, with its state at the last request. `reasons` are Chinese, as for `Printer`."""

    printer: str
    id: int
    state: JobState
    reasons: tuple[str, ...] = ()


async def list_printers() -> tuple[Printer, ...]:
    """Returns the printers of the print server, the default one first; none if there is no server."""
    async with Cups.from_environment() as cups:
        try:
            default = await _default_name(cups)
            requested = ("requested-attributes", Syntax.KEYWORD, _PRINTER_ATTRIBUTES)
            response = await cups.request("/", Operation.CUPS_GET_PRINTERS, [requested])
        except (NoPrinter, PrintFailed):
            return ()
    printers = [_printer(attributes, default) for attributes in response.all(AttributeGroup.PRINTER)]
    return tuple(sorted(printers, key=lambda printer: (not printer.default, printer.name)))


async def print_pdf(printer: Printer, pdf: bytes, title: str, time_limit: float = PRINT_TIME_LIMIT) -> PrintJob:
    """Prints `pdf` and waits until it is printed.

    A job that is printing after `time_limit` seconds is returned as it is. A job that is not is canceled, so that
    nothing is printed after it was reported as failed. `title` is shown in the queue; only its ASCII part is sent.
    Raises NoPrinter if the server or the queue is gone, PrintFailed with the reasons of the printer.
    """
    async with Cups.from_environment() as cups:
        current = await _request_printer(cups, printer.name)
        if not current.accepting or current.state is PrinterState.STOPPED:
            raise PrintFailed(_with_reasons(f"打印机 {current.name} 已停止", current.reasons))
        job = await _submit(cups, printer.name, pdf, title)
        try:
            async with asyncio.timeout(time_limit):
                return await _until_printed(cups, job)
        except TimeoutError:
            return await _cancel_unless_printing(cups, job)


async def job_state(job: PrintJob) -> PrintJob:
    """Returns `job` with its present state. Raises NoPrinter, PrintFailed."""
    async with Cups.from_environment() as cups:
        return await _request_job(cups, job)


async def _default_name(cups: Cups) -> str:
    requested = ("requested-attributes", Syntax.KEYWORD, ("printer-name",))
    response = await cups.request("/", Operation.CUPS_GET_DEFAULT, [requested])
    return _text(response.first(AttributeGroup.PRINTER), "printer-name")


async def _request_printer(cups: Cups, name: str) -> Printer:
    requested = ("requested-attributes", Syntax.KEYWORD, _PRINTER_ATTRIBUTES)
    response = await cups.request(_path(name), Operation.GET_PRINTER_ATTRIBUTES, [_uri(name), requested])
    if response.status == _NOT_FOUND:
        raise NoPrinter(f"没有名为 {escape_controls(name)} 的打印机")
    if not response.is_success:
        raise PrintFailed(f"打印服务拒绝了请求（0x{response.status:04X}）")
    return _printer(response.first(AttributeGroup.PRINTER), default="")


async def _submit(cups: Cups, name: str, pdf: bytes, title: str) -> PrintJob:
    attributes = [
        _uri(name),
        ("requesting-user-name", Syntax.NAME, _user()),
        ("job-name", Syntax.NAME, _ascii(title)),
        ("document-format", Syntax.MIME_TYPE, "application/pdf"),
    ]
    response = await cups.request(_path(name), Operation.PRINT_JOB, attributes, pdf)
    if not response.is_success:
        message = _text(response.first(AttributeGroup.OPERATION), "status-message")
        raise PrintFailed(escape_controls(message) or f"打印服务拒绝了任务（0x{response.status:04X}）")
    return _job(PrintJob(name, 0, JobState.PENDING), response.first(AttributeGroup.JOB))


async def _until_printed(cups: Cups, job: PrintJob) -> PrintJob:
    while True:
        job = await _request_job(cups, job)
        if job.state is JobState.COMPLETED:
            return job
        if job.state in _FAILED:
            raise PrintFailed(_with_reasons(f"任务 {job.id} {job.state.label}", job.reasons))
        await asyncio.sleep(_POLL_SECONDS)


async def _cancel_unless_printing(cups: Cups, job: PrintJob) -> PrintJob:
    """Returns the job if it is printing or printed; otherwise cancels it and raises PrintFailed."""
    job = await _request_job(cups, job)
    printer = await _request_printer(cups, job.printer)
    if job.state is JobState.COMPLETED or (job.state is JobState.PROCESSING and not printer.reasons):
        return job
    attributes = [_uri(job.printer), _job_id(job), ("requesting-user-name", Syntax.NAME, _user())]
    await cups.request("/jobs/", Operation.CANCEL_JOB, attributes)
    canceled = await _request_job(cups, job)
    if canceled.state is JobState.COMPLETED:
        return canceled
    raise PrintFailed(_with_reasons(f"任务 {job.id} {job.state.label}，已取消", (*printer.reasons, *job.reasons)))


async def _request_job(cups: Cups, job: PrintJob) -> PrintJob:
    requested = ("requested-attributes", Syntax.KEYWORD, _JOB_ATTRIBUTES)
    attributes = [_uri(job.printer), _job_id(job), requested]
    response = await cups.request(_path(job.printer), Operation.GET_JOB_ATTRIBUTES, attributes)
    if not response.is_success:
        raise PrintFailed(f"打印服务不知道任务 {job.id} 的结果")
    return _job(job, response.first(AttributeGroup.JOB))


def _printer(attributes: Attributes, default: str) -> Printer:
    name = _text(attributes, "printer-name")
    return Printer(
        name=name,
        description=escape_controls(_text(attributes, "printer-info")),
        state=_state(attributes, "printer-state", PrinterState, PrinterState.STOPPED),
        default=name == default,
        accepting=attributes.get("printer-is-accepting-jobs", (True,))[0] is True,
        reasons=_reasons(attributes, "printer-state-reasons"),
    )


def _job(job: PrintJob, attributes: Attributes) -> PrintJob:
    (number, *_) = attributes.get("job-id", (job.id,))
    return replace(
        job,
        id=number if isinstance(number, int) else job.id,
        state=_state(attributes, "job-state", JobState, job.state),
        reasons=_reasons(attributes, "job-state-reasons") or _reasons(attributes, "job-printer-state-message"),
    )


def _state(attributes: Attributes, name: str, states: type[_State], unknown: _State) -> _State:
    """Returns the state for the number in the attribute; `unknown` for a number that is not in the standard."""
    (number, *_) = attributes.get(name, (0,))
    return next((state for state in states if state.value == number), unknown)


def _reasons(attributes: Attributes, name: str) -> tuple[str, ...]:
    return translate_reasons(escape_controls(str(reason)) for reason in attributes.get(name, ()))


def _text(attributes: Attributes, name: str) -> str:
    (value, *_) = attributes.get(name, ("",))
    return value if isinstance(value, str) else ""


def _with_reasons(message: str, reasons: Sequence[str]) -> str:
    joined = "、".join(dict.fromkeys(reasons))
    return f"{message}（{joined}）" if joined else message


def _uri(name: str) -> Attribute:
    return ("printer-uri", Syntax.URI, f"ipp://localhost{_path(name)}")


def _job_id(job: PrintJob) -> Attribute:
    return ("job-id", Syntax.INTEGER, job.id)


def _path(name: str) -> str:
    return f"/printers/{urllib.parse.quote(name, safe='')}"


def _ascii(title: str) -> str:
    """Returns the ASCII part of `title`: printer drivers and queues may garble other characters."""
    ascii_part = " ".join("".join(character if " " <= character <= "~" else " " for character in title).split())
    return ascii_part[:_TITLE_LENGTH] or "customs declaration"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "jiacha"
