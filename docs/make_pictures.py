"""Plays the main job without a terminal, over the embedded port, and saves a picture of every screen.

`make pictures` runs it. What it shows is the program as it is: nothing is drawn for the picture.
"""

import asyncio
import html
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from docs.picture import self_contained
from jiacha_tui.app import JiachaApp
from jiacha_tui.composition import compose
from jiacha_tui.options import Options

PICTURES = Path(__file__).with_name("pictures")
SMALL, LARGE = (80, 24), (120, 40)

_PATIENCE_SECONDS = 60
_SHOWN_HOME = "/home/wangfei/jiacha"
"""Stands in the pictures for the temporary folder, which is as long."""


class Player:
    """Presses keys, waits for words on the screen, and saves what is seen."""

    def __init__(self, pilot: Pilot[int], home: Path) -> None:
        self._pilot, self._home = pilot, home

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def write(self, text: str) -> None:
        await self._pilot.press(*text)

    async def until(self, words: str) -> None:
        """Returns once `words` are on the screen; raises TimeoutError, with the screen, if they never come."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while words not in (screen := _words(self._svg())):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{words} never came; the screen was:\n{screen}")
            await self._pilot.pause(0.05)

    async def choose(self, button: str) -> None:
        """Goes to the button and presses it."""
        while f"▸{button}" not in _words(self._svg()):
            await self.press("tab")
        await self.press("enter")

    async def save(self, name: str, words: str) -> None:
        """Saves the screen as `name` once `words` are on it."""
        await self.until(words)
        await self._pilot.pause()
        svg = self_contained(self._svg().replace(str(self._home), _SHOWN_HOME))
        (PICTURES / f"{name}.svg").write_text(svg, "utf-8")
        sys.stdout.write(f"{name}.svg\n")

    def _svg(self) -> str:
        return self._pilot.app.export_screenshot(simplify=True)


def _words(svg: str) -> str:
    rows = re.findall(r"<text [^>]*clip-path[^>]*>([^<]*)</text>", svg)
    return html.unescape("".join(rows)).replace("\xa0", " ")


@asynccontextmanager
async def _program(home: Path, size: tuple[int, int]) -> AsyncIterator[Player]:
    app = JiachaApp(compose(Options(home=home, demo=True)))
    try:
        async with app.run_test(size=size) as pilot:
            yield Player(pilot, home)
    finally:
        await app.end()


async def _log_in(player: Player) -> None:
    await player.until("示例进出口有限公司")
    await player.write("12345678")
    await player.press("enter", "space")
    await player.save("login", "登录")
    await player.press("enter")


async def _main_job(player: Player) -> None:
    """One job after the other, each on what the one before has left."""
    await _log_in(player)
    await player.until("按 F5 同步")
    await player.press("f5")
    await player.save("sync", "同步详情")
    await player.until("同步完成")
    await player.save("desk", "2,000 票")

    await player.press("f3")
    await player.save("query", "报关单查询")
    await player.press("f10")

    await player.press("f6")
    await player.save("download-split", "每个都在上限之内")
    await player.press("f10")

    await player.press("f2")
    await player.write("美国 修改")
    await player.press("enter", "space", "space")
    await player.save("filter", "已选 2 票")

    await player.press("f7")
    await player.save("resend", "将向税务总局重发 2 票")
    await player.press("f10")
    await player.press("f8")
    await player.save("preview", "出口货物报关单")
    await player.press("f10")

    await player.press("f4")
    await player.save("detail", "境内收发货人")
    await player.press("f4")
    await player.save("fields", "编号与状态")
    await player.press("f10")
    await player.press("f6")
    await player.until("将下载 1 个文件")
    await player.choose("下载 1 个文件")
    await player.save("downloaded", "用时")
    await player.press("f10", "f10")

    await player.press("2")
    await player.save("filing", "立即前往")
    await player.press("1", "f1")
    await player.save("help", "按键")
    await player.press("f10", "f9")
    await player.save("commands", "命令")
    await player.press("f10")


async def _wide(player: Player) -> None:
    await player.until("示例进出口有限公司")
    await player.write("12345678")
    await player.press("enter", "space", "enter")
    await player.save("desk-120", "申报单位")


async def _play(home: Path) -> None:
    async with _program(home, SMALL) as player:
        await _main_job(player)
    async with _program(home, LARGE) as player:
        await _wide(player)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jiacha-") as folder:
        asyncio.run(_play(Path(folder)))


if __name__ == "__main__":
    main()
