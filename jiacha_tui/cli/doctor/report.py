"""The findings as lines for a terminal of 80×24, and as JSON for scripts (docs/doctor-json.md)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jiacha_tui import __version__
from jiacha_tui.actions.doctor.finding import CARD_AREAS, Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import blocking_areas
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.text_layout import SPECIFICATION, count_cells, wrap

COLUMNS: Final = 80
LINES: Final = 24
JSON_VERSION: Final = 1

_MARKS: Final[Mapping[FindingState, str]] = {
    FindingState.GOOD: "✓ 正常",
    FindingState.MISSING: "- 缺少",
    FindingState.BROKEN: "✗ 故障",
}
_AREAS: Final[Mapping[Area, str]] = {
    Area.PYTHON: "Python",
    Area.TERMINAL: "终端",
    Area.ENCODING: "编码",
    Area.CLIPBOARD: "剪贴板",
    Area.CONFIG: "配置",
    Area.HOME: "数据文件夹",
    Area.DOWNLOADS: "下载文件夹",
    Area.ENGINE: "缓存引擎",
    Area.CACHE: "缓存",
    Area.DEMO_CARD: "演示卡",
    Area.CONTROL: "客户端控件",
    Area.READERS: "读卡器",
    Area.PORT: "口岸",
    Area.PDF: "PDF 引擎",
    Area.FONT: "中文字体",
    Area.PRINTERS: "打印机",
}
MARK_LENGTH: Final = 4
"""Characters of a mark: a sign, a space and a word of two characters."""

_MARK_CELLS: Final = 8
_AREA_CELLS: Final = 12
_INDENT: Final = " " * (_MARK_CELLS + _AREA_CELLS)
_HINT_INDENT: Final = " " * _MARK_CELLS
_HINT_SIGN: Final = "> "


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line. If it starts with a mark of `MARK_LENGTH` characters, `state` is the state that the mark shows."""

    text: str
    state: FindingState | None = None


def lines(findings: Sequence[Finding]) -> tuple[ReportLine, ...]:
    """The findings with their hints, and a conclusion at the end.

    No line is wider than `COLUMNS`. If there would be more lines than fit on the screen (`LINES`, of which one is
    left for the shell), all good findings without a hint share one line that names their areas.
    """
    conclusion = _wrapped("", "", _conclusion(findings))
    finding_lines = [line for finding in findings for line in _lines_of(finding)]
    if len(finding_lines) + len(conclusion) >= LINES:
        notable = [finding for finding in findings if finding.state is not FindingState.GOOD or finding.hint]
        finding_lines = [
            *_area_names(finding for finding in findings if finding not in notable),
            *(line for finding in notable for line in _lines_of(finding)),
        ]
    return (*finding_lines, *conclusion)


def json_text(findings: Sequence[Finding]) -> str:
    """The report as JSON, in the format of docs/doctor-json.md."""
    blocking = blocking_areas(findings)
    return json.dumps(
        {
            "version": JSON_VERSION,
            "program": __version__,
            "ready": not blocking,
            "obstacles": [area.value for area in blocking],
            "findings": [
                {
                    "area": finding.area.value,
                    "state": finding.state.value,
                    "code": finding.code,
                    "what": escape_controls(finding.message),
                    "todo": escape_controls(finding.hint),
                }
                for finding in findings
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def _conclusion(findings: Sequence[Finding]) -> str:
    blocking = blocking_areas(findings)
    if not blocking:
        return "可以开始工作。"
    others = [_AREAS[area] for area in blocking if area not in CARD_AREAS]
    cards = [_AREAS[area] for area in blocking if area in CARD_AREAS]
    names = "、".join([*others, *(["或".join(cards)] if cards else [])])
    return f"还不能工作，先解决：{names}。"


def _lines_of(finding: Finding) -> tuple[ReportLine, ...]:
    mark, name = _padded(_MARKS[finding.state], _MARK_CELLS), _padded(_AREAS[finding.area], _AREA_CELLS)
    first, *rest = _wrapped(f"{mark}{name}", _INDENT, escape_controls(finding.message))
    hint = _wrapped(f"{_HINT_INDENT}{_HINT_SIGN}", _HINT_INDENT + " " * len(_HINT_SIGN), escape_controls(finding.hint))
    return (ReportLine(first.text, finding.state), *rest, *(hint if finding.hint else ()))


def _area_names(good: Iterable[Finding]) -> tuple[ReportLine, ...]:
    names = dict.fromkeys(_AREAS[finding.area] for finding in good)
    if not names:
        return ()
    mark = _padded(_MARKS[FindingState.GOOD], _MARK_CELLS)
    first, *rest = _wrapped(mark, " " * _MARK_CELLS, "、".join(names))
    return (ReportLine(first.text, FindingState.GOOD), *rest)


def _wrapped(first: str, others: str, text: str) -> tuple[ReportLine, ...]:
    parts = wrap(text, COLUMNS - max(count_cells(first), count_cells(others)), count_cells, SPECIFICATION)
    return tuple(ReportLine((others if number else first) + part) for number, part in enumerate(parts))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - count_cells(text))
