"""How long the responses of the port take to open with each shape of its script, on the same responses in one run.

Printed beside it: the start of the engine that runs a script, and what the engine takes on disk.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from importlib.metadata import distribution
from itertools import islice
from pathlib import Path

from jiacha_tui.declaration.model import Declaration, Head
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo import wire
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.envelope import EnvelopeWriter, ScriptShape, draw_envelope
from jiacha_tui.demo.http_bodies import response_frame
from jiacha_tui.demo.refusals import ResponseCode
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.eport.client import PAGE_SIZE
from jiacha_tui.eport.envelope import Envelope
from jiacha_tui.eport.script_envelope import ScriptEnvelope, envelope_from_script
from jiacha_tui.eport.settings import ScriptLimits

RUNS = 20

_TODAY = date(2026, 6, 30)
_ENGINE = "mini-racer"
_MEBIBYTE = 1024 * 1024


def figures(runs: int = RUNS) -> Iterator[str]:
    """One line for each figure: the median of some runs and their range."""
    with tempfile.TemporaryDirectory() as folder:
        demo = make_demo(Path(folder), today=_TODAY)
        try:
            responses = dict(_responses(demo))
        finally:
            demo.close()
    yield from asyncio.run(_figures(responses, runs))
    yield f"{_ENGINE:<32} {_installed_bytes(_ENGINE) / _MEBIBYTE:6.1f} MiB on disk"


def _responses(demo: Demo) -> Iterator[tuple[str, bytes]]:
    """A full page of a list, and the detail with the most items."""
    year = DateRangeQuery(DateRange(demo.population.first_day, _TODAY))
    declarations = list(demo.population.declarations(DEMO_COMPANY, year, demo.clock()))
    rows = [wire.row_members(declaration, 0, "0" * 32) for declaration in islice(declarations, PAGE_SIZE)]
    longest = max(declarations, key=lambda one: len(one.items))
    yield f"list of {len(rows)} rows", _response({"total": len(declarations), "code": 0, "rows": rows})
    yield f"detail of {len(longest.items)} items", _response(_detail(longest))


def _detail(declaration: Declaration) -> object:
    head = declaration.head or Head()
    items = [wire.item_members(item, head) for item in declaration.items]
    return {"cardHeadVo": wire.head_members(head), "cardList": items}


def _response(data: object) -> bytes:
    return response_frame(ResponseCode.DONE, data)


async def _figures(responses: dict[str, bytes], runs: int) -> list[str]:
    plain, obfuscated = draw_envelope(ScriptShape.PLAIN), draw_envelope(ScriptShape.OBFUSCATED)
    lines = [_line("engine with a script", await _times(lambda: _start_and_end(obfuscated), runs))]
    for name, response in responses.items():
        by_shape = [await _opening_times(writer, response, runs) for writer in (plain, obfuscated)]
        ratio = statistics.median(by_shape[1]) / statistics.median(by_shape[0])
        lines += [
            _line(f"{name}, plain", by_shape[0]),
            f"{_line(f'{name}, obfuscated', by_shape[1])}   ratio {ratio:.0f}   {len(response)} bytes",
        ]
    return lines


async def _start_and_end(writer: EnvelopeWriter) -> None:
    await _close(await envelope_from_script(writer.script.encode(), ScriptLimits()))


async def _opening_times(writer: EnvelopeWriter, response: bytes, runs: int) -> list[float]:
    """Seconds for each time that the client opens `response`."""
    envelope = await envelope_from_script(writer.script.encode(), ScriptLimits())
    wrapped = writer.encrypt(response)
    if await envelope.open(wrapped) != response:
        raise RuntimeError("the response was not opened")
    seconds = await _times(lambda: envelope.open(wrapped), runs)
    await _close(envelope)
    return seconds


async def _close(envelope: Envelope | ScriptEnvelope) -> None:
    if isinstance(envelope, ScriptEnvelope):
        await envelope.aclose()


async def _times(run: Callable[[], Awaitable[object]], runs: int) -> list[float]:
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        await run()
        seconds.append(time.perf_counter() - began)
    return seconds


def _installed_bytes(package: str) -> int:
    return sum(Path(str(file.locate())).stat().st_size for file in distribution(package).files or ())


def _line(name: str, seconds: list[float]) -> str:
    milliseconds = [1000 * second for second in seconds]
    spread = f"{min(milliseconds):.2f}–{max(milliseconds):.2f}"
    return f"{name:<32} {statistics.median(milliseconds):7.2f} ms ({spread})"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
