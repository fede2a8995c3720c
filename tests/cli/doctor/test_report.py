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


def shown(*findings: Finding) -> list[str]:
    return [line.text for line in lines(findings)]


@given(FINDINGS)
def test_no_line_is_wider_than_the_screen_and_none_obeys_what_is_in_it(findings: list[Finding]) -> None:
    for line in lines(findings):
        assert cell_len(line.text) <= COLUMNS
        assert re.search(r"[\x00-\x1f\u202e]", line.text) is None


@given(FINDINGS)
def test_what_is_not_good_is_never_left_out(findings: list[Finding]) -> None:
    marks = [line.state for line in lines(findings)]
    for state in (FindingState.MISSING, FindingState.BROKEN):
        assert marks.count(state) == sum(finding.state is state for finding in findings)


@given(TEXT.filter(lambda text: text == text.strip()), st.sampled_from(FindingState))
def test_what_and_todo_are_told_whole(text: str, state: FindingState) -> None:
    told = "".join(shown(Finding(Area.PORT, state, text, text)))
    kept = re.sub(r"\s", "", text)
    for character in set(kept) & set("报关单ａx1"):
        assert told.count(character) >= 2 * kept.count(character)


def test_one_line_for_what_is_good_with_a_mark_and_a_word() -> None:
    first, verdict = shown(Finding.good(Area.FONT, "NotoSansSC-Regular"))
    assert first == "✓ 正常  中文字体    NotoSansSC-Regular"
    assert first[:MARK_LENGTH] == "✓ 正常"
    assert verdict == "可以开始工作。"


def test_what_to_do_stands_under_what_is_wrong_and_what_stops_at_the_end() -> None:
    told = shown(
        Finding(Area.PDF, FindingState.MISSING, "没有", "请安装", blocking=True),
        Finding(Area.CONTROL, FindingState.MISSING, "没有控件", "请启动"),
        Finding(Area.READERS, FindingState.BROKEN, "没有服务", "请启动"),
    )
    assert told == [
        "- 缺少  PDF 引擎    没有",
        "        > 请安装",
        "- 缺少  客户端控件  没有控件",
        "        > 请启动",
        "✗ 故障  读卡器      没有服务",
        "        > 请启动",
        "还不能工作，先解决：PDF 引擎、客户端控件或读卡器。",
    ]


@pytest.mark.parametrize("wrong", range(11))
def test_where_much_is_wrong_what_is_good_is_named_in_one_line(wrong: int) -> None:
    findings = [
        Finding(area, FindingState.BROKEN, "什么" * 10, "怎么办" * 10) if number < wrong else Finding.good(area, "好")
        for number, area in enumerate(Area)
    ]
    told = shown(*findings)
    assert len(told) <= LINES - 1, "a line is left for the shell"
    assert sum("怎么办" in line for line in told) == wrong
    assert "打印机" in "".join(map(str.strip, told)), "good or not, everything is named"


def test_every_area_has_a_name() -> None:
    assert len(shown(*(Finding.good(area, "") for area in Area))) == len(Area) + 1


def test_the_json_has_the_keys_that_are_documented() -> None:
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
