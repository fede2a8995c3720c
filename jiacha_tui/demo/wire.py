"""Declarations as the port writes them: the rows of a list and the two halves of a detail (docs/port.md).

Kept apart from the program's own reading of the wire, so that a test of one against the other means something.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from jiacha_tui.declaration.model import Declaration, Head, Item

_STATISTICAL_WIDTH: Final = 17
_NO_FEE: Final = "0"


def row(declaration: Declaration, print_count: int, token: str) -> dict[str, object]:
    """One of `rows`."""
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


def head(value: Head) -> dict[str, str]:
    """`cardHeadVo`: texts all; what is empty is left out, a fee that does not apply is "0"."""
    members = {
        "entryId": value.entry_id,
        "seqNo": value.unified_no,
        "preEntryId": value.pre_entry_id,
        "status": value.status,
        "aFlag": value.a_flag,
        "modNum": _whole(value.amendment_count),
        "rtxType": value.rtx_type,
        "ediNote": value.edi_note,
        "declPort": value.declaration_customs,
        "iePort": value.exit_customs,
        "iEDate": _day(value.exported_on),
        "dDate": _day(value.declared_on),
        "tradeCo": value.consignor_code,
        "tradeName": value.consignor_name,
        "ownerCode": value.owner_code,
        "ownerName": value.owner_name,
        "agentCode": value.agent_code,
        "agentName": value.agent_name,
        "trafMode": value.transport_mode,
        "trafName": value.transport_name,
        "voyageNo": value.voyage_no,
        "billNo": value.bill_no,
        "tradeMode": value.trade_mode,
        "cutMode": value.cut_mode,
        "payWay": value.settlement,
        "licenseNo": value.licence_no,
        "tradeCountry": value.destination_country,
        "destinatePort": value.destination_port,
        "districtCode": value.district,
        "transMode": value.trans_mode,
        "feeMark": value.freight_mark,
        "feeCurr": value.freight_currency,
        "feeRate": _fee(value.freight),
        "insurMark": value.insurance_mark,
        "insurCurr": value.insurance_currency,
        "insurRate": _fee(value.insurance),
        "otherMark": value.other_mark,
        "otherCurr": value.other_currency,
        "otherRate": _fee(value.other),
        "packNo": _whole(value.package_count),
        "wrapType": value.wrap_type,
        "grossWt": _number(value.gross_weight),
        "netWt": _number(value.net_weight),
        "contaId": value.container_ids,
        "jzxsl": value.container_count,
        "certMark": value.certificates,
        "apprNo": value.approval_no,
        "contrNo": value.contract_no,
        "manualNo": value.manual_no,
        "coOwner": value.enterprise_kind,
        "paymentMark": value.tax_payer,
        "noteS": value.remarks,
    }
    return _filled(members)


def item(value: Item, of: Head) -> dict[str, str]:
    """One of `cardList`. `originCountry` is the 最终目的国: in an export the wire swaps the two names."""
    members = {
        "gNo": str(value.number),
        "codeT": value.hs_code,
        "codeS": value.hs_suffix,
        "contrItem": value.manual_item,
        "gName": value.name,
        "gModel": value.model,
        "gQty": _number(value.quantity),
        "gUnit": value.unit,
        "qty1": _number(value.first_quantity),
        "unit1": value.first_unit,
        "qty2": _number(value.second_quantity),
        "unit2": value.second_unit,
        "declPrice": _number(value.price),
        "declTotal": _number(value.total),
        "tradeCurr": value.currency,
        "originCountry": value.destination_country,
        "dutyMode": value.duty_mode,
        "usdPrice": _statistical(value.usd_value),
        "rmbPrice": _statistical(value.cny_value),
        "ybf": _number(value.freight_and_insurance),
        "zsl": _number(value.levy_rate),
        "tsl": _number(value.refund_rate),
        "productName": value.producer,
        "modNum": _whole(value.amendment_count),
        "seqNo": of.unified_no,
        "entryId": of.entry_id,
    }
    return _filled(members)


def _filled(members: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in members.items() if text}


def _day(value: date | datetime | None) -> str:
    return f"{value:%Y%m%d}" if value else ""


def _whole(value: int | None) -> str:
    return "" if value is None else str(value)


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _fee(value: Decimal | None) -> str:
    return _NO_FEE if value is None else f"{value:f}"


def _statistical(value: Decimal | None) -> str:
    """A whole number with two zeros, padded on the left."""
    return "" if value is None else f"{value:{_STATISTICAL_WIDTH}.2f}"
