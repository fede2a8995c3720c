"""A port that ends its session at nearly every call gets a few logins, not one for each call."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from jiacha_tui.actions import relogin_limit
from jiacha_tui.actions.bulk_prints import plan_bulk_prints, save_bulk_prints
from jiacha_tui.actions.relogin_limit import (
    LASTING_CALLS,
    MAX_LOGINS,
    MAX_SHORT_SESSIONS,
    WINDOW_SECONDS,
    ReloginLimit,
)
from jiacha_tui.actions.resend import propose, send
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import NumberQuery
from jiacha_tui.eport.problems import SessionsTooShort, TooManyLogins
from tests.actions.served_port import ServedPort
from tests.faulty_port import Fault

REQUESTS_OF_A_LOGIN = 2


def one_in(count: int) -> Fault:
    """A fault: the first of each `count` requests without a signature is redirected to the login."""
    requests = 0

    async def fault(request: Request) -> Response | None:
        nonlocal requests
        if "sign" in request.headers:
            return None
        requests += 1
        return RedirectResponse("/cas/login", 302) if requests % count == 1 else None

    return fault


async def test_prints_stop_after_a_few_logins_and_so_does_everything_else(port: ServedPort, tmp_path: Path) -> None:
    session = port.session
    entry_ids = await port.numbers("类型:结关")
    prints = one_in(2)
    port.http.faults = {f"{entry_id},1": prints for entry_id in entry_ids} | {
        name: one_in(2) for name in ("downloadXml", "queryEntryIdBill")
    }
    port.http.calls.clear()
    plan = await plan_bulk_prints(session, entry_ids)
    report = await save_bulk_prints(session, plan, tmp_path / "prints", pause=0.0)
    assert isinstance(report.stopped_by, SessionsTooShort)
    assert report.saved == MAX_SHORT_SESSIONS
    assert len(report.untried) == len(entry_ids) - MAX_SHORT_SESSIONS, "another run can get them"
    logins = REQUESTS_OF_A_LOGIN * MAX_SHORT_SESSIONS
    assert port.http.calls["login"] == logins

    query = NumberQuery(entry_ids[0], Kind.CLEARED)
    with pytest.raises(SessionsTooShort):
        await session.call_port(lambda client: client.download(query))
    with pytest.raises(SessionsTooShort):
        await port.sync()
    assert port.http.calls["login"] == 0, "a sync starts to count calls at 0"


async def test_a_resend_without_a_session_is_not_sent_after_too_many_logins(port: ServedPort) -> None:
    (entry_id,) = (await port.numbers("类型:结关"))[:1]

    async def no_session(_request: Request) -> Response:
        return RedirectResponse("/cas/login", 302)

    port.http.faults["queryEntryIdBill"] = one_in(2)
    for _ in range(MAX_SHORT_SESSIONS):
        await port.session.call_port(lambda client: client.list_page(NumberQuery(entry_id, Kind.CLEARED), 1))
    port.http.faults["getSession"] = no_session
    outcome = await send(port.session, await propose(port.session, [entry_id]))
    assert outcome.outcome is Outcome.REFUSED
    assert "不久又失效" in outcome.message
    assert port.http.calls["send1"] == 0


async def test_a_port_that_ends_every_session_once_it_has_lasted_gets_a_bounded_number_of_logins(
    port: ServedPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    lasting_calls, max_logins = 2, 5
    monkeypatch.setattr(relogin_limit, "LASTING_CALLS", lasting_calls)
    monkeypatch.setattr(relogin_limit, "MAX_LOGINS", max_logins)
    query = NumberQuery((await port.numbers("类型:结关"))[0], Kind.CLEARED)
    port.http.faults["queryEntryIdBill"] = one_in(lasting_calls + 1)
    port.http.calls.clear()
    for _ in range(max_logins * lasting_calls):
        await port.session.call_port(lambda client: client.list_page(query, 1))
    with pytest.raises(TooManyLogins):
        await port.session.call_port(lambda client: client.list_page(query, 1))
    assert port.http.calls["login"] == REQUESTS_OF_A_LOGIN * max_logins
    notes = [message.text for message in port.app_context.messages.all() if "重新登录" in message.text]
    assert len(notes) == max_logins
    assert notes[-1].endswith(f"第 {max_logins} 次）")


def _refused(limit: ReloginLimit, now: float) -> type[object]:
    return type(limit.refusal(now))


def test_the_limit_counts_logins_in_a_row_whose_session_did_not_last() -> None:
    limit = ReloginLimit()
    for _ in range(MAX_SHORT_SESSIONS):
        assert limit.refusal(0.0) is None
        limit.logged_in(0.0)
        for _ in range(LASTING_CALLS - 1):
            limit.succeeded()
    assert _refused(limit, WINDOW_SECONDS - 1) is SessionsTooShort
    assert limit.refusal(WINDOW_SECONDS) is None


def test_sessions_that_last_allow_more_logins_but_not_any_number() -> None:
    limit = ReloginLimit()
    for number in range(MAX_LOGINS):
        assert limit.refusal(number) is None
        limit.logged_in(number)
        for _ in range(LASTING_CALLS):
            limit.succeeded()
    assert _refused(limit, WINDOW_SECONDS - 1) is TooManyLogins
    assert limit.refusal(WINDOW_SECONDS) is None, "the first one no longer counts"
    limit.logged_in(WINDOW_SECONDS)
    assert _refused(limit, WINDOW_SECONDS) is TooManyLogins
    assert limit.refusal(3 * WINDOW_SECONDS) is None


@given(st.lists(st.tuples(st.floats(0, 120), st.integers(0, 2 * LASTING_CALLS)), max_size=200))
def test_there_are_never_more_logins_in_ten_minutes(sessions: list[tuple[float, int]]) -> None:
    limit = ReloginLimit()
    now, logins = 0.0, list[float]()
    for pause, calls in sessions:
        now += pause
        if limit.refusal(now) is None:
            limit.logged_in(now)
            logins.append(now)
            assert sum(login > now - WINDOW_SECONDS for login in logins) <= MAX_LOGINS
        for _ in range(calls):
            limit.succeeded()
