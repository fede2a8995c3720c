"""Operates the whole program with the embedded port and saves a picture of every screen. `make pictures` runs it."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from docs.picture import self_contained
from tests.app_contexts import in_process
from tests.journey.operator import Operator, log_in, run_program

PICTURES = Path(__file__).with_name("pictures")
LARGE = (120, 40)

_DECLARATIONS = 2000
_SHOWN_HOME = "/home/wangfei/jiacha"
"""Replaces the temporary folder in the pictures. It has the same length."""


class Album:
    """Saves pictures of what an operator sees."""

    def __init__(self, operator: Operator, home: Path) -> None:
        self._operator, self._home = operator, home

    async def add(self, name: str, *texts: str) -> None:
        """Saves the screen as `name`.svg, once it shows all of `texts`."""
        await self._operator.sees(*texts)
        picture = self._operator.picture().replace(str(self._home), _SHOWN_HOME)
        (PICTURES / f"{name}.svg").write_text(self_contained(picture), "utf-8")
        sys.stdout.write(f"{name}.svg\n")


async def _choose(operator: Operator, button: str) -> None:
    while f"▸{button}" not in operator.screen:
        await operator.press("tab")
    await operator.press("enter")


async def _main_job(operator: Operator, album: Album) -> None:
    await _log_in_and_sync(operator, album)
    await _dialogs_of_the_table(operator, album)
    await _selected_declarations(operator, album)
    await _one_declaration(operator, album)
    await _other_screens(operator, album)


async def _log_in_and_sync(operator: Operator, album: Album) -> None:
    await operator.sees("JJ0G900000001")
    await operator.write("12345678")
    await operator.press("enter", "space")
    await album.add("login", "[x] 已阅读并同意")
    await operator.press("f4")
    await album.add("agreement", "用户服务协议")
    await operator.press("escape")
    await operator.sees("[x] 已阅读并同意")
    await operator.press("enter")

    await operator.sees("还没有报关单")
    await operator.press("f5")
    await album.add("sync", "同步详情", "还需")
    await operator.sees("同步完成", "缓存 2,000 票")
    await operator.no_longer_sees("+ 条")
    await album.add("main", "同步完成")

    await operator.press("ctrl+o")
    await album.add("lock", "按 Enter 解锁")
    await operator.write("12345678")
    await operator.press("enter")
    await operator.sees("同步完成")


async def _dialogs_of_the_table(operator: Operator, album: Album) -> None:
    await operator.press("y")
    await album.add("sync-summary", "─ 同步结果")
    await operator.press("escape")
    await operator.press("o")
    await album.add("sort", "现在从大到小")
    await operator.press("escape")
    await operator.press("v", "right")
    await album.add("breakdown", "[运抵国]", "票数▼")
    await operator.press("escape")
    await operator.press("b")
    await album.add("bulk-prints", "将从口岸取")
    await operator.press("escape")

    await operator.press("f3")
    await album.add("query", "报关单类型")
    await operator.press("escape")
    await operator.press("f6")
    await album.add("download-split", "每个都在上限之内")
    await operator.press("escape")


async def _selected_declarations(operator: Operator, album: Album) -> None:
    await operator.press("f2")
    await operator.write("美国 修改")
    await operator.press("enter", "space", "space")
    await album.add("filter", "已选 2 票")
    await operator.press("f7")
    await album.add("resend", "将向税务总局重发 2 票")
    await operator.press("escape")
    await operator.press("f8")
    await album.add("preview", "中华人民共和国海关出口货物报关单")
    await operator.press("f8")
    await album.add("print", "─ 打印")
    await operator.press("escape")
    await operator.press("escape")


async def _one_declaration(operator: Operator, album: Album) -> None:
    await operator.press("f4")
    await album.add("detail", "申报单位", "合计")
    await operator.press("f4")
    await album.add("fields", "编号与状态")
    await operator.press("escape")
    await operator.press("f6")
    await operator.sees("将下载 1 个文件")
    await _choose(operator, "下载 1 个文件")
    await album.add("downloaded", "已下载 1 个文件")
    await operator.press("escape")
    await operator.press("escape")


async def _other_screens(operator: Operator, album: Album) -> None:
    await operator.press("2")
    await album.add("filing", "立即前往")
    await operator.press("1", "f1")
    await album.add("help", "按键")
    await operator.press("escape")
    await operator.press("f9")
    await album.add("commands", "─ 命令 ─")
    await operator.press("escape")
    await operator.press("m")
    await album.add("messages", "消息记录")
    await operator.press("escape")
    await operator.press("f10")
    await album.add("quit", "─ 退出")


async def _play(home: Path) -> None:
    with in_process(home, _DECLARATIONS) as app_context:
        async with run_program(app_context) as operator:
            await _main_job(operator, Album(operator, home))
        async with run_program(app_context, LARGE) as operator:
            await log_in(operator)
            await Album(operator, home).add("main-120", "申报单位")


def main() -> None:
    os.environ["TZ"] = "Asia/Shanghai"  # the time zone of the embedded port, so that all times in the pictures agree
    time.tzset()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jiacha-") as folder:
        asyncio.run(_play(Path(folder)))


if __name__ == "__main__":
    main()
