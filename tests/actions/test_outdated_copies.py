"""What customs amend after a download is marked and told by the next sync. The port is the embedded one."""

from jiacha_tui.actions.detail import detail_view
from jiacha_tui.actions.download_plan import plan_selected
from jiacha_tui.declaration.journal import JournalKind
from jiacha_tui.declaration.query import NumberQuery
from tests.actions.served_port import ServedPort
from tests.app_contexts import NOW


async def test_what_is_amended_after_a_download_is_marked_told_and_in_the_next_plan(port: ServedPort) -> None:
    amended, untouched, *_ = await port.numbers("类型:结关")
    for entry_id in (amended, untouched):
        port.session.declarations.mark_downloaded(NumberQuery(entry_id), NOW)
    port.demo.amend(amended)
    summary = await port.sync()
    assert summary.outdated == 1
    assert "1 票下载或打印后有变（!），旧文件不要用于申报" in summary.text()
    assert await port.numbers("下载后有变") == [amended]
    assert any(amended in message.text and "有变" in message.text for message in port.app_context.messages.all())
    assert "有变" in port.session.journal.recent(1, amended, JournalKind.LIST)[0].message
    assert (await detail_view(port.session, amended)).hints[0].startswith("下载后口岸数据有变")

    plan = await plan_selected(port.session, [amended, untouched])
    assert (plan.downloaded, plan.outdated) == (2, 1)
    port.session.declarations.mark_downloaded(NumberQuery(amended), NOW)
    assert await port.numbers("下载后有变") == []
