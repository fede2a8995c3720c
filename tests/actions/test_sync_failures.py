"""A sync at a port that fails, over TLS sockets: what fails is set aside with its reason, failures in a row end it."""

import json

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from db.list_checkpoints import SyncRecord
from jiacha_tui.actions.connection_limit import FEWEST
from jiacha_tui.actions.detail import detail_view, load_declaration
from jiacha_tui.actions.failure_limit import MAX_EQUAL_FAILURES, MAX_FAILURES, FailureLimit
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    PortBusy,
    PortProblem,
    PortRefused,
    ResponseLost,
    ServerError,
)
from tests.app_contexts import NO_DELAYS, NOW
from tests.faulty_port import FaultyPort, always, sometimes
from tests.port_home import DECLARATIONS
from tests.recording_transport import DETAIL, LIST

ATTEMPTS = len(NO_DELAYS.retry_delays) + 1
"""Requests for a call that fails to the end."""

SIGNATURE_REFUSED = JSONResponse({"responseCode": 30001, "responseData": None})
BUSY = Response(status_code=503)


async def run(faulty_session: Session) -> SyncSummary:
    return await sync(faulty_session, lambda _progress: None, lambda: None)


def warnings(faulty_session: Session) -> str:
    return "\n".join(message.text for message in faulty_session.app_context.messages.all())


@pytest.mark.parametrize(
    ("response", "attempts", "reason"),
    [
        (SIGNATURE_REFUSED, 1, "服务器没有接受卡的签名"),
        (JSONResponse({"responseCode": 700, "responseMsg": "无权查看"}), 1, "无权查看"),
        (Response(status_code=404), 1, "HTTP 404"),
        (BUSY, ATTEMPTS, "HTTP 503"),
        (Response(status_code=429), ATTEMPTS, "HTTP 429"),
        (JSONResponse({"responseCode": 100, "responseData": {"cardList": 7}}), 1, "无法理解"),
    ],
    ids=["signature", "refusal", "404", "503", "429", "invalid"],
)
async def test_equal_failures_of_details_stop_them_and_each_keeps_its_reason(
    faulty_session: Session, faulty: FaultyPort, response: Response, attempts: int, reason: str
) -> None:
    faulty.faults[DETAIL] = always(response)
    signed_before = faulty.signed[DETAIL]
    if response.status_code == 429:
        with pytest.raises(PortBusy):  # an overloaded port is left alone
            await run(faulty_session)
    else:
        summary = await run(faulty_session)
        assert not summary.is_complete
        assert summary.title == "同步结束，没有取全"
        assert summary.failed + summary.untried == DECLARATIONS
        assert MAX_EQUAL_FAILURES <= summary.failed < MAX_EQUAL_FAILURES + FEWEST
        assert reason in summary.text()
        assert "已停止取详情" in summary.text()
    tries = faulty.calls[DETAIL] - (faulty.signed[DETAIL] - signed_before)
    assert tries < (MAX_EQUAL_FAILURES + FEWEST) * attempts
    assert faulty.signed[DETAIL] < MAX_EQUAL_FAILURES + FEWEST
    assert "已停止取详情" in warnings(faulty_session)
    assert reason in warnings(faulty_session)
    (entry,) = faulty_session.journal.recent(1, kind=JournalKind.SYNC)
    assert entry.outcome is Outcome.FAILED
    assert faulty_session.declarations.count() == DECLARATIONS, "the lists are complete"
    last = None if response.status_code == 429 else SyncRecord(NOW, is_complete=False)
    assert (await faulty_session.cache_status()).last_sync == last
    failed = [
        entry_id for entry_id in _all_ids(faulty_session) if faulty_session.detail_failures.get(entry_id) is not None
    ]
    assert MAX_EQUAL_FAILURES <= len(failed) < MAX_EQUAL_FAILURES + FEWEST
    assert reason in await detail_of(faulty_session, failed[0])
    faulty.faults.clear()
    assert (await run(faulty_session)).is_complete
    assert not any(faulty_session.detail_failures.get(entry_id) for entry_id in failed), (
        "cleared once the detail has come"
    )


async def test_one_failing_detail_ends_nothing_and_is_tried_last_by_the_next_sync(
    faulty_session: Session, faulty: FaultyPort
) -> None:
    tried: list[str] = []

    async def fail_one(request: Request) -> Response | None:
        entry_id = json.loads(await request.body())["entryId"]
        if "sign" not in request.headers:
            tried.append(entry_id)
        return BUSY if entry_id == tried[0] else None

    faulty.faults[DETAIL] = fail_one
    summary = await run(faulty_session)
    bad = tried[0]
    assert (summary.failed, summary.details, summary.stopped) == (1, DECLARATIONS - 1, ())
    assert summary.reasons == (("服务器暂时无法处理（HTTP 503）", 1),)
    assert "1 票详情未取到（服务器暂时无法处理（HTTP 503））" in summary.text()
    assert summary.text().endswith("；还没有完整同步过")
    assert (await faulty_session.cache_status()).last_sync == SyncRecord(NOW, is_complete=False)
    assert faulty.calls[DETAIL] < DECLARATIONS * 2 + ATTEMPTS
    failure = faulty_session.detail_failures.get(bad)
    assert failure is not None
    assert (failure.code, failure.hint) == ("port.server-fault", "请稍后重试")
    assert faulty_session.declarations.next_details_due(10)[-1].entry_id == bad


