"""A cache that is damaged in the middle of the work: the whole program says so, goes on, and offers a way out."""

from dataclasses import replace
from pathlib import Path

import pytest

from db.engine import BLOCK_BYTES, HEADERS_BYTES
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.config import Config, SyncConfig
from jiacha_tui.locations import Locations
from tests.app_contexts import demo_context, embedded_port
from tests.db.damaged_cache import flip
from tests.journey.operator import log_in, run_program
from tests.port_home import DECLARATIONS, copy_home, open_session

CARD = "JJ0G900000001"


@pytest.fixture
def home(synced_home: Path, tmp_path: Path) -> Path:
    return copy_home(synced_home, tmp_path / "home")


async def damage_details(app_context: AppContext) -> None:
    """Flips a bit in each block of the cache that holds heads of declarations."""
    session = await open_session(app_context, offline=True)
    path = session.cache.path
    with session.cache.read_cursor() as cursor:
        blocks = cursor.execute(
            "SELECT DISTINCT block_id FROM pragma_storage_info('head') WHERE persistent AND block_id >= 0"
        ).fetchall()
    await session.close()
    assert blocks
    for (block,) in blocks:
        flip(path, HEADERS_BYTES + block * BLOCK_BYTES + 1000)


async def test_a_cache_that_fails_in_the_work_is_closed_and_a_new_one_is_offered(home: Path) -> None:
    with embedded_port(home, DECLARATIONS) as demo:
        app_context = replace(demo_context(demo, home), config=Config(sync=SyncConfig(at_login=False)))
        await damage_details(app_context)
        async with run_program(app_context) as operator:
            await log_in(operator)
            if "本机缓存出错" not in operator.screen:
                await operator.press("f4")
            await operator.sees("本机缓存出错", "cache.damaged", "[▸回到登录画面 ]", "请先核对是否发出")
            await operator.press("enter")
            await operator.sees("卡介质登录", CARD, "本机缓存已损坏", "[ 另建缓存 ]")
            await operator.write("12345678")
            await operator.press("enter", "space", "tab", "tab", "tab", "enter")
            await operator.sees("为这张卡另建一个空缓存", "先存成文件", "[▸取消 ]")
            await operator.press("tab", "enter")
            await operator.sees("已另建缓存", "操作记录", "saved")
        (old,) = Locations(home).old_caches.iterdir()
        assert (old / "saved" / "journal.jsonl").read_bytes()
