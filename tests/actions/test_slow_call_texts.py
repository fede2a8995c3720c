"""What the screens say while the port gives no complete response."""

import pytest

from jiacha_tui.actions.slow_call_texts import SlowCallTexts, slow_call_text
from jiacha_tui.eport.slow_calls import SlowCall


@pytest.mark.parametrize(
    ("slow_call", "text"),
    [
        (SlowCall(10.2, 90.0), "口岸 10 秒没有回应，继续等待…（最长 90 秒）"),
        (SlowCall(20.0, 90.0, others_answered=True), "口岸有一个请求 20 秒没有回应，继续等待…（最长 90 秒）"),
        (SlowCall(25.0, 90.0, is_paused=True), "口岸正忙，25 秒还没有处理请求，稍后再试…（最长 90 秒）"),
        (
            SlowCall(30.0, 600.0, received=3_400_000),
            "口岸的答复 30 秒没有收完（已收 3.2 MB），继续接收…（最长 600 秒）",
        ),
        (
            SlowCall(15.0, 20.0, is_opening=True),
            "口岸已答复，口岸的脚本运行了 15 秒还没有结果，继续等待…（每次最长 20 秒）",
        ),
    ],
)
def test_the_text_says_what_is_known(slow_call: SlowCall, text: str) -> None:
    assert slow_call_text(slow_call) == text


def test_the_listener_hears_of_a_wait_and_of_its_end() -> None:
    heard: list[str] = []
    texts = SlowCallTexts()
    texts.report(SlowCall(10.0, 90.0))  # nobody listens yet
    texts.listen(heard.append)
    texts.report(SlowCall(10.0, 90.0))
    texts.report(None)
    assert heard == ["口岸 10 秒没有回应，继续等待…（最长 90 秒）", ""]
