"""What the screens say while the port gives no complete response."""

import pytest

from jiacha_tui.actions.port_waits import PortWaits, waiting_text
from jiacha_tui.eport.waiting import Waiting


@pytest.mark.parametrize(
    ("waiting", "text"),
    [
        (Waiting(10.2, 90.0), "口岸 10 秒没有回应，继续等待…（最长 90 秒）"),
        (Waiting(20.0, 90.0, others_answered=True), "口岸有一个请求 20 秒没有回应，继续等待…（最长 90 秒）"),
        (Waiting(25.0, 90.0, is_paused=True), "口岸正忙，25 秒还没有处理请求，稍后再试…（最长 90 秒）"),
        (
            Waiting(30.0, 600.0, received=3_400_000),
            "口岸的答复 30 秒没有收完（已收 3.2 MB），继续接收…（最长 600 秒）",
        ),
    ],
)
def test_the_text_says_what_is_known(waiting: Waiting, text: str) -> None:
    assert waiting_text(waiting) == text


def test_the_listener_hears_of_a_wait_and_of_its_end() -> None:
    heard: list[str] = []
    waits = PortWaits()
    waits.report(Waiting(10.0, 90.0))  # nobody listens yet
    waits.listen(heard.append)
    waits.report(Waiting(10.0, 90.0))
    waits.report(None)
    assert heard == ["口岸 10 秒没有回应，继续等待…（最长 90 秒）", ""]
