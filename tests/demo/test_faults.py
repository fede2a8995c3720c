"""The faults of the embedded port: how they are named, and what each does to a call."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.fault_responses import response_of
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.faulty_port import FaultyPort
from tests.demo.browser import RESEND, Browser, Card
from tests.eport.tls import ServerFiles, make_server_files, serve

MAY = "20260501", "20260531"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return make_server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def port(demo: Demo) -> FaultyPort:
    return FaultyPort(demo.application, drip_seconds=0.05)


@pytest.fixture
def root(port: FaultyPort, files: ServerFiles) -> Iterator[str]:
    with serve(port, files) as address:
        yield address


@pytest.fixture
async def http(files: ServerFiles) -> AsyncIterator[httpx.AsyncClient]:
    context = ssl.create_default_context(cafile=files.ca)
    async with httpx.AsyncClient(verify=context, trust_env=False) as client:
        yield client


@pytest.fixture
async def browser(root: str, http: httpx.AsyncClient, demo: Demo) -> Browser:
    """A browser that has logged in with the demo card, before anything goes wrong."""
    browser = Browser(http, root)
    await browser.log_in(Card.at(demo.card))
    return browser


async def first_row(browser: Browser) -> dict[str, Any]:
    row: dict[str, Any] = (await browser.list(*MAY))["responseData"]["rows"][0]
    return row


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("hang", PortFault(FaultKind.HANG)),
        ("busy@list", PortFault(FaultKind.BUSY, CallKind.LIST)),
        ("busy@list:2", PortFault(FaultKind.BUSY, CallKind.LIST, 2, 2)),
        ("busy@list:2-", PortFault(FaultKind.BUSY, CallKind.LIST, 2)),
        ("redirect-login+applied@resend:1", PortFault(FaultKind.REDIRECT_LOGIN, CallKind.RESEND, 1, 1, applied=True)),
    ],
)
def test_a_fault_is_written_with_its_call_and_number(text: str, fault: PortFault) -> None:
    assert PortFault.parse(text) == fault
    assert fault.text == text


@pytest.mark.parametrize("text", ["", "fire", "hang@", "hang@lists", "hang@list:0", "hang@list:x", "hang+later"])
def test_what_is_no_fault_is_rejected_in_chinese(text: str) -> None:
    with pytest.raises(ValueError, match=r"要 名称|没有故障|没有调用"):
        PortFault.parse(text)


async def test_only_the_named_call_goes_wrong(browser: Browser, port: FaultyPort) -> None:
    port.set_faults([PortFault(FaultKind.UNAVAILABLE, CallKind.PREVIEW, 2, 2)])
    entry_id = (await first_row(browser))["entryId"]
    statuses = [(await browser.preview(entry_id)).status_code for _ in range(3)]
    assert statuses == [200, 503, 200]
    assert port.done == [PortFault(FaultKind.UNAVAILABLE, CallKind.PREVIEW, 2, 2)]


async def test_another_response_comes_instead(browser: Browser, port: FaultyPort) -> None:
    entry_id = (await first_row(browser))["entryId"]
    for kind in FaultKind:
        expected = response_of(kind)
        if expected is None or kind.is_too_much:  # the latter: tests/journey/test_hostile_port.py
            continue
        port.set_faults([PortFault(kind, CallKind.PREVIEW, 1, 1)])
        response = await browser.preview(entry_id)
        assert (response.status_code, response.content) == (expected.status_code, bytes(expected.body)), kind
        assert response.headers.get("content-type") == expected.headers.get("content-type"), kind
        session = await browser.http.post(browser.url("sw/rtx/commonQuery/getSession"))
        assert session.is_redirect == kind.word.startswith("session-ended"), kind


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("kind", [FaultKind.EMPTY, FaultKind.CUT_BEFORE])
async def test_a_resend_is_applied_before_it_goes_wrong_or_not_at_all(
    kind: FaultKind, *, applied: bool, browser: Browser, port: FaultyPort, demo: Demo
) -> None:
    entry_id = (await first_row(browser))["entryId"]
    assert browser.card is not None
    port.set_faults([PortFault(kind, CallKind.RESEND, applied=applied)])
    body = {"ids": entry_id, "msgType": "RTXJG"}
    try:
        await browser.post(RESEND, body, browser.card.sign(f"{browser.cards}||{entry_id}"))
    except httpx.TransportError:
        assert kind is FaultKind.CUT_BEFORE
    assert [number for number, _ in demo.store.resends()] == ([entry_id] if applied else [])


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.CUT_MIDDLE])
async def test_the_connection_is_cut(kind: FaultKind, root: str, http: httpx.AsyncClient, port: FaultyPort) -> None:
    port.set_faults([PortFault(kind)])
    received = bytearray()

    async def receive() -> None:
        async with http.stream("GET", f"{root}/cas/login") as response:
            async for chunk in response.aiter_bytes():
                received.extend(chunk)

    with pytest.raises(httpx.TransportError):
        await receive()
    assert bool(received) == (kind is FaultKind.CUT_MIDDLE)
    port.set_faults([])
    assert (await http.get(f"{root}/cas/login")).status_code == 200


async def test_no_answer_comes(root: str, http: httpx.AsyncClient, port: FaultyPort) -> None:
    port.set_faults([PortFault(FaultKind.HANG)])
    with pytest.raises(httpx.ReadTimeout):
        await http.get(f"{root}/cas/login", timeout=0.3)


async def test_an_answer_drips(root: str, http: httpx.AsyncClient, port: FaultyPort) -> None:
    port.set_faults([PortFault(FaultKind.DRIP)])
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with http.stream("GET", f"{root}/cas/login") as response:
        chunks = response.aiter_bytes()
        beginning = b"".join([await anext(chunks) for _ in range(5)])
    assert b"<!DOCTYPE".startswith(beginning)
    assert loop.time() - started > 4 * 0.05


async def test_an_answer_does_not_end(root: str, http: httpx.AsyncClient, port: FaultyPort) -> None:
    port.set_faults([PortFault(FaultKind.GIGANTIC)])
    size = 0
    async with http.stream("GET", f"{root}/cas/login") as response:
        assert "content-length" not in response.headers
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > 8 * 1024 * 1024:
                break
    assert size > 8 * 1024 * 1024


async def test_the_type_of_the_answer_is_wrong(browser: Browser, port: FaultyPort) -> None:
    entry_id = (await first_row(browser))["entryId"]
    port.set_faults([PortFault(FaultKind.WRONG_TYPE)])
    response = await browser.preview(entry_id)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.content.startswith(b"%PDF")


async def listed(browser: Browser) -> list[str]:
    """The numbers on all pages, as many as a reader gets who stops at the first empty page."""
    entry_ids: list[str] = []
    for page in range(1, 20):
        rows = (await browser.list(*MAY, page=page))["responseData"]["rows"] or []
        entry_ids += [row["entryId"] for row in rows]
        if not rows:
            return entry_ids
    raise AssertionError("the list does not end")


@pytest.mark.parametrize("kind", [FaultKind.SHORT_PAGES_20, FaultKind.SHORT_PAGES_10])
async def test_pages_are_short_and_have_every_row(kind: FaultKind, browser: Browser, port: FaultyPort) -> None:
    whole = await listed(browser)
    port.set_faults([PortFault(kind, CallKind.LIST)])
    assert await listed(browser) == whole
    page = (await browser.list(*MAY))["responseData"]
    assert (page["total"], len(page["rows"])) == (len(whole), int(kind.word[-2:]))


async def test_rows_move_between_two_pages(browser: Browser, port: FaultyPort) -> None:
    whole = await listed(browser)
    assert len(whole) > 31
    port.set_faults([PortFault(FaultKind.ROW_COMES, CallKind.LIST)])
    assert await listed(browser) == [*whole[1:31], *whole[30:]]
    port.set_faults([PortFault(FaultKind.ROW_GOES, CallKind.LIST)])
    assert await listed(browser) == [*whole[:30], *whole[31:]]


async def test_rows_are_dropped(browser: Browser, port: FaultyPort) -> None:
    whole = await listed(browser)
    port.set_faults([PortFault(FaultKind.DROPPED_ROWS, CallKind.LIST)])
    remaining = await listed(browser)
    assert remaining == [entry_id for index, entry_id in enumerate(whole) if index % 5]
    assert (await browser.list(*MAY))["responseData"]["total"] == len(remaining)


@pytest.mark.parametrize(
    ("kind", "total"),
    [
        (FaultKind.TOTAL_ABSENT, "absent"),
        (FaultKind.TOTAL_NULL, None),
        (FaultKind.TOTAL_TEXT, "{}"),
        (FaultKind.TOTAL_HIGH, 7),
        (FaultKind.TOTAL_LOW, 30),
    ],
)
async def test_the_total_is_wrong(kind: FaultKind, total: object, browser: Browser, port: FaultyPort) -> None:
    right = (await browser.list(*MAY))["responseData"]["total"]
    port.set_faults([PortFault(kind, CallKind.LIST)])
    wrong = (await browser.list(*MAY))["responseData"].get("total", "absent")
    expected = {FaultKind.TOTAL_TEXT: str(right), FaultKind.TOTAL_HIGH: right + 7}.get(kind, total)
    assert wrong == expected


async def test_rows_are_wrong(browser: Browser, port: FaultyPort) -> None:
    whole = (await browser.list(*MAY))["responseData"]["rows"]
    port.set_faults([PortFault(kind, CallKind.LIST) for kind in (FaultKind.ROWS_NULL,)])
    assert (await browser.list(*MAY))["responseData"]["rows"] is None
    port.set_faults([PortFault(FaultKind.BAD_ROW, CallKind.LIST)])
    rows = (await browser.list(*MAY))["responseData"]["rows"]
    assert [rows[0]["entryId"], *rows[1:]] == [whole[0]["entryId"][:17], *whole[1:]]
    port.set_faults([PortFault(FaultKind.ROW_TWICE, CallKind.LIST)])
    rows = (await browser.list(*MAY))["responseData"]["rows"]
    assert rows == [whole[0], *whole]


def test_every_kind_of_call_is_recognised(demo: Demo) -> None:
    paths = {
        ("POST" if "POST" in (getattr(route, "methods", None) or ()) else "GET", route.path)
        for route in demo.application.routes
        if hasattr(route, "path")
    }
    kinds = {CallKind.of(method, path) for method, path in paths}
    assert set(CallKind) <= kinds
