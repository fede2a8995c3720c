"""What the port lists although it was not asked for."""

from datetime import timedelta

import pytest
from starlette.responses import JSONResponse

from jiacha_tui.actions.query import run_query
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.eport.problems import OtherDeclaration
from tests.actions.served_port import ServedPort
from tests.app_contexts import TODAY
from tests.faulty_port import always

OTHER_ID = "310120250000147213"
LIST = "queryEntryIdBill"
MONTH = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month), Kind.CLEARED)


def listing(*rows: tuple[str, str]) -> dict[str, object]:
    return {"total": len(rows), "rows": [{"entryId": number, "iEDate": day, "encryptStr": "x"} for number, day in rows]}


def answer_with(port: ServedPort, *rows: tuple[str, str]) -> None:
    """Every list has these rows. They come without an envelope, which the program reads too."""
    port.http.faults[LIST] = always(JSONResponse({"responseCode": 100, "responseData": listing(*rows)}))


async def test_another_declaration_than_the_queried_one_is_not_found(port: ServedPort) -> None:
    (entry_id,) = (await port.numbers("类型:结关"))[:1]
    answer_with(port, (OTHER_ID, "20260601"))
    with pytest.raises(OtherDeclaration) as problem:
        await run_query(port.session, NumberQuery(entry_id), lambda _listed: None)
    assert entry_id in problem.value.message
    assert OTHER_ID in problem.value.message
    assert port.session.declarations.get(OTHER_ID) is None
    assert await port.marked() == set()


async def test_another_declaration_beside_the_queried_one_is_set_aside(port: ServedPort) -> None:
    (entry_id,) = (await port.numbers("类型:结关"))[:1]
    answer_with(port, (OTHER_ID, "20260601"), (entry_id, "20260601"))
    outcome = await run_query(port.session, NumberQuery(entry_id), lambda _listed: None)
    assert outcome.found == 1
    assert "1 行不能用" in outcome.incomplete
    assert port.session.declarations.get(OTHER_ID) is None


async def test_rows_outside_of_the_range_are_kept_and_counted_and_nothing_is_marked(port: ServedPort) -> None:
    before = f"{MONTH.date_range.start - timedelta(days=1):%Y%m%d}"
    answer_with(port, (OTHER_ID, before), ("310120250000147214", f"{TODAY:%Y%m%d}"))
    outcome = await run_query(port.session, MONTH, lambda _listed: None)
    assert (outcome.found, outcome.delisted) == (2, 0)
    assert "其中 1 票的出口日期不在所查范围内" in outcome.text()
    assert "其中 1 票" in outcome.incomplete
    assert port.session.declarations.get(OTHER_ID) is not None
    assert await port.marked() == set()


async def test_a_sync_does_not_take_a_list_with_rows_of_other_months_for_complete(port: ServedPort) -> None:
    answer_with(port, (OTHER_ID, "20200101"))
    summary = await port.sync(months=1)
    assert (summary.outside, summary.is_complete) == (2, False), "one in the list of each kind"
    assert summary.incomplete == (f"{TODAY:%Y-%m}",)
    assert "2 票的出口日期不在所查的月份内" in summary.text()
    assert await port.marked() == set()
