"""Which phrases mean that a resend succeeded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.eport.port_words import says_success

SUCCESS = [
    *(
        "成功",
        "发送成功",
        "发送成功！",
        "操作成功。",
        "重发成功了",
        "已成功",
        "全部成功",
        "已全部发送成功",
        "重新发往税务总局成功",
    ),
    *(
        "提交成功",
        "请求成功",
        "成功发送",
        "成功重发 2 票",
        "发送成功2条",
        "2 票报关单重新发往税务总局，发送成功！",
        "数据发送成功",
    ),
    *("已受理", "受理成功", "共 2 票发送成功", "您的报关单数据已发送成功，请耐心等待", "发送成功，谢谢使用"),
    *(
        "发送成功！重发 3-5 个工作日后再联系当地税务局查询。",
        "success",
        "OK",
        "Successful",
        "Operation successful.",
        "sent successfully",
    ),
]
DOUBTFUL = [
    *(
        "",
        "2",
        "不成功",
        "重发不成功",
        "未成功",
        "没有成功",
        "发送成功0票",
        "成功 0 票",
        "成功1票",
        "发送成功0报关单",
        "成功1数据",
        "1重发成功",
        "报关单310420260000338250发送成功",
        "成功 1 票，失败 1 票",
        "部分成功",
    ),
    *(
        "发送不成功，请联系客服",
        "系统维护中，请稍后",
        "该报关单已超过重发次数",
        "数据库连接失败",
        "成功率 0%",
        "成功？",
        "能否成功未知",
    ),
    *(
        "发送成功，但数据有误",
        "发送成功；请勿重复提交",
        "登录成功",
        "查询成功",
        "请稍后再试",
        "请耐心等待",
        "已提交审核",
        "尚未发送成功",
    ),
    *(
        "unsuccessful",
        "not successful",
        "success: false",
        "no success",
        "successful: 0",
        "failed",
        "success rate 0",
        "ok, but failed",
    ),
    *("200", "成功后请查询", "预计成功", "未能发送成功", "发送成功 3 票"),
]


@pytest.mark.parametrize("text", SUCCESS)
def test_these_say_success(text: str) -> None:
    assert says_success(text, 2)


@pytest.mark.parametrize("text", DOUBTFUL)
def test_these_do_not_clearly_say_success(text: str) -> None:
    assert not says_success(text, 2)


@given(
    st.sampled_from(SUCCESS),
    st.sampled_from(["不", "未", "没有", "失败", "维护", "超过", "fail", "un", "not "]),
    st.data(),
)
def test_a_word_of_doubt_anywhere_takes_the_success_away(text: str, doubt: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    assert not says_success(text[:place] + doubt + text[place:], 2)
