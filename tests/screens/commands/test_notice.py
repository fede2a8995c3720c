"""How what happened and what to do next become one line."""

import ast
from pathlib import Path

import pytest

from jiacha_tui.declaration.problem import Problem
from screens.commands.notice import Notice, join_hint


@pytest.mark.parametrize(
    ("what", "hint", "line"),
    [
        ("无法连接口岸", "请检查网络后重试", "无法连接口岸，请检查网络后重试"),
        ("连接客户端控件服务失败,请重试.", "请稍等后重试", "连接客户端控件服务失败,请重试. 请稍等后重试"),
        ("您的IC卡已过期!", "请办理证书延期后再登录", "您的IC卡已过期! 请办理证书延期后再登录"),
        ("请调整查询区间后再试！", "请重试", "请调整查询区间后再试！请重试"),
        ("未查询到报关单。", "请重试", "未查询到报关单。请重试"),
        ("未查询到报关单。", "", "未查询到报关单。"),
    ],
)
def test_an_official_text_keeps_its_punctuation_and_no_two_marks_meet(what: str, hint: str, line: str) -> None:
    assert Notice.of(Problem("a.code", what, hint)).text == line


def test_another_mark_can_be_put_between_them() -> None:
    assert join_hint("同步中断", "再按 F5", "；") == "同步中断；再按 F5"


def test_no_message_or_hint_ends_with_a_full_stop(project: Path) -> None:
    """No text that is joined with another; the official texts that do end with one are not in these packages."""
    texts = [
        node.value
        for package in ("card", "eport", "encrypted_xml")
        for path in (project / "jiacha_tui" / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert texts
    assert [text for text in texts if text.endswith("。")] == []
