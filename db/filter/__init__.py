"""The filter language: the text that the operator types above the table to see fewer declarations.

A filter consists of words separated by blanks. A declaration matches if it matches every word. Full-width letters,
digits and punctuation count as half-width ones, and 《》 and 。 as <> and a full stop, because Chinese input methods
produce them. Case does not matter, except for country codes of two letters.

    word        declarations that match
    ----        -----------------------
    美国        text found in 境内收发货人, 运抵国, 出口口岸, 监管方式, 合同协议号, 数据传输状态 or an item's 商品名称;
                also in the pinyin initials of these and in their full pinyin: `pdjc` and `pudong` find 浦东机场
    usa         also every declaration to this country: an ISO code of three letters, one of two in capitals (US), or an
                English name (United States)
    8471        four digits or more: part of 报关单号, or the beginning of an item's 商品编号
    223320250000012345
                a full 报关单号; several with blanks, commas, 、 or bars between mean any of them; with 0 and two digits
                for the item (21 digits) the declaration of the item
    2025        出口日期 in a year from 2010 to 2099 (no 商品编号 begins with one); also 2025-06, 2025-06-30, 2025/6/30,
                2025年6月, 2025.6; 10月 and 10月5日 (the last that has begun), 今天 昨天 本周 上周 本月 上月 今年 去年
                最近30天. An impossible date (2025-13) is an error. If it is a number of another kind, name the field:
                合同:2025-13
    2025-05..2025-06-15
                出口日期 from the first day of the one to the last day of the other; either end may be omitted
    期限:<30天  the next deadline of filing is near, reckoned from 出口日期; 期限:已过 if the last one has passed
    >1000       金额 in USD: > >= < <= = before 1000, 1,000.50, 10万 or 1千万
    1000..2000  金额 from the one to the other, both included; either end may be omitted
    已下载      so are 未下载 已重发 未重发 重发未知 已打印 未打印 有详情 缺详情 不再列出 下载后有变 已申报 未申报
                已收汇 未收汇; what the port no longer lists matches none of 未下载 未重发 未打印 缺详情 未申报 未收汇:
                nothing is left to do for it
    国:美国     only in the named field; `terms` lists the names, one of each in Latin letters: to:美国
    国:美国|日本
                one of several; also without a field: 已下载|已打印
    -国:美国    every declaration that does not match the word after the hyphen
    国:=美国     the whole text, not a part of it; 国:="" for none. In quotation marks \\u{1b} is the character of
                that number
    "a b"       exactly this text, with blanks and punctuation, never a date or number; also with a field: 货:"a b"

There may be 200,000 characters and 10,000 words, alternatives counted. At most 20 words have alternatives, and at most
3 of them more than 8. These limits bound the time of a search; a filter beyond them is an error that names the limit.

A declaration without the date, amount or text that a word is about does not match the word, and matches its negation.
"""

from db.filter.completion import VALUE_COLUMNS, completion_place
from db.filter.conditions import Filter
from db.filter.description import describe_filter
from db.filter.fields import terms
from db.filter.parse import MAX_LENGTH, only_days, parse, words_of
from db.filter.sql import to_sql
from db.filter.values import FilterError

__all__ = [
    "MAX_LENGTH",
    "VALUE_COLUMNS",
    "Filter",
    "FilterError",
    "completion_place",
    "describe_filter",
    "only_days",
    "parse",
    "terms",
    "to_sql",
    "words_of",
]