async def test_details_that_failed_before_come_last(faulty_session: Session, faulty: FaultyPort) -> None:
    faulty.faults[DETAIL] = always(SIGNATURE_REFUSED)
    failed = (await run(faulty_session)).failed
    refused = [entry_id for entry_id in _all_ids(faulty_session) if faulty_session.detail_failures.get(entry_id)]
    assert [summary.entry_id for summary in faulty_session.declarations.next_details_due(DECLARATIONS)][
        -failed:
    ] == refused
    faulty.faults[DETAIL] = sometimes(SIGNATURE_REFUSED, lambda body: json.loads(body)["entryId"] in refused)
    summary = await run(faulty_session)
    assert summary.details == DECLARATIONS - failed, "the others are not kept from being fetched"


async def test_the_detail_screen_records_why_a_detail_is_missing_and_forgets_it(
    faulty_session: Session, faulty: FaultyPort
) -> None:
    faulty.faults[DETAIL] = always(SIGNATURE_REFUSED)
    await run(faulty_session)
    entry_id = faulty_session.declarations.next_details_due(1)[0].entry_id
    assert faulty_session.detail_failures.get(entry_id) is None
    assert "签名" in await detail_of(faulty_session, entry_id)
    faulty.faults.clear()
    await load_declaration(faulty_session, entry_id)
    assert (await detail_view(faulty_session, entry_id)).failure is None


@pytest.mark.parametrize("response", [BUSY, JSONResponse({"responseCode": 700})], ids=["503", "refusal"])
async def test_one_failing_list_leaves_the_other_months(
    faulty_session: Session, faulty: FaultyPort, response: Response
) -> None:
    month: list[str] = []

    def is_first_with_rows(body: bytes) -> bool:
        start = json.loads(body)["startDate"]
        month[:] = month or [start]
        return bool(start == month[0])

    faulty.faults[LIST] = sometimes(response, is_first_with_rows)
    summary = await run(faulty_session)
    assert summary.incomplete == (f"{month[0][:4]}-{month[0][4:6]}",)
    assert 0 < summary.new < DECLARATIONS
    assert summary.details == summary.new
    assert not summary.is_complete
    assert f"{summary.incomplete[0]} 结关报关单的清单没有取全" in warnings(faulty_session)
    faulty.faults.clear()
    assert (await run(faulty_session)).is_complete
    assert faulty_session.declarations.count() == DECLARATIONS


async def test_failing_lists_stop_the_lists_but_not_the_details(faulty_session: Session, faulty: FaultyPort) -> None:
    faulty.faults[DETAIL] = always(SIGNATURE_REFUSED)
    await run(faulty_session)
    faulty.faults = {LIST: always(Response(status_code=403))}
    faulty.calls.clear()
    faulty_session.checkpoints.record_sync(faulty_session.app_context.clock())  # the next sync reads all lists again
    summary = await run(faulty_session)
    assert faulty.calls[LIST] == MAX_EQUAL_FAILURES
    assert summary.details == DECLARATIONS
    assert not summary.is_complete
    assert "已停止取清单：服务器拒绝了请求（HTTP 403）" in summary.text()
    assert "等 18 个月 的清单没有列全" in summary.text()


@pytest.mark.parametrize("name", [LIST, DETAIL])
async def test_a_port_that_wants_a_pause_is_left_alone(faulty_session: Session, faulty: FaultyPort, name: str) -> None:
    faulty.faults[name] = always(Response(status_code=429, headers={"retry-after": "3600"}))
    with pytest.raises(PortBusy) as problem:
        await run(faulty_session)
    assert "3600 秒" in problem.value.hint
    assert faulty.calls[name] <= FEWEST


@pytest.mark.parametrize(
    ("problem", "limit"),
    [
        (PortRefused(700, "不行"), 5),
        (PortRefused(None, "服务器拒绝了请求（HTTP 403）"), 5),
        (InvalidPortResponse("数据"), 5),
        (ServerError(503), 5),
        (PortBusy(), 5),
        (PortBusy(3600.0), 1),
        (ResponseLost(), 2),
    ],
)
def test_so_many_equal_failures_in_a_row_stop_a_kind_of_call(problem: PortProblem, limit: int) -> None:
    counter = FailureLimit()
    assert [counter.record_failure(problem) for _ in range(limit)] == [False] * (limit - 1) + [True]
    assert counter.stopped_by is problem
    assert not counter.record_failure(problem), "it is reported once"


def test_a_success_ends_the_row_and_different_failures_take_longer() -> None:
    counter = FailureLimit()
    for _ in range(MAX_FAILURES):
        assert not any(
            counter.record_failure(PortRefused(700, f"报关单 {index} 不行")) for index in range(MAX_EQUAL_FAILURES - 1)
        )
        counter.record_success()
    alternating: list[Problem] = [PortRefused(700, ""), ServerError(503)] * MAX_FAILURES
    assert [counter.record_failure(problem) for problem in alternating].index(True) == MAX_FAILURES - 1


async def detail_of(faulty_session: Session, entry_id: str) -> str:
    failure = (await detail_view(faulty_session, entry_id)).failure
    return "" if failure is None else failure.message


def _all_ids(faulty_session: Session) -> list[str]:
    with faulty_session.cache.read_cursor() as cursor:
        rows = cursor.execute("SELECT entry_id FROM declaration ORDER BY exported_on DESC, entry_id DESC").fetchall()
    return [entry_id for (entry_id,) in rows]
