"""The whole program in a process of its own, operated at a port that sends too much: `python -m … HOME URL CA`.

Prints a JSON object: what it saw, how long each step took in seconds, and the peak of its memory in bytes (VmHWM).
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jiacha_tui.composition import compose
from jiacha_tui.options import Options
from tests.journey.operator import Operator, log_in, run_program

_ENDED = ("同步完成", "同步结束", "同步中断")


def peak_bytes(process: int | str = "self") -> int:
    """The greatest resident memory that the process has had, as the kernel counts it."""
    found = re.search(r"^VmHWM:\s*(\d+) kB$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError("the kernel does not tell VmHWM")
    return int(found[1]) * 1024


class _Steps:
    """Times steps by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 2)


async def operate(home: Path, url: str, ca: Path) -> dict[str, object]:
    """Logs in, syncs, and opens and previews the first declaration, if there is one."""
    steps = _Steps()
    (home / "config.toml").write_text("[sync]\nat_login = false\n", encoding="utf-8")  # so that F5 starts one
    async with run_program(compose(Options(home=home, port_url=url, ca=ca))) as operator:
        with steps.step("login"):
            await log_in(operator)
        with steps.step("sync"):
            await operator.press("f5")
            await operator.waits(lambda: any(text in operator.screen for text in _ENDED), "the sync", seconds=60)
        result = operator.line_with(next(text for text in _ENDED if text in operator.screen))
        detail = await _look(operator, steps) if "还没有报关单" not in operator.screen else ""
    return {"result": result, "detail": detail, "seconds": steps.seconds, "peak": peak_bytes()}


async def _look(operator: Operator, steps: _Steps) -> str:
    with steps.step("detail"):
        await operator.press("f4")
        await operator.sees("境内收发货人", "合计")
    detail = operator.screen
    with steps.step("item"):
        await operator.press("enter")
        await operator.sees("商品编号", "第 1 项")
    await operator.press("f10")
    await operator.sees("境内收发货人", "合计")
    with steps.step("all fields"):
        await operator.press("f4")
        await operator.sees("全部字段")
    await operator.press("f10")
    await operator.sees("境内收发货人", "合计")
    with steps.step("preview"):
        await operator.press("f8")
        await operator.sees("海关编号")
    with steps.step("PDF"):
        await operator.press("f6")
        await operator.sees("已存为 PDF")
    return detail


if __name__ == "__main__":
    home, url, ca = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(operate(Path(home), url, Path(ca))), ensure_ascii=False))
