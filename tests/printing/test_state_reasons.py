"""Translated state reasons."""

import pytest

from jiacha_tui.printing.state_reasons import translate_reasons


@pytest.mark.parametrize(
    ("reasons", "translated"),
    [
        (["none"], ()),
        (["", "job-completed-successfully", "job-printing"], ()),
        (["media-empty-error", "media-empty-warning"], ("缺纸",)),
        (["toner-low-report", "cover-open"], ("碳粉将用完", "盖板打开")),
        (["offline-report"], ("打印机离线",)),
        (["document-format-error"], ("打印机不认识文件格式",)),
        (["com.example.belt-worn-error"], ("com.example.belt-worn",)),
    ],
)
def test_a_reason_is_given_once_whatever_its_severity(reasons: list[str], translated: tuple[str, ...]) -> None:
    assert translate_reasons(reasons) == translated
