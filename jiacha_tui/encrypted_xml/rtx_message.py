"""Reads an RtxMessage: the declarations in a downloaded file once it is decrypted.

The format was observed in two independent programs that read such files.

A file carries codes where the port's detail carries Chinese names; the known codes are turned into names. Fields that
the file does not carry stay blank.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO

from lxml import etree

from jiacha_tui.declaration.codes import CodeTable, name_of
from jiacha_tui.declaration.entry_number import parse_entry_id
from jiacha_tui.declaration.model import Declaration, Head, Item, Origin, Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.text_limits import cut_text
from jiacha_tui.encrypted_xml.dec_stream import DecChunk, DecStream


@dataclass(frozen=True, slots=True)
class UnreadableDec:
    """A part of the file that is not a readable declaration.

    `line` is counted from 1, `reason` is Chinese, `entry_id` is "" if not even the 报关单号 is readable.
    """

    entry_id: str
    line: int
    reason: str


def read_rtx_message(source: bytes | BinaryIO) -> Iterator[Declaration | UnreadableDec]:
    """Yields the declarations of an RtxMessage in the order of the file, an UnreadableDec in place of a bad one.

    Tags may be in any case. The text may be UTF-8 with or without BOM, GB2312 or GB18030, declared or not.
    Raises NotRtxMessage, when the first one is taken, if the file is something else or carries a DTD.
    """
    stream = DecStream(io.BytesIO(source) if isinstance(source, bytes) else source)
    for chunk in stream:
        yield UnreadableDec("", chunk.line, chunk.fault) if chunk.fault else _read_dec(chunk, stream.declared_encoding)


@dataclass(frozen=True, slots=True)
class _Field:
    """One tag, the attribute of the model that it fills, and how its text becomes the value.

    `read` raises ValueError with a Chinese reason.
    """

    tag: str
    attribute: str
    read: Callable[[str], Any]


_NUMBER = re.compile(r"[+-]?(?:\d{1,14}(?:\.\d*)?|\.\d+)", re.ASCII)
_DATE = re.compile(r"(\d{4})([-/]?)(\d{2})\2(\d{2})", re.ASCII)


def _as_is(text: str) -> str:
    return cut_text(text)


def _read_number(text: str) -> Decimal | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError("不是数字")
    return Decimal(text)


def _read_fee(text: str) -> Decimal | None:
    """A fee of "0" means that there is none."""
    return _read_number(text) or None


def _read_item_number(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII):
        raise ValueError("不是项号")
    return int(text)


def _read_date(text: str) -> date | None:
    if not text:
        return None
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError("不是日期")
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise ValueError("不是日期") from None


def _read_entry_id(text: str) -> str:
    try:
        return parse_entry_id(text)
    except Problem as problem:
        raise ValueError(problem.message) from problem


def _code_name(table: CodeTable, code: str) -> str:
    return name_of(table, code) or cut_text(code)


def _text(tag: str, attribute: str) -> _Field:
    return _Field(tag, attribute, _as_is)


def _number(tag: str, attribute: str) -> _Field:
    return _Field(tag, attribute, _read_number)


def _fee(tag: str, attribute: str) -> _Field:
    return _Field(tag, attribute, _read_fee)


def _coded(tag: str, attribute: str, table: CodeTable) -> _Field:
    return _Field(tag, attribute, partial(_code_name, table))


_HEAD = (
    _Field("bgd_no", "entry_id", _read_entry_id),
    _Field("lj_date", "exported_on", _read_date),
    _text("ht_no", "contract_no"),
    _coded("cj_type", "trans_mode", CodeTable.TRANS_MODE),
    _fee("yf", "freight"),
    _fee("bf", "insurance"),
    _coded("my_type", "trade_mode", CodeTable.TRADE_MODE),
)
_ITEM = (
    _Field("spxh", "number", _read_item_number),
    _text("cmcode", "hs_code"),
    _text("cm_name", "name"),
    _coded("Yb_bz", "currency", CodeTable.CURRENCY),
    _number("yb_amt", "total"),
    _coded("Fd_unit", "first_unit", CodeTable.UNIT),
    _number("Fd_qnt", "first_quantity"),
    _coded("No2_Fd_unit", "second_unit", CodeTable.UNIT),
    _number("No2_Fd_qnt", "second_quantity"),
    _coded("Cj_unit", "unit", CodeTable.UNIT),
    _number("Cj_qnt", "quantity"),
)


class _Fault(Exception):
    """Why a `<Dec>` cannot be read, and the line within it, counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def _read_dec(chunk: DecChunk, declared_encoding: str) -> Declaration | UnreadableDec:
    entry_id = ""
    try:
        dec = _parse_dec(chunk.content, declared_encoding)
        head_element = _only(dec, "DecHead")
        head_values = _read_fields(head_element, _HEAD)
        entry_id = head_values["entry_id"]
        head = Head(**head_values)
        items = tuple(_read_items(dec))
    except _Fault as fault:
        return UnreadableDec(entry_id, chunk.line + fault.line - 1, fault.reason)
    return Declaration(Summary(entry_id=entry_id, exported_on=head.exported_on), head, items, Origin.FILE)


def _parse_dec(content: bytes, declared_encoding: str) -> etree._Element:
    text = _decode(content, declared_encoding)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise _Fault(error.lineno or 1, "不是合法的 XML") from error


def _decode(content: bytes, declared: str) -> str:
    """Decodes by the declared encoding first, then by the other ones.

    GB18030 is used if GB2312 or GBK is declared: it contains both, and characters beyond them occur in such files.
    """
    first = "gb18030" if declared.startswith("gb") else "utf-8"
    for encoding in (first, "utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _Fault(1, "文字编码无法识别")


def _read_items(dec: etree._Element) -> Iterator[Item]:
    seen: set[int] = set()
    for element in _children(_only(dec, "DecLists")).get("declist", ()):
        item = Item(**_read_fields(element, _ITEM))
        if item.number in seen:
            raise _Fault(_line(element), f"项号 {item.number} 重复")
        seen.add(item.number)
        yield item


def _children(element: etree._Element) -> Mapping[str, Sequence[etree._Element]]:
    """Returns the child elements by their local names in lower case."""
    children: dict[str, list[etree._Element]] = {}
    for child in element.iterchildren("{*}*"):
        children.setdefault(etree.QName(child).localname.lower(), []).append(child)
    return children


def _only(parent: etree._Element, tag: str) -> etree._Element:
    elements = _children(parent).get(tag.lower(), ())
    if len(elements) != 1:
        raise _Fault(_line(parent), f"<{tag}> 应有一个，实有 {len(elements)} 个")
    return elements[0]


def _read_fields(parent: etree._Element, fields: Sequence[_Field]) -> dict[str, Any]:
    """Returns the values by attribute. A missing tag counts as an empty one."""
    children = _children(parent)
    values: dict[str, Any] = {}
    for field in fields:
        elements = children.get(field.tag.lower(), ())
        if len(elements) > 1:
            raise _Fault(_line(elements[1]), f"<{field.tag}> 重复")
        try:
            values[field.attribute] = field.read(_element_text(elements[0]) if elements else "")
        except ValueError as error:
            raise _Fault(_line(elements[0] if elements else parent), f"<{field.tag}> {error}") from error
    return values


def _element_text(element: etree._Element) -> str:
    if len(element):
        raise ValueError("的值里有标签")
    return (element.text or "").strip()


def _line(element: etree._Element) -> int:
    line: int | None = element.sourceline  # type: ignore[assignment]  # lxml-stubs leaves it untyped
    return line or 1
