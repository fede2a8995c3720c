"""Writes declarations as the wire has them: the rows of a list and the two parts of a detail (docs/port.md).

Kept apart from the program's own reader of the wire, so that a test of one against the other finds mistakes in both.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from jiacha_tui.declaration.model import Declaration, Head, Item

_STATISTICAL_WIDTH: Final = 17
_NO_FEE: Final = "0"


def row_members(declaration: Declaration, print_count: int, token: str) -> dict[str, object]:
    """One element of `rows` in a list."""
    summary = declaration.summary
    return {
        "entryId": summary.entry_id,
        "iEDate": f"{summary.exported_on:%Y%m%d}000000",
        "iEPort": summary.exit_customs,
        "dateDec": f"{summary.reported_at:%Y-%m-%d %H:%M:%S}",
        "usdPrices": summary.usd_amount,
        "printNum": print_count,
        "opMode": summary.transfer_state,
        "flagDec": summary.dec_flag,
        "flagConta": summary.container_flag,
        "encryptStr": token,
    }


def head_members(head: Head) -> dict[str, str]:
    """`cardHeadVo`: all values are texts. Empty ones are left out; a fee that does not apply is "0"."""
    members = {
        "entryId": head.entry_id,
        "seqNo": head.unified_no,
        "preEntryId": head.pre_entry_id,
        "status": head.status,
        "aFlag": head.a_flag,
        "modNum": _integer(head.amendment_count),
        "rtxType": head.rtx_type,
        "ediNote": head.edi_note,
        "declPort": head.declaration_customs,
        "iePort": head.exit_customs,
        "iEDate": _day(head.exported_on),
        "dDate": _day(head.declared_on),
        "tradeCo": head.consignor_code,
        "tradeName": head.consignor_name,
        "ownerCode": head.owner_code,
        "ownerName": head.owner_name,
        "agentCode": head.agent_code,
        "agentName": head.agent_name,
        "trafMode": head.transport_mode,
        "trafName": head.transport_name,
        "voyageNo": head.voyage_no,
        "billNo": head.bill_no,
        "tradeMode": head.trade_mode,
        "cutMode": head.cut_mode,
        "payWay": head.settlement,
        "licenseNo": head.licence_no,
        "tradeCountry": head.destination_country,
        "destinatePort": head.destination_port,
        "districtCode": head.district,
        "transMode": head.trans_mode,
        "feeMark": head.freight_mark,
        "feeCurr": head.freight_currency,
        "feeRate": _fee(head.freight),
        "insurMark": head.insurance_mark,
        "insurCurr": head.insurance_currency,
        "insurRate": _fee(head.insurance),
        "otherMark": head.other_mark,
        "otherCurr": head.other_currency,
        "otherRate": _fee(head.other),
        "packNo": _integer(head.package_count),
        "wrapType": head.wrap_type,
        "grossWt": _decimal(head.gross_weight),
        "netWt": _decimal(head.net_weight),
        "contaId": head.container_ids,
        "jzxsl": head.container_count,
        "certMark": head.certificates,
        "apprNo": head.approval_no,
        "contrNo": head.contract_no,
        "manualNo": head.manual_no,
        "coOwner": head.enterprise_kind,
        "paymentMark": head.tax_payer,
        "noteS": head.remarks,
    }
    return _without_empty(members)


def item_members(item: Item, head: Head) -> dict[str, str]:
    """One element of `cardList`. `originCountry` is the 最终目的国: in an export the wire swaps the two names."""
    members = {
        "gNo": str(item.number),
        "codeT": item.hs_code,
        "codeS": item.hs_suffix,
        "contrItem": item.manual_item,
        "gName": item.name,
        "gModel": item.model,
        "gQty": _decimal(item.quantity),
        "gUnit": item.unit,
        "qty1": _decimal(item.first_quantity),
        "unit1": item.first_unit,
        "qty2": _decimal(item.second_quantity),
        "unit2": item.second_unit,
        "declPrice": _decimal(item.price),
        "declTotal": _decimal(item.total),
        "tradeCurr": item.currency,
        "originCountry": item.destination_country,
        "dutyMode": item.duty_mode,
        "usdPrice": _statistical(item.usd_value),
        "rmbPrice": _statistical(item.cny_value),
        "ybf": _decimal(item.freight_and_insurance),
        "zsl": _decimal(item.levy_rate),
        "tsl": _decimal(item.refund_rate),
        "productName": item.producer,
        "modNum": _integer(item.amendment_count),
        "seqNo": head.unified_no,
        "entryId": head.entry_id,
    }
    return _without_empty(members)


def _without_empty(members: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in members.items() if text}


def _day(value: date | datetime | None) -> str:
    return f"{value:%Y%m%d}" if value else ""


def _integer(value: int | None) -> str:
    return "" if value is None else str(value)


def _decimal(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _fee(value: Decimal | None) -> str:
    return _NO_FEE if value is None else f"{value:f}"


def _statistical(value: Decimal | None) -> str:
    """A whole number with two decimals, padded with blanks on the left."""
    return "" if value is None else f"{value:{_STATISTICAL_WIDTH}.2f}"
