"""The work of a month by keyboard in the whole program, with a port in this process and over TLS.

The port over TLS is as the real one has been since 2023, with an obfuscated script and a page that encrypts the PIN.
There the sync after the login fetches the declarations; in this process a key does.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.declaration.file_name import parse_file_name
from tests.app_contexts import in_process, over_tls
from tests.journey.operator import log_in, run_program
from tests.port_home import DECLARATIONS, copy_home


@pytest.fixture(params=["in process", "over TLS, obfuscated script, encrypted PIN"])
def app_context(
    request: pytest.FixtureRequest, port_home: Path, child_environment: dict[str, str]
) -> Iterator[AppContext]:
    home = port_home
    if request.param == "in process":
        context = in_process(home, DECLARATIONS)
    else:
        (home / "config.toml").write_text("[port]\nsend_pin = true\n", encoding="utf-8")
        options = ("--script", "obfuscated", "--login-page", "encrypted-pin")
        context = over_tls(home, DECLARATIONS, child_environment, *options)
    with context as app_context:
        yield app_context


async def test_log_in_sync_filter_read_pick_download_resend_and_print(app_context: AppContext) -> None:
    async with run_program(app_context) as operator:
        await log_in(operator)
        if not app_context.config.sync.at_login:
            await operator.sees("还没有报关单")
            await operator.press("f5")
        await operator.sees(f"同步完成：新增 {DECLARATIONS} 票", f"缓存 {DECLARATIONS} 票")

        await operator.press("f2")
        await operator.write("美国")
        await operator.press("enter")
        await operator.waits(lambda: f"/{DECLARATIONS} 票" not in operator.screen, "the filter")
        first = operator.line_with("▸")
        assert "美国" in first
        entry_id = first.split()[1]

        await operator.press("f4")
        await operator.sees(f"报关单 {entry_id}", "境内收发货人 示例进出口有限公司", "合计")
        await operator.press("f6")
        await operator.sees("XML 文件下载", f"报关单 {entry_id}")
        await operator.press("tab", "enter")
        await operator.sees("已下载 1 个文件", "为本卡加密，签名与内容相符")
        await operator.press("escape")
        await operator.press("f10")
        await operator.sees("1报关单查询下载")

        await operator.press("space", "space")
        await operator.sees("已选 2 票")
        await operator.press("f6")
        await operator.sees("选中的 2 票，逐票下载")
        await operator.press("escape")
        await operator.press("f7")
        await operator.sees("将向税务总局重发 2 票", "3-5 个工作日")
        await operator.press("tab", "enter")
        await operator.sees("发送成功")
        await operator.press("escape")
        await operator.no_longer_sees("发送成功！ ")

        await operator.press("f8")
        await operator.sees("中华人民共和国海关出口货物报关单", "第 1/2 票")
        await operator.press("f6")
        await operator.sees("存为 PDF")
        await operator.press("enter", "enter")
        await operator.sees("已存为 PDF")
        await operator.press("escape", "escape")
        await operator.sees("1报关单查询下载")

    downloads = sorted(app_context.locations.downloads.iterdir())
    xml, pdf = sorted(downloads, key=lambda path: path.suffix, reverse=True)
    assert parse_file_name(xml.name).first_entry_id == entry_id
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert {path.stat().st_mode & 0o777 for path in downloads} == {0o600}


async def test_synced_declarations_are_there_offline(synced_home: Path, tmp_path: Path) -> None:
    with in_process(copy_home(synced_home, tmp_path / "home"), DECLARATIONS) as app_context:
        async with run_program(app_context) as operator:
            await operator.sees("卡介质登录", "JJ0G900000001")
            await operator.write("12345678")
            await operator.press("tab", "tab", "tab", "enter")
            await operator.sees("离线", f"/{DECLARATIONS} 票")
            await operator.press("f5")
            await operator.sees("当前为离线浏览")
