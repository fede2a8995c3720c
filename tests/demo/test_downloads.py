"""XML 文件下载: the limits with their official texts, and files that only the right card decrypts."""

import asyncio
import base64
import re
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.card_issuing import INVENTED_PERSONAL_NUMBER
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from tests.demo.browser import DOWNLOAD, Browser, Card
from tests.file_decryption import EncryptedParts
from tests.needs import needs

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def decrypt_download(encrypted: bytes, card: Card) -> etree._Element:
    """The RtxMessage in a download, decrypted with the card's key."""
    parts = EncryptedParts.of(encrypted)
    content = parts.decrypt_content(card.key.decrypt(parts.key, OAEP))
    return etree.fromstring(content, etree.XMLParser(huge_tree=True))


def day_with_many_items(demo: Demo) -> date:
    days = (demo.population.first_day + timedelta(days=offset) for offset in range(560))
    return next(
        day
        for day in days
        if demo.population.item_total(DEMO_COMPANY, DateRangeQuery(DateRange.day(day)), demo.clock()) > 1000
    )


def first_day_with_attachments(demo: Demo) -> date:
    whole = DateRangeQuery(DateRange(demo.population.first_day, demo.clock().date()))
    return next(
        declaration.summary.exported_on or date.min
        for declaration in demo.population.declarations(DEMO_COMPANY, whole, demo.clock())
        if demo.population.attachment_bytes(declaration)
    )


def wire_day(day: date) -> str:
    return f"{day:%Y%m%d}"


async def test_a_file_holds_the_declarations_of_the_query(demo: Demo, browser: Browser, card: Card) -> None:
    response = await browser.download("20260501", "20260510")
    assert response.headers["content-type"] == "application/xml"
    message = decrypt_download(response.content, card)
    rows = (await browser.list("20260501", "20260510", size=200))["responseData"]["rows"]
    assert [dec.findtext("DecHead/bgd_no") for dec in message] == [row["entryId"] for row in rows]
    for dec, row in zip(message, rows, strict=True):
        data = (await browser.detail(row))["responseData"]
        assert dec.findtext("DecHead/lj_date") == data["cardHeadVo"]["iEDate"]
        assert dec.findtext("DecHead/cj_type") == data["cardHeadVo"]["transMode"]
        assert [Decimal(str(item.findtext("yb_amt"))) for item in dec.iterfind("DecLists/DecList")] == [
            Decimal(item["declTotal"]) for item in data["cardList"]
        ]
        for item in dec.iterfind("DecLists/DecList"):
            assert re.fullmatch(r"\d{3}", str(item.findtext("Fd_unit")))
            assert re.fullmatch(r"[A-Z]{3}", str(item.findtext("Yb_bz")))


async def test_no_other_card_decrypts_a_file(demo: Demo, browser: Browser) -> None:
    response = await browser.download("20260501", "20260502")
    with pytest.raises((ValueError, InvalidTag)):
        decrypt_download(response.content, Card.at(demo.card_of(DemoCard.NEARLY_EXPIRED)))


async def test_one_declaration_is_downloaded_by_its_number(browser: Browser, card: Card) -> None:
    row = (await browser.list("20260501", "20260531"))["responseData"]["rows"][0]
    response = await browser.post(DOWNLOAD, {"entryId": row["entryId"]})
    assert [dec.findtext("DecHead/bgd_no") for dec in decrypt_download(response.content, card)] == [row["entryId"]]


@needs("xmlsec1")
async def test_another_program_confirms_the_signature(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes((await browser.download("20260501", "20260505")).content)
    authority = tmp_path / "authority.pem"
    pem = (demo.card.parent / "card-authority.pem").read_bytes()
    authority.write_bytes(pem[pem.index(b"-----BEGIN CERTIFICATE-----") :])

    def verify() -> int:
        command = ["xmlsec1", "--verify", "--trusted-pem", str(authority), str(path)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert await asyncio.to_thread(verify) == 0
    path.write_bytes(path.read_bytes().replace(b'application/xml"', b'application/xm1"'))
    assert await asyncio.to_thread(verify) != 0


async def test_over_a_thousand_items_in_several_days_are_refused_with_their_number(
    demo: Demo, browser: Browser
) -> None:
    day = day_with_many_items(demo)
    start = day - timedelta(days=1)
    total = demo.population.item_total(DEMO_COMPANY, DateRangeQuery(DateRange(start, day)), demo.clock())
    answer = (await browser.download(wire_day(start), wire_day(day))).json()
    assert answer == {
        "responseCode": 40002,
        "responseMsg": f"下载失败：您本次下载的{total}条数据，超过了 1000 条的下载上限，"
        "请重新设置查询条件进行下载，缩小查询范围",
    }


async def test_a_single_day_has_no_limit(demo: Demo, browser: Browser, card: Card) -> None:
    day = wire_day(day_with_many_items(demo))
    items = decrypt_download((await browser.download(day, day)).content, card).findall("Dec/DecLists/DecList")
    assert len(items) > 1000


async def test_over_8m_in_several_days_is_refused(demo: Demo, browser: Browser) -> None:
    day = first_day_with_attachments(demo)
    answer = (await browser.download(wire_day(day), wire_day(day + timedelta(days=2)))).json()
    assert answer == {"responseCode": 40002, "responseMsg": "您下载的报关单数据量过大，请调整查询区间后再试！"}


async def test_one_day_and_two_days_with_attachments_are_within_the_limit(
    demo: Demo, browser: Browser, card: Card
) -> None:
    day = first_day_with_attachments(demo)
    one = (await browser.download(wire_day(day), wire_day(day))).content
    two = (await browser.download(wire_day(day), wire_day(day + timedelta(days=1)))).content
    assert 3_000_000 < len(one) < len(two) <= 8 * 1024 * 1024
    assert len(decrypt_download(two, card).findall("Dec/DecMarkLob/Attachment")) == 24


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("20260401", "20260501", "出口日期查询区间最长不能超过30天"),
        ("", "", "出口日期为必填"),
        ("20260502", "20260501", "出口日期的起始日期不能晚于截止日期"),
        ("20240101", "20240102", "未查询到符合条件的报关单数据"),
        ("20270101", "20270102", "未查询到符合条件的报关单数据"),
    ],
)
async def test_a_download_that_the_manual_forbids_is_refused(
    browser: Browser, start: str, end: str, message: str
) -> None:
    assert (await browser.download(start, end)).json()["responseMsg"] == message


async def test_thirty_days_are_allowed(browser: Browser, card: Card) -> None:
    response = await browser.download("20260203", "20260304")
    assert response.headers["content-type"] == "application/xml", response.text
    assert len(decrypt_download(response.content, card)) > 60


async def test_a_file_contains_no_personal_number(browser: Browser, card: Card) -> None:
    number = INVENTED_PERSONAL_NUMBER.encode()
    file = (await browser.download("20260501", "20260502")).content
    assert number in card.certificate.public_bytes(Encoding.DER)
    assert number not in file
    for text in re.findall(rb"[A-Za-z0-9+/]{200,}={0,2}", file):
        assert number not in base64.b64decode(text[: len(text) // 4 * 4])
