"""The findings as lines for a screen of 80×24, and as JSON for scripts (docs/doctor-json.md)."""

import json
from collections.abc import Mapping, Sequence
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
"""Characters of a mark: a sign, a space and a word of two."""

_MARK_CELLS: Final = 8
_AREA_CELLS: Final = 12
_INDENT: Final = " " * (_MARK_CELLS + _AREA_CELLS)
_TODO_INDENT: Final = " " * _MARK_CELLS
_TODO: Final = "> "


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line. `state` is that of its mark, the first `MARK_LENGTH` characters; None where it has none."""

    text: str
    state: FindingState | None = None


def lines(findings: Sequence[Finding]) -> tuple[ReportLine, ...]:
    """The findings, each with what to do about it, and what they come to.

    No line is wider than `COLUMNS`. Where they would be more than `LINES` with a line left for the shell, those that
    are good are named together.
    """
    verdict = _wrapped("", "", _verdict(findings))
    told = [line for finding in findings for line in _lines_of(finding)]
    if len(told) + len(verdict) >= LINES:
        bad = [finding for finding in findings if finding.state is not FindingState.GOOD or finding.hint]
        told = [*_together(findings, bad), *(line for finding in bad for line in _lines_of(finding))]
    return (*told, *verdict)


def json_text(findings: Sequence[Finding]) -> str:
    stopped_by = blocking_areas(findings)
    return json.dumps(
        {
            "version": JSON_VERSION,
            "program": __version__,
            "ready": not stopped_by,
            "obstacles": [area.value for area in stopped_by],
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


def _verdict(findings: Sequence[Finding]) -> str:
    stopped_by = blocking_areas(findings)
    if not stopped_by:
        return "可以开始工作。"
    others = [_AREAS[area] for area in stopped_by if area not in CARD_AREAS]
    cards = [_AREAS[area] for area in stopped_by if area in CARD_AREAS]
    named = "、".join([*others, *(["或".join(cards)] if cards else [])])
    return f"还不能工作，先解决：{named}。"


def _lines_of(finding: Finding) -> tuple[ReportLine, ...]:
    mark, name = _padded(_MARKS[finding.state], _MARK_CELLS), _padded(_AREAS[finding.area], _AREA_CELLS)
    first, *rest = _wrapped(f"{mark}{name}", _INDENT, escape_controls(finding.message))
    hint = _wrapped(f"{_TODO_INDENT}{_TODO}", _TODO_INDENT + " " * len(_TODO), escape_controls(finding.hint))
    return (ReportLine(first.text, finding.state), *rest, *(hint if finding.hint else ()))


def _together(findings: Sequence[Finding], but: Sequence[Finding]) -> tuple[ReportLine, ...]:
    names = dict.fromkeys(_AREAS[finding.area] for finding in findings if finding not in but)
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
