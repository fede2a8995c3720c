"""Checks a print that the port made: a whole PDF with pages, whose text has the number of the declaration as its own.

A print without text, such as a scanned one, cannot be checked for the number. It is accepted, and says so. Text that
can be read is judged (`print_number`). Blank pages are refused.
"""

import asyncio
import re
import sys
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.printing.print_number import PageText, check_number, has_readable_text
from jiacha_tui.printing.problems import PrintNotChecked, PrintUnusable

MAX_PRINT_BYTES: Final = 32 * 1024 * 1024
"""The largest PDF that is read."""

TIME_LIMIT: Final = 30.0
"""Seconds for one document, the start of the process included. A print takes a tenth of a second."""

_WORKER: Final = Path(__file__).with_name("pdf_text_worker.py")
_START: Final = b"%PDF-"
_END: Final = b"%%EOF"
_END_WITHIN: Final = 1024
"""PDF readers look for the end in so many last bytes (ISO 32000-1, annex H, note 18)."""

_GRACE_SECONDS: Final = 0.3
"""A process that is ending gets this time. To kill one that has just crashed takes its exit status from asyncio,
which then writes a warning over the screen.
"""

_LENGTH_BYTES: Final = 8
_MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
_REASONS: Final = {
    "format": "不是可以打开的 PDF",
    "password": "PDF 有密码",
    "pages": "页数多得不像一票报关单",
    "characters": "文字多得不像一票报关单",
}

_RADICAL: Final = re.compile(r"[\u2f00-\u2fdf]")
"""Some engines write a Kangxi radical in place of the character that looks the same."""


@dataclass(frozen=True, slots=True)
class OfficialPrint:
    """A checked print of the declaration `entry_id`: the bytes as they arrived, and the text of each page.

    `number_found` is false if the number could not be checked: the PDF has no text that can be read, or several numbers
    that nothing tells apart.
    """

    entry_id: str
    data: bytes = field(repr=False)
    pages: tuple[str, ...] = field(repr=False)
    number_found: bool


class _Answer(msgspec.Struct):
    """A line of `pdf_text_worker`."""

    pages: list[PageText] | None = None
    drawn: bool = False
    error: str = ""


class PrintChecker:
    """Reads PDFs in a process of its own, which starts at the first one and ends with the block `async with`.

    The process is given up after an error, and a new one starts for the next PDF. Checks wait for one another.
    """

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._process: asyncio.subprocess.Process | None = None
        self._busy = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end_process()

    async def check(self, entry_id: str, data: bytes) -> OfficialPrint:
        """`data` as a print of the declaration. Raises PrintUnusable, PrintOfAnother, PrintUnclear,
        PrintNotChecked.
        """
        if not data.startswith(_START):
            raise PrintUnusable("不是 PDF")
        if len(data) > MAX_PRINT_BYTES:
            raise PrintUnusable(f"超过 {MAX_PRINT_BYTES // 1024 // 1024} MiB")
        if _END not in data[-_END_WITHIN:]:
            raise PrintUnusable("PDF 不完整，缺少结尾")
        async with self._busy:
            answer = await self._read(data)
        if answer.pages is None:
            reason = _REASONS.get(answer.error)
            raise PrintUnusable(reason) if reason else PrintNotChecked("超过了内存的上限")
        if not answer.pages:
            raise PrintUnusable("PDF 没有页")
        if not answer.drawn:
            raise PrintUnusable("PDF 的每一页都是空白的")
        number_found = has_readable_text(answer.pages) and check_number(entry_id, answer.pages)
        return OfficialPrint(entry_id, data, tuple(page.text for page in answer.pages), number_found)

    async def _read(self, data: bytes) -> _Answer:
        problem = PrintNotChecked("读 PDF 的程序出错退出了")
        try:
            async with asyncio.timeout(self._time_limit):
                line = await self._exchange(data)
        except TimeoutError:
            line, problem = b"", PrintNotChecked(f"{self._time_limit:.0f} 秒内没有读完")
        except (OSError, ValueError):
            line = b""
        except asyncio.CancelledError:
            # An answer that nobody waits for would be taken for that of the next PDF.
            await self._end_process()
            raise
        try:
            return msgspec.json.decode(line, type=_Answer)
        except msgspec.DecodeError:
            await self._end_process()
        raise problem

    async def _exchange(self, data: bytes) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(_WORKER)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd="/",
                env={},
                limit=_MAX_ANSWER_BYTES,
                start_new_session=True,
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the PDF worker was started without pipes")
        stdin.write(len(data).to_bytes(_LENGTH_BYTES) + data)
        await stdin.drain()
        return await stdout.readline()

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # ends a process that waits for the next PDF
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                await process.wait()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def text_lines(print_: OfficialPrint, page: int) -> tuple[str, ...]:
    """The text of a page (0 is the first) line by line, in the order in which the PDF has it. No line is empty."""
    text = _RADICAL.sub(lambda radical: unicodedata.normalize("NFKC", radical[0]), print_.pages[page])
    lines = text.splitlines()
    return tuple(escape_controls(" ".join(line.split())) for line in lines if line.strip())
