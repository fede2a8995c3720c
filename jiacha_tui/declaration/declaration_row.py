"""A row of the declaration table on the main screen, its columns, its sort order and the totals above it."""

import enum
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from jiacha_tui.declaration.model import Kind, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationRow:
    """A declaration as the table shows it.

    The fields `destination_country` to `goods` come from the detail. While `has_detail` is false they are empty and
    `item_count` is None. `goods` is the name of the first item.

    `reported_at` is the port's local time (Beijing), without a time zone. The other times have a time zone:
    `downloaded_at` and `resent_at` say when this cache last downloaded and last resent the declaration;
    `resend_unknown_at` says when a later resend was sent whose outcome is still unknown; `delisted_at` says when the
    port's list was found to lack the declaration, and is None while the port lists it; `file_outdated_at` and
    `print_outdated_at` say when it was noticed that the port had changed the data after the last download or print.
    """

    entry_id: str
    kind: Kind = Kind.CLEARED
    exported_on: date | None = None
    exit_customs: str = ""
    usd_amount: Decimal | None = None
    reported_at: datetime | None = None
    transfer_state: str = ""
    print_count: int = 0
    destination_country: str = ""
    consignor_name: str = ""
    contract_no: str = ""
    trade_mode: str = ""
    item_count: int | None = None
    goods: str = ""
    origin: Origin = Origin.PORT
    has_detail: bool = False
    downloaded_at: datetime | None = None
    resent_at: datetime | None = None
    resend_unknown_at: datetime | None = None
    delisted_at: datetime | None = None
    file_outdated_at: datetime | None = None
    print_outdated_at: datetime | None = None

    @property
    def is_outdated(self) -> bool:
        """Whether the file or the print that was made here is no longer as the port has it."""
        return self.file_outdated_at is not None or self.print_outdated_at is not None


class Column(enum.Enum):
    """A column of the table; the table can be sorted by each. The value is the attribute of `DeclarationRow`."""

    ENTRY_ID = "entry_id"
    KIND = "kind"
    EXPORTED_ON = "exported_on"
    EXIT_CUSTOMS = "exit_customs"
    USD_AMOUNT = "usd_amount"
    REPORTED_AT = "reported_at"
    TRANSFER_STATE = "transfer_state"
    PRINT_COUNT = "print_count"
    DESTINATION_COUNTRY = "destination_country"
    CONSIGNOR_NAME = "consignor_name"
    CONTRACT_NO = "contract_no"
    TRADE_MODE = "trade_mode"
    ITEM_COUNT = "item_count"
    GOODS = "goods"
    ORIGIN = "origin"
    HAS_DETAIL = "has_detail"
    DOWNLOADED_AT = "downloaded_at"
    RESENT_AT = "resent_at"
    RESEND_UNKNOWN_AT = "resend_unknown_at"
    DELISTED_AT = "delisted_at"
    FILE_OUTDATED_AT = "file_outdated_at"
    PRINT_OUTDATED_AT = "print_outdated_at"

    @property
    def label(self) -> str:
        """The Chinese title of the column."""
        return _LABELS[self]


_LABELS = {
    Column.ENTRY_ID: "报关单号",
    Column.KIND: "报关单类型",
    Column.EXPORTED_ON: "出口日期",
    Column.EXIT_CUSTOMS: "出口口岸",
    Column.USD_AMOUNT: "报关金额USD",
    Column.REPORTED_AT: "报送时间",
    Column.TRANSFER_STATE: "数据传输状态",
    Column.PRINT_COUNT: "打印次数",
    Column.DESTINATION_COUNTRY: "运抵国",
    Column.CONSIGNOR_NAME: "境内收发货人",
    Column.CONTRACT_NO: "合同协议号",
    Column.TRADE_MODE: "监管方式",
    Column.ITEM_COUNT: "表体条数",
    Column.GOODS: "商品名称",
    Column.ORIGIN: "来源",
    Column.HAS_DETAIL: "详情",
    Column.DOWNLOADED_AT: "下载时间",
    Column.RESENT_AT: "重发时间",
    Column.RESEND_UNKNOWN_AT: "未知重发的时间",
    Column.DELISTED_AT: "不再列出的时间",
    Column.FILE_OUTDATED_AT: "下载后有变的时间",
    Column.PRINT_OUTDATED_AT: "打印后有变的时间",
}


@dataclass(frozen=True, slots=True)
class Order:
    """How the table is sorted. Rows with the same value in `column` are sorted by 报关单号, in the same direction."""

    column: Column = Column.EXPORTED_ON
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums over a result: declarations (票), items (条) and USD.

    `items` counts the items in the cache. If `items_known` is false, some details are missing from the cache and the
    true number may be higher. `delisted` counts the declarations that the port no longer lists. The table shows them,
    and they are in none of the other figures.
    """

    declarations: int
    items: int
    usd: Decimal
    items_known: bool
    delisted: int = 0

    @property
    def rows(self) -> int:
        """How many declarations the table shows."""
        return self.declarations + self.delisted
