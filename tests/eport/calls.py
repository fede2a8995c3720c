"""One call of each kind, with the data that the tests use."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal

from jiacha_tui.declaration.model import Kind, Summary
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.eport.client import PortClient
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    PREVIEW,
    RESEND,
)

ENTRY_ID, OTHER_ID = "223320250000012345", "310120250000147213"
JUNE = DateRangeQuery(DateRange(date(2025, 6, 1), date(2025, 6, 30)))
ROW = {
    "entryId": ENTRY_ID,
    "iEDate": "20250630",
    "iEPort": "浦东机场",
    "dateDec": "2025-07-02 10:11:12",
    "usdPrices": 18234.1,
    "printNum": 1,
    "opMode": "修改",
    "flagDec": "1",
    "flagConta": "0",
    "encryptStr": "abc=",
}
SUMMARY = Summary(
    entry_id=ENTRY_ID,
    exported_on=date(2025, 6, 30),
    exit_customs="浦东机场",
    reported_at=datetime.fromisoformat("2025-07-02T10:11:12"),
    usd_amount=Decimal("18234.1"),
    print_count=1,
    transfer_state="修改",
    dec_flag="1",
    container_flag="0",
    detail_token="abc=",
)

Call = Callable[[PortClient], Awaitable[object]]
CALLS: dict[str, Call] = {
    LIST: lambda client: client.list_page(JUNE, 1),
    DETAIL: lambda client: client.detail(SUMMARY),
    PREVIEW: lambda client: client.official_print_pdf(ENTRY_ID, Kind.CLEARED),
    RESEND: lambda client: client.resend([ENTRY_ID]),
    DOWNLOAD: lambda client: client.download(JUNE),
}
READ_CALLS = [LIST, DETAIL, PREVIEW, DOWNLOAD]
