"""Writes an RtxMessage: the file of declarations that a download brings, before it is encrypted.

It carries codes where a detail carries Chinese names. Kept apart from the program's own reader
(`encrypted_xml.rtx_message`), so that a test of one against the other means something.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from jiacha_tui.declaration.codes import CodeTable, code_of
from jiacha_tui.declaration.model import Declaration, Head, Item

_NO_FEE: Final = "0"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_rtx_message(declarations: Iterable[Declaration]) -> bytes:
    """An RtxMessage in UTF-8. Raises ValueError for a declaration without a head.

    Characters that XML cannot carry become U+FFFD.
    """
    root = etree.Element("RtxMessage")
    for declaration in declarations:
        if declaration.head is None:
            raise ValueError(f"{declaration.summary.entry_id} has no detail")
        dec = etree.SubElement(root, "Dec")
        _add_texts(etree.SubElement(dec, "DecHead"), _head(declaration.head))
        lists = etree.SubElement(dec, "DecLists")
        for item in declaration.items:
            _add_texts(etree.SubElement(lists, "DecList"), _item(item))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _head(head: Head) -> Mapping[str, str]:
    return {
        "bgd_no": head.entry_id,
        "lj_date": _day(head.exported_on),
        "ht_no": head.contract_no,
        "cj_type": head.trans_mode,
        "yf": _fee(head.freight),
        "bf": _fee(head.insurance),
        "my_type": _code(CodeTable.TRADE_MODE, head.trade_mode),
    }


def _item(item: Item) -> Mapping[str, str]:
    return {
        "spxh": str(item.number),
        "cmcode": item.hs_code,
        "cm_name": item.name,
        "Yb_bz": _code(CodeTable.CURRENCY, item.currency),
        "yb_amt": _number(item.total),
        "Fd_unit": _code(CodeTable.UNIT, item.first_unit),
        "Fd_qnt": _number(item.first_quantity),
        "No2_Fd_unit": _code(CodeTable.UNIT, item.second_unit),
        "No2_Fd_qnt": _number(item.second_quantity),
        "Cj_unit": _code(CodeTable.UNIT, item.unit),
        "Cj_qnt": _number(item.quantity),
    }


def _add_texts(parent: etree._Element, texts: Mapping[str, str]) -> None:
    for tag, text in texts.items():
        etree.SubElement(parent, tag).text = _NOT_XML.sub("\ufffd", text)


def _code(table: CodeTable, name: str) -> str:
    return code_of(table, name) or name


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _fee(value: Decimal | None) -> str:
    return _NO_FEE if value is None else f"{value:f}"


def _day(value: date | None) -> str:
    return "" if value is None else f"{value:%Y%m%d}"
