"""The calls of a session: their responses, and each rule with its refusal."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.service import SignaturePolicy
from tests.demo.browser import DETAIL, LIST, RESEND, Browser, Card
from tests.demo.conftest import MakeDemo, NewBrowser

MAY = "20260501", "20260531"


async def rows_of(browser: Browser, start: str, end: str, dec_type: str = "1") -> list[dict[str, Any]]:
    answer = await browser.list(start, end, size=200, dec_type=dec_type)
    assert answer["responseCode"] == 100
    rows: list[dict[str, Any]] = answer["responseData"]["rows"]
    assert answer["responseData"]["total"] == len(rows)
    return rows


async def first_row(browser: Browser) -> dict[str, Any]:
    return (await rows_of(browser, *MAY))[0]


async def test_the_pages_of_a_list_together_are_the_whole_list(browser: Browser) -> None:
    whole = await rows_of(browser, *MAY)
    pages = [(await browser.list(*MAY, page=number, size=30))["responseData"]["rows"] for number in range(1, 9)]
    assert [row["entryId"] for page in pages for row in page] == [row["entryId"] for row in whole]
    assert len(whole) > 60


async def test_a_month_may_start_on_any_day(browser: Browser) -> None:
    assert (await browser.list("20260515", "20260615"))["responseCode"] == 100
    assert (await browser.list("20260131", "20260228"))["responseCode"] == 100


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("20260515", "20260616", "出口日期最长不能超过一个月"),
        ("20260131", "20260301", "出口日期最长不能超过一个月"),
        ("20250101", "20260101", "出口日期最长不能超过一个月"),
        ("", "20260101", "出口日期为必填"),
        ("20260101", "", "出口日期为必填"),
        ("20260102", "20260101", "出口日期的起始日期不能晚于截止日期"),
        ("2026-01-02", "2026-01-03", "出口日期格式不正确"),
        ("20260230", "20260301", "出口日期格式不正确"),
        ("２０２６０１０１", "20260102", "出口日期格式不正确"),
    ],
)
async def test_a_date_range_that_the_manual_forbids_is_refused(
    browser: Browser, start: str, end: str, message: str
) -> None:
    answer = await browser.list(start, end)
    assert (answer["responseCode"], answer["responseMsg"]) == (40002, message)


@pytest.mark.parametrize(
    "number", ["1", "1" * 17, "1" * 19, "22482026000001234x", "２２４８２０２６００００００１２３４"]
)
async def test_a_number_must_have_eighteen_digits(browser: Browser, number: str) -> None:
    answer = await browser.by_number(number)
    assert (answer["responseCode"], answer["responseMsg"]) == (40002, "请录入18位出口报关单号")


async def test_a_declaration_is_found_by_its_number_as_in_the_list(browser: Browser) -> None:
    row = await first_row(browser)
    assert (await browser.by_number(row["entryId"]))["responseData"] == {"total": 1, "code": 0, "rows": [row]}


async def test_an_unknown_number_finds_nothing(browser: Browser) -> None:
    assert (await browser.by_number("224820260999999999"))["responseData"] == {"total": 0, "code": 0, "rows": []}


async def test_the_kind_is_part_of_the_query(browser: Browser) -> None:
    departures = await rows_of(browser, *MAY, dec_type="2")
    assert departures
    assert (await browser.by_number(departures[0]["entryId"], "2"))["responseData"]["total"] == 1
    assert (await browser.by_number(departures[0]["entryId"], "1"))["responseData"]["total"] == 0
    assert (await browser.detail(departures[0], "2"))["responseData"]["cardHeadVo"]["rtxType"] == "001"


async def test_a_detail_agrees_with_its_row(browser: Browser) -> None:
    for row in (await rows_of(browser, *MAY))[:20]:
        data = (await browser.detail(row))["responseData"]
        assert data["cardHeadVo"]["entryId"] == row["entryId"]
        assert data["cardHeadVo"]["tradeCo"] == "3122960ABC"
        assert row["iEDate"].startswith(data["cardHeadVo"]["iEDate"])
        if {item["tradeCurr"] for item in data["cardList"]} == {"美元"}:
            assert sum(Decimal(item["declTotal"]) for item in data["cardList"]) == Decimal(str(row["usdPrices"]))


async def test_another_companys_declaration_is_not_shown(demo: Demo, browser: Browser, new_browser: NewBrowser) -> None:
    other = new_browser(demo)
    await other.log_in(Card.at(demo.card_of(DemoCard.OTHER_COMPANY)))
    theirs = await first_row(other)
    entry_id = theirs["entryId"]
    assert (await browser.by_number(entry_id))["responseData"]["total"] == 0
    for refused in (
        await browser.detail(theirs),
        (await browser.preview(entry_id)).json(),
        await browser.resend(entry_id),
        (await browser.post("sw/rtx/billDownload/downloadXml", {"entryId": entry_id})).json(),
    ):
        assert refused["responseMsg"] == "只支持报关单的境内收发货人查询，其他单位无查询权限"


async def test_a_detail_needs_the_token_of_its_row(browser: Browser) -> None:
    first, second = (await rows_of(browser, *MAY))[:2]
    answer = await browser.detail({"entryId": first["entryId"], "encryptStr": second["encryptStr"]})
    assert answer["responseCode"] == 40001


async def test_a_row_from_before_a_restart_still_opens_its_detail(open_demo: MakeDemo, new_browser: NewBrowser) -> None:
    rows = []
    for _ in range(2):
        demo = open_demo()
        visitor = new_browser(demo)
        await visitor.log_in(Card.at(demo.card))
        rows.append(await first_row(visitor))
    assert rows[0] == rows[1]
    assert (await visitor.detail(rows[0]))["responseCode"] == 100


async def test_the_first_list_and_the_first_detail_must_be_signed(browser: Browser) -> None:
    rows = await rows_of(browser, *MAY)
    for row in rows[:3]:
        await browser.detail(row)
    await browser.list("20260401", "20260430")
    await browser.by_number(rows[0]["entryId"])
    assert browser.signatures == ["".join(MAY), rows[0]["entryId"]]


@pytest.mark.parametrize(("signature_policy", "wanted"), [(SignaturePolicy.NEVER, 0), (SignaturePolicy.ALWAYS, 4)])
async def test_the_signature_policy_decides_how_often_calls_are_signed(
    open_demo: MakeDemo, new_browser: NewBrowser, signature_policy: SignaturePolicy, wanted: int
) -> None:
    demo = open_demo(signature_policy=signature_policy)
    visitor = new_browser(demo)
    await visitor.log_in(Card.at(demo.card))
    row = await first_row(visitor)
    await visitor.list(*MAY)
    await visitor.detail(row)
    await visitor.by_number(row["entryId"])
    assert len(visitor.signatures) == wanted


async def test_a_wrong_signature_is_refused_even_if_none_is_required(demo: Demo, browser: Browser, card: Card) -> None:
    row = await first_row(browser)
    stranger = Card.at(demo.card_of(DemoCard.OTHER_COMPANY))
    subject = f"{browser.cards}||{row['entryId']}"
    body = {"entryId": row["entryId"], "decType": "1", "encryptStr": row["encryptStr"]}
    for sign in (stranger.sign(subject), card.sign(row["entryId"]), "", "no base64", "AAAA", "签名".encode().hex()):
        assert browser.open(await browser.post(DETAIL, body, sign))["responseCode"] == 30002


async def test_a_signature_for_one_date_range_is_refused_for_another(browser: Browser, card: Card) -> None:
    body = {"decType": "1", "startDate": "20260401", "endDate": "20260430"}
    sign = card.sign(f"{browser.cards}||{''.join(MAY)}")
    assert browser.open(await browser.post(LIST, body, sign))["responseCode"] == 30002


async def test_a_resend_is_accepted_and_recorded(demo: Demo, browser: Browser) -> None:
    entry_ids = [row["entryId"] for row in await rows_of(browser, *MAY)][:10]
    assert await browser.resend(*entry_ids) == {"responseCode": 100, "responseMsg": "发送成功"}
    assert [entry_id for entry_id, _ in demo.store.resends()] == entry_ids


async def test_a_resend_without_a_signature_is_refused(demo: Demo, browser: Browser) -> None:
    row = await first_row(browser)
    answer = await browser.post(RESEND, {"ids": row["entryId"], "msgType": "RTXJG"})
    assert answer.json()["responseCode"] == 30001
    assert not demo.store.resends()


async def test_a_resend_accepts_ten_declarations_at_most(demo: Demo, browser: Browser) -> None:
    entry_ids = [row["entryId"] for row in await rows_of(browser, *MAY)][:11]
    assert (await browser.resend(*entry_ids))["responseMsg"] == "一次最多选择10条报关单数据"
    assert (await browser.resend())["responseMsg"] == "请选择报关单数据"
    assert (await browser.resend(*entry_ids[:1] * 2))["responseCode"] == 40001
    assert not demo.store.resends()


async def test_a_resend_with_an_unknown_number_resends_none(demo: Demo, browser: Browser) -> None:
    row = await first_row(browser)
    assert (await browser.resend(row["entryId"], "224820260999999999"))["responseCode"] == 40003
    assert not demo.store.resends()


async def test_a_preview_is_a_pdf_and_counts_as_a_print(
    open_demo: MakeDemo, browser: Browser, new_browser: NewBrowser
) -> None:
    row = await first_row(browser)
    response = await browser.preview(row["entryId"])
    assert response.headers["content-type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert (await first_row(browser))["printNum"] == row["printNum"] + 1
    later = new_browser(open_demo())
    await later.log_in(browser.card or Card.at(open_demo().card))
    assert (await first_row(later))["printNum"] == row["printNum"] + 1


async def test_a_preview_of_another_kind_is_refused_and_does_not_count(demo: Demo, browser: Browser) -> None:
    row = await first_row(browser)
    assert (await browser.preview(row["entryId"], "2")).json()["responseCode"] == 40003
    assert (await browser.preview("1")).json()["responseCode"] == 40002
    assert not demo.store.print_counts([row["entryId"]])


async def test_an_amendment_shows_in_list_and_detail_also_after_a_restart(
    open_demo: MakeDemo, browser: Browser, demo: Demo, new_browser: NewBrowser
) -> None:
    before = next(row for row in await rows_of(browser, *MAY) if row["opMode"] == "新增")
    old = (await browser.detail(before))["responseData"]
    demo.amend(before["entryId"])
    again = new_browser(open_demo())
    await again.log_in(Card.at(demo.card))
    for visitor in (browser, again):
        after = next(row for row in await rows_of(visitor, *MAY) if row["entryId"] == before["entryId"])
        assert (after["opMode"], after["dateDec"]) == ("修改", "2026-06-17 12:00:00")
        new = (await visitor.detail(after))["responseData"]
        assert new["cardHeadVo"]["modNum"] == "1"
        assert {"modNum": None} | new["cardHeadVo"] != {"modNum": "1"} | old["cardHeadVo"] or new != old


async def test_each_new_day_brings_amendments(open_demo: MakeDemo, new_browser: NewBrowser) -> None:
    async def states(today: date) -> dict[str, str]:
        demo = open_demo(today=today)
        visitor = new_browser(demo)
        await visitor.log_in(Card.at(demo.card))
        months = [("20260401", "20260430"), MAY, ("20260601", "20260630")]
        return {row["entryId"]: row["opMode"] for month in months for row in await rows_of(visitor, *month)}

    first = await states(date(2026, 6, 17))
    later = await states(date(2026, 6, 20))
    changed = [entry_id for entry_id in first if first[entry_id] != later[entry_id]]
    assert len(changed) >= 3
    assert {later[entry_id] for entry_id in changed} == {"修改"}
    assert await states(date(2026, 6, 20)) == later


async def test_the_anchor_is_the_day_of_the_first_start(open_demo: MakeDemo, new_browser: NewBrowser) -> None:
    demo = open_demo(today=date(2026, 6, 17) + timedelta(days=100))
    visitor = new_browser(demo)
    await visitor.log_in(Card.at(demo.card))
    assert demo.population.first_day == date(2025, 1, 1)
    assert (await visitor.list("20260901", "20260930"))["responseData"]["total"] > 40


def malformed_bodies() -> Iterator[tuple[str, bytes]]:
    list_body = {"decType": "1", "startDate": "20260501", "endDate": "20260531"}
    yield LIST, b""
    yield LIST, b"{"
    yield LIST, b"[]"
    yield LIST, b"\xff\xfe"
    yield LIST, b"[" * 20000
    yield LIST, json.dumps(list_body | {"decType": "3"}).encode()
    yield LIST, json.dumps(list_body | {"decType": 1}).encode()
    yield LIST, json.dumps(list_body | {"pageSize": 0}).encode()
    yield LIST, json.dumps(list_body | {"pageSize": 100000}).encode()
    yield LIST, json.dumps(list_body | {"curPage": -1}).encode()
    yield LIST, json.dumps(list_body | {"curPage": 10**30}).encode()
    yield LIST, json.dumps(list_body | {"padding": "x" * 70000}).encode()
    yield DETAIL, b'{"entryId": "224820260000012345"}'


@pytest.mark.parametrize(("path", "body"), list(malformed_bodies()))
async def test_a_malformed_request_is_refused_with_a_message(browser: Browser, path: str, body: bytes) -> None:
    answer = browser.open(await browser.post(path, body))
    assert answer["responseCode"] == 40001
    assert answer["responseMsg"]


async def test_the_session_names_its_company_and_card(browser: Browser) -> None:
    session = (await browser.http.get(browser.url("sw/rtx/commonQuery/getSession"))).json()
    assert session["cards"] == "JJ0G900000001"
    assert session["tradeName"] == "示例进出口有限公司"
    assert session["pwd"] == ""


async def test_an_unknown_address_is_refused_with_a_message(browser: Browser) -> None:
    response = await browser.http.get(browser.url("sw/rtx/nothing"))
    assert (response.status_code, response.json()["responseMsg"]) == (404, "请求的地址不存在")
    assert (await browser.http.get(browser.url(LIST))).status_code == 405
