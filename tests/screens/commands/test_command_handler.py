"""How what happened and what to do next become one line."""

import ast
from pathlib import Path

import pytest

from jiacha_tui.declaration.problem import Problem
from screens.commands.handler import Notice, joined


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
def test_an_official_text_keeps_its_end_and_no_two_signs_meet(what: str, hint: str, line: str) -> None:
    assert Notice.of(Problem("a.code", what, hint)).text == line


def test_another_sign_may_stand_between_them() -> None:
    assert joined("同步中断", "再按 F5", "；") == "同步中断；再按 F5"


def test_of_what_is_joined_nothing_ends_with_a_full_stop(project: Path) -> None:
    """Where an official text ends with one, it is not in these packages."""
    texts = [
        node.value
        for package in ("card", "port", "sealed")
        for path in (project / "jiacha_tui" / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert texts
    assert [text for text in texts if text.endswith("。")] == []
