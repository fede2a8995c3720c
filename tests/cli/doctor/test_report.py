"""The report of the doctor as lines and as JSON."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import jiacha_tui
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.cli.doctor.report import COLUMNS, LINES, MARK_LENGTH, json_text, lines

TEXT = st.text(st.sampled_from("报关单ａéx1 /-，。\x1b\u202e\u0301\n"), max_size=200)
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(Area),
        st.sampled_from(FindingState),
        TEXT,
        TEXT,
    ),
    max_size=20,
)


def report_lines(*findings: Finding) -> list[str]:
    return [line.text for line in lines(findings)]


@given(FINDINGS)
def test_no_line_is_wider_than_the_screen_or_has_control_characters(findings: list[Finding]) -> None:
    for line in lines(findings):
        assert cell_len(line.text) <= COLUMNS
        assert re.search(r"[\x00-\x1f\u202e]", line.text) is None


@given(FINDINGS)
def test_every_finding_that_is_not_good_has_a_line(findings: list[Finding]) -> None:
    marks = [line.state for line in lines(findings)]
    for state in (FindingState.MISSING, FindingState.BROKEN):
        assert marks.count(state) == sum(finding.state is state for finding in findings)


@given(TEXT.filter(lambda text: text == text.strip()), st.sampled_from(FindingState))
def test_message_and_hint_are_complete(text: str, state: FindingState) -> None:
    text_of_report = "".join(report_lines(Finding(Area.PORT, state, text, text)))
    kept = re.sub(r"\s", "", text)
    for character in set(kept) & set("报关单ａx1"):
        assert text_of_report.count(character) >= 2 * kept.count(character)


def test_a_good_finding_is_one_line_with_a_mark() -> None:
    first, conclusion = report_lines(Finding.good(Area.FONT, "NotoSansSC-Regular"))
    assert first == "✓ 正常  中文字体    NotoSansSC-Regular"
    assert first[:MARK_LENGTH] == "✓ 正常"
    assert conclusion == "可以开始工作。"


def test_hints_follow_their_findings_and_the_conclusion_names_blocking_areas() -> None:
    lines_of_report = report_lines(
        Finding(Area.PDF, FindingState.MISSING, "没有", "请安装", blocking=True),
        Finding(Area.CONTROL, FindingState.MISSING, "没有控件", "请启动"),
        Finding(Area.READERS, FindingState.BROKEN, "没有服务", "请启动"),
    )
    assert lines_of_report == [
        "- 缺少  PDF 引擎    没有",
        "        > 请安装",
        "- 缺少  客户端控件  没有控件",
        "        > 请启动",
        "✗ 故障  读卡器      没有服务",
        "        > 请启动",
        "还不能工作，先解决：PDF 引擎、客户端控件或读卡器。",
    ]


@pytest.mark.parametrize("wrong", range(11))
def test_with_many_problems_the_good_areas_share_one_line(wrong: int) -> None:
    findings = [
        Finding(area, FindingState.BROKEN, "什么" * 10, "怎么办" * 10) if number < wrong else Finding.good(area, "好")
        for number, area in enumerate(Area)
    ]
    lines_of_report = report_lines(*findings)
    assert len(lines_of_report) <= LINES - 1, "one line is left for the shell"
    assert sum("怎么办" in line for line in lines_of_report) == wrong
    assert "打印机" in "".join(map(str.strip, lines_of_report)), "every area is named"


def test_every_area_has_a_chinese_name() -> None:
    assert len(report_lines(*(Finding.good(area, "") for area in Area))) == len(Area) + 1


def test_the_json_has_the_documented_keys() -> None:
    findings = (
        Finding.good(Area.FONT, "字体"),
        Finding(Area.PORT, FindingState.BROKEN, "坏\x1b[2J", "办", "port.unreachable", blocking=True),
    )
    assert json.loads(json_text(findings)) == {
        "version": 1,
        "program": jiacha_tui.__version__,
        "ready": False,
        "obstacles": ["port"],
        "findings": [
            {"area": "font", "state": "good", "code": "", "what": "字体", "todo": ""},
            {"area": "port", "state": "broken", "code": "port.unreachable", "what": "坏␛[2J", "todo": "办"},
        ],
    }
