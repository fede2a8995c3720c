"""The program's client reads what the embedded port writes: both were written apart from docs/port.md."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import httpx
import pytest

from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.declaration.model import Declaration, Head, Kind, Summary
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.encrypted_xml.decrypt import decrypt_file
from jiacha_tui.encrypted_xml.rtx_message import read_rtx_message
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import OutcomeUnknown, PortRefused
from jiacha_tui.eport.settings import PortSettings
from tests.demo.conftest import TODAY


@pytest.fixture
async def client(demo: Demo) -> AsyncIterator[PortClient]:
    client = PortClient(PortSettings.under_root(demo.root_url), transport=httpx.ASGITransport(demo.application))
    card = await SoftCard(demo.card).open(Pin.parse("12345678"))
    await client.log_in(card)
    yield client
    await client.aclose()
    await card.close()


def without_zero_fees(head: Head | None) -> Head:
    """The head without fees of 0: on the wire "0" means that there is no fee."""
    assert head is not None
    return replace(head, freight=head.freight or None, insurance=head.insurance or None, other=head.other or None)


def declaration_at_port(demo: Demo, summary: Summary) -> Declaration:
    found = demo.population.find(summary.entry_id, demo.clock())
    assert found is not None
    return found[1]


@pytest.mark.parametrize("kind", list(Kind))
async def test_every_field_arrives_unchanged(demo: Demo, client: PortClient, kind: Kind) -> None:
    """For a whole month, edge cases included."""
    page = await client.list_page(DateRangeQuery(DateRange.month(2026, 6), kind), 1, 200)
    assert page.total == len(page.rows)
    for row in page.rows:
        expected = declaration_at_port(demo, row)
        assert replace(row, detail_token="") == expected.summary
        read = await client.detail(row)
        assert without_zero_fees(read.head) == expected.head
        assert read.items == expected.items


async def test_the_client_reports_the_refusals_of_the_port(demo: Demo, client: PortClient) -> None:
    with pytest.raises(PortRefused, match="超过了 1000 条的下载上限"):
        await client.download(DateRangeQuery(DateRange(date(2026, 4, 20), date(2026, 5, 10))))
    page = await client.list_page(DateRangeQuery(DateRange.month(2026, 6)), 1)
    with pytest.raises(OutcomeUnknown, match="一次最多选择10条报关单数据"):
        await client.resend([row.entry_id for row in page.rows[:11]])


async def test_the_actions_of_the_client_reach_the_port(demo: Demo, client: PortClient) -> None:
    query = DateRangeQuery(DateRange.month(2026, 6))
    row = (await client.list_page(query, 1)).rows[0]
    assert (await client.resend([row.entry_id])).code == 100
    assert [entry_id for entry_id, _ in demo.store.resends()] == [row.entry_id]
    assert (await client.official_print_pdf(row.entry_id, row.kind)).startswith(b"%PDF-")
    assert (await client.list_page(query, 1)).rows[0].print_count == 1
    assert b"SealedMessage" in await client.download(DateRangeQuery(DateRange.day(row.exported_on or date.min)))


async def test_a_file_with_attachments_is_read_like_any_other(demo: Demo, client: PortClient) -> None:
    days = DateRangeQuery(DateRange(demo.population.first_day, TODAY))
    with_attachment = next(
        declaration
        for declaration in demo.population.declarations(DEMO_COMPANY, days, demo.clock())
        if demo.population.attachment_bytes(declaration)
    )
    day = DateRangeQuery(DateRange.day(with_attachment.summary.exported_on or date.min))
    file = await client.download(day)
    card = await SoftCard(demo.card).open(Pin.parse("12345678"))
    read = list(read_rtx_message(await decrypt_file(file, card.decrypt)))
    expected = list(demo.population.declarations(DEMO_COMPANY, day, demo.clock()))
    assert [(one.head.entry_id, len(one.items)) for one in read if isinstance(one, Declaration) and one.head] == [
        (one.summary.entry_id, len(one.items)) for one in expected
    ]
