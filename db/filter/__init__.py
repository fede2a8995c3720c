"""The filter language: what is typed above the table to narrow it.

A filter is words with blanks between them, and a declaration has to pass every one. Full-width letters, digits and
signs count as the half-width ones, and so do the 《》 and 。 that Chinese input methods give for <> and the full stop;
case never matters.

    word        what passes
    ----        -----------
    美国        text found in 境内收发货人, 运抵国, 出口口岸, 监管方式, 合同协议号, 数据传输状态 or an item's 商品名称;
                Latin letters are also looked for among the pinyin initials of these: `pdjc` finds 浦东机场
    8471        four digits or more: in 报关单号, or at the beginning of an item's 商品编号
    2025        出口日期 in a year, 2010 to 2099 (no 商品编号 begins so); also 2025-06, 2025-06-30, 2025/6/30, 2025年6月
                One that is in no calendar (2025-13) is refused; where it is a number of another kind, a field says so:
                合同:2025-13
    2025-05..2025-06-15
                出口日期 from the first day of the one to the last day of the other; either end may be left out
    >1000       金额 in USD: > >= < <= = before 1000, 1,000.50 or 10万
    1000..2000  金额 from the one to the other, both included; either end may be left out
    已下载      so are 未下载 已重发 未重发 重发未知 已打印 未打印 有详情 缺详情
    国:美国     only in the field named; `terms` has the names, one of each in Latin letters: to:美国
    国:美国|日本
                one of several; in words without a name, too: 已下载|已打印
    -国:美国    everything that does not pass the word behind the hyphen
    "a b"       text as it stands, blanks and signs included, never read as anything else; in a field as well: 货:"a b"

A declaration without the date, amount or text that a word asks about does not pass it, and does pass it negated.
"""

from db.filter.conditions import Filter
from db.filter.fields import terms
from db.filter.parse import parse
from db.filter.sql import to_sql
from db.filter.values import FilterError

__all__ = ["Filter", "FilterError", "parse", "terms", "to_sql"]
