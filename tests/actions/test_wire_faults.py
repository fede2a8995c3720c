"""Faults of the port at a resend, a download and a list, over TLS sockets, compared with the port's own books."""

from pathlib import Path

from jiacha_tui.actions.download import download_files
from jiacha_tui.actions.download_plan import plan_entries
from jiacha_tui.actions.resend import propose, send
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from tests.actions.served_port import ServedPort

AFTER_A_RESEND = (
    FaultKind.REDIRECT_LOGIN,
    FaultKind.REDIRECT_REPEAT,
    FaultKind.REDIRECT_ELSEWHERE,
    FaultKind.LOGIN_PAGE,
    FaultKind.SCRIPT_REDIRECT,
    FaultKind.NOTICE_PAGE,
    FaultKind.FAILURE_WORDS,
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_MIDDLE,
    FaultKind.UNAVAILABLE,
    FaultKind.BUSY,
    FaultKind.GARBAGE,
    FaultKind.EMPTY,
    FaultKind.SESSION_ENDED,
)


async def test_a_resend_that_has_left_is_unknown_after_every_fault_and_is_never_sent_again(port: ServedPort) -> None:
    entry_ids = (await port.numbers("类型:结关"))[: len(AFTER_A_RESEND)]
    for kind, entry_id in zip(AFTER_A_RESEND, entry_ids, strict=True):
        port.faults.set_faults([PortFault(kind, CallKind.RESEND, applied=True)])
        port.http.calls.clear()
        outcome = await send(port.session, await propose(port.session, [entry_id]))
        assert (kind, outcome.outcome, port.http.calls["send1"]) == (kind, Outcome.UNKNOWN, 1)
    assert [entry_id for entry_id, _at in port.demo.store.resends()] == entry_ids, "each arrived once"
    assert set(port.session.outbox.unresolved(entry_ids)) == set(entry_ids)


async def test_a_refusal_that_is_called_xml_is_no_file_and_marks_nothing(port: ServedPort, tmp_path: Path) -> None:
    entry_ids = (await port.numbers("类型:结关"))[:1]
    port.faults.set_faults([PortFault(FaultKind.REFUSAL_AS_XML, CallKind.DOWNLOAD)])
    plan = await plan_entries(port.session, entry_ids)
    report = await download_files(port.session, plan, tmp_path / "files", lambda _report: None)
    assert not report.files
    assert len(report.failures) == 1
    assert list((tmp_path / "files").glob("*")) == []
    assert await port.numbers("已下载") == []


async def test_rows_that_cannot_be_used_end_neither_their_list_nor_the_others(port: ServedPort) -> None:
    rows = (await port.sync(months=3)).unchanged
    port.spoil(FaultKind.BAD_ROW)
    summary = await port.sync(months=3)
    assert summary.rejected > 1, "several lists have one"
    told = [message.text for message in port.app_context.messages.all()]
    of_one_row = sum("的清单没有取全" in text for text in told)
    assert summary.unchanged + summary.rejected + of_one_row == rows, "a list without any good row is set aside"
    assert not summary.is_complete
    assert summary.delisted == 0
    assert len(told) >= summary.rejected + of_one_row
    last = (await port.session.cache_status()).last_sync
    assert last is not None
    assert not last.is_complete
