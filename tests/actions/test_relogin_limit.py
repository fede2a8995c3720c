"""A port that ends its session at nearly every call gets a few logins, not one for each call."""

from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from jiacha_tui.actions.bulk_prints import plan_bulk_prints, save_bulk_prints
from jiacha_tui.actions.relogin_limit import LASTING_CALLS, MAX_SHORT_SESSIONS, WINDOW_SECONDS, ReloginLimit
from jiacha_tui.actions.resend import propose, send
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import NumberQuery
from jiacha_tui.eport.problems import SessionsTooShort
from tests.actions.served_port import ServedPort
from tests.faulty_port import Fault

REQUESTS_OF_A_LOGIN = 2


def one_in(count: int) -> Fault:
    """A fault: the first of each `count` requests is redirected to the login."""
    requests = 0

    async def fault(_request: Request) -> Response | None:
        nonlocal requests
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

    port.http.faults["queryEntryIdBill"] = one_in(3)  # then one that the port wants signed, and that
    for _ in range(MAX_SHORT_SESSIONS):
        await port.session.call_port(lambda client: client.list_page(NumberQuery(entry_id, Kind.CLEARED), 1))
    port.http.faults["getSession"] = no_session
    outcome = await send(port.session, await propose(port.session, [entry_id]))
    assert outcome.outcome is Outcome.REFUSED
    assert "不久又失效" in outcome.message
    assert port.http.calls["send1"] == 0


def test_the_limit_counts_logins_in_a_row_whose_session_did_not_last() -> None:
    limit = ReloginLimit()
    for _ in range(MAX_SHORT_SESSIONS):
        assert limit.allows(0.0)
        limit.logged_in(0.0)
        for _ in range(LASTING_CALLS - 1):
            limit.succeeded()
    assert not limit.allows(WINDOW_SECONDS - 1)
    assert limit.allows(WINDOW_SECONDS)


def test_a_session_that_lasts_allows_any_number_of_logins() -> None:
    limit = ReloginLimit()
    for _ in range(10 * MAX_SHORT_SESSIONS):
        assert limit.allows(0.0)
        limit.logged_in(0.0)
        for _ in range(LASTING_CALLS):
            limit.succeeded()
