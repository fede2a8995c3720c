"""Responses that a browser would accept are accepted too, over TLS sockets, and what is not understood is kept."""

import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.detail import detail_view, item_fields
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.demo.demo import Demo
from tests.app_contexts import TODAY
from tests.faulty_port import FaultyPort, always
from tests.port_home import open_session
from tests.recording_transport import DETAIL, LIST

ENTRY_ID = "223320250000012345"
ROW = {"entryId": ENTRY_ID, "iEDate": "20260601", "iEPort": "浦东机场", "opMode": "新增", "encryptStr": "abc="}
HEAD = {"entryId": ENTRY_ID, "contrNo": "HT-1"}
ITEM = {"gNo": "1", "gName": "茶杯", "tradeCurr": "美元"}
MENU = "menuType"
JUNE = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month), Kind.CLEARED)
NUMBER = NumberQuery(ENTRY_ID, Kind.CLEARED)

LISTS: tuple[tuple[str, Any, int], ...] = (
    ("total as text", {"total": "1", "rows": [ROW]}, 1),
    ("total as float", {"total": 1.0, "rows": [ROW]}, 1),
    ("total null", {"total": None, "rows": [ROW]}, 1),
    ("total absent", {"rows": [ROW]}, 1),
    ("rows absent", {"total": 0}, 0),
    ("rows null", {"total": 0, "rows": None}, 0),
    ("responseData null", None, 0),
    ("a repeated row", {"total": 2, "rows": [ROW, ROW]}, 1),
    ("a repeated row and a total without it", {"total": 1, "rows": [ROW, ROW]}, 1),
)


def success(data: object) -> Response:
    return JSONResponse({"responseCode": 100, "responseData": data})


async def test_lists_of_every_form_are_read(faulty_session: Session, faulty: FaultyPort) -> None:
    for query in (JUNE, NUMBER):
        for name, data, found in LISTS:
            faulty.faults[LIST] = _first_page_only(success(data))
            outcome = await run_query(faulty_session, query, lambda _progress: None)
            assert (outcome.found, bool(outcome.hint)) == (found, not found), f"{name}, {type(query).__name__}"


async def test_a_declaration_without_items_is_read(faulty_session: Session, faulty: FaultyPort) -> None:
    faulty.faults[LIST] = _first_page_only(success({"total": 1, "rows": [ROW]}))
    await run_query(faulty_session, NUMBER, lambda _progress: None)
    faulty.faults[DETAIL] = always(success({"cardHeadVo": HEAD, "cardList": None}))
    view = await detail_view(faulty_session, ENTRY_ID)
    assert (view.missing, view.declaration.items) == (None, ())
    assert view.declaration.head is not None
    assert view.declaration.head.contract_no == "HT-1"


async def test_what_is_not_understood_is_kept_in_the_cache_and_shown(
    faulty_session: Session, faulty: FaultyPort
) -> None:
    row = ROW | {"dateDec": "昨天", "portBatch": {"no": 7}, "empty": None}
    head = HEAD | {"iEDate": "六月", "riskLevel": "B"}
    item = ITEM | {"gQty": "很多", "originArea": [1, 2]}
    faulty.faults[LIST] = _first_page_only(success({"total": 1, "rows": [row]}))
    await run_query(faulty_session, NUMBER, lambda _progress: None)
    faulty.faults[DETAIL] = always(success({"cardHeadVo": head, "cardList": [item]}))
    await detail_view(faulty_session, ENTRY_ID)
    faulty.faults[DETAIL] = always(Response(status_code=500))  # from here on the cache has to have it
    view = await detail_view(faulty_session, ENTRY_ID)
    assert view.missing is None
    shown = {field.label: field.text for _group, fields in view.groups for field in fields}
    shown |= {field.label: field.text for field in item_fields(view.declaration.items[0])}
    unparsed = {label: text for label, text in shown.items() if label.startswith("未识别")}
    assert unparsed == {
        "未识别 dateDec（清单）": "昨天",
        "未识别 portBatch（清单）": '{"no": 7}',
        "未识别 iEDate": "六月",
        "未识别 riskLevel": "B",
        "未识别 gQty": "很多",
        "未识别 originArea": "[1, 2]",
    }


async def test_a_row_in_which_only_an_unknown_member_changes_keeps_its_detail(
    faulty_session: Session, faulty: FaultyPort
) -> None:
    faulty.faults[DETAIL] = always(success({"cardHeadVo": HEAD, "cardList": [ITEM]}))
    for number in ("1", "2"):
        faulty.faults[LIST] = _first_page_only(success({"total": 1, "rows": [ROW | {"traceId": number}]}))
        outcome = await run_query(faulty_session, NUMBER, lambda _progress: None)
        view = await detail_view(faulty_session, ENTRY_ID)
        assert view.declaration.summary.unparsed == {"traceId": number}
        assert outcome.changed == 0
    assert faulty.calls[DETAIL] == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"'", b'"'),
        (b"parse(", b"parse \t("),
        (b"var ", b"/* \xff\xfe \xc4\xe3 */ var "),
    ],
    ids=["double quotes", "blanks before the bracket", "bytes that are no UTF-8"],
)
async def test_a_script_of_any_writing_opens_the_responses(
    served_faults: tuple[FaultyPort, AppContext], demo: Demo, old: bytes, new: bytes
) -> None:
    faulty, app_context = served_faults
    rewritten: list[bytes] = []

    async def rewrite(request: Request) -> Response:
        script = await _body_of(demo, request)
        rewritten.append(script.replace(old, new))
        return Response(rewritten[-1], media_type="application/javascript")

    faulty.faults[MENU] = rewrite
    faulty_session = await open_session(app_context)
    try:
        outcome = await run_query(faulty_session, JUNE, lambda _progress: None)
    finally:
        await faulty_session.close()
    assert outcome.found > 0
    assert new in rewritten[0]


def _first_page_only(response: Response) -> Any:
    """The response to requests for page 1; later pages have the same total and no rows."""
    data = json.loads(bytes(response.body))["responseData"]

    async def fault(request: Request) -> Response:
        page = json.loads(await request.body())["curPage"]
        return response if page == 1 or not isinstance(data, dict) else success({**data, "rows": []})

    return fault


async def _body_of(demo: Demo, request: Request) -> bytes:
    """What the embedded port itself answers to the request."""
    body = b""

    async def keep(message: Any) -> None:
        nonlocal body
        body += message.get("body", b"")

    await demo.application(request.scope, request.receive, keep)
    return body
