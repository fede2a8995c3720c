import pytest
from starlette.responses import JSONResponse

from jiacha_tui.declaration.entry_number import BadEntryNumber
from jiacha_tui.declaration.model import Kind
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.messages import ResendResponse
from jiacha_tui.eport.problems import (
    OutcomeUnknown,
)
from tests.eport.calls import ENTRY_ID, OTHER_ID
from tests.eport.cards import PaperCard, signature_of
from tests.eport.fake_port import (
    RESEND,
    Answer,
    FakePort,
    answering,
    html,
    raw,
)

HTML_PAGE = "<html><head><title>维护中</title></head><body>\x1b[2J</body></html>"


async def test_a_resend_is_signed_at_once(session: PortClient, stand_in: FakePort, card: PaperCard) -> None:
    stand_in.answers[RESEND] = answering(JSONResponse({"responseCode": 100, "responseMsg": "发送成功"}))
    assert await session.resend([ENTRY_ID, OTHER_ID]) == ResendResponse(100, "发送成功")
    (seen,) = stand_in.seen
    assert seen.json == {"ids": f"{ENTRY_ID},{OTHER_ID}", "msgType": "RTXJG"}
    text = f"JJ0G900000001||{ENTRY_ID},{OTHER_ID}"
    assert seen.headers["sign"] == signature_of(text)
    assert card.asked == ["present", text]


async def test_any_code_without_words_means_that_a_resend_was_taken(session: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[RESEND] = answering(JSONResponse({"responseCode": 0}))
    assert await session.resend([ENTRY_ID]) == ResendResponse(0, "")


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"", status=502),
        raw(b"{}", "application/json"),
        raw(b'{"responseCode":1', "application/json"),
        raw(b"", "application/json"),
        html(HTML_PAGE),
        raw(b"\xff\xfe"),
    ],
)
async def test_a_resend_whose_answer_tells_nothing_is_unknown(
    session: PortClient, stand_in: FakePort, answer: Answer
) -> None:
    stand_in.answers[RESEND] = answer
    with pytest.raises(OutcomeUnknown):
        await session.resend([ENTRY_ID])
    assert len(stand_in.seen) == 1


@pytest.mark.parametrize("entry_ids", [["123"], ["../../../x"], [f"{ENTRY_ID},{OTHER_ID}"]])
async def test_only_numbers_are_resent(session: PortClient, stand_in: FakePort, entry_ids: list[str]) -> None:
    with pytest.raises(BadEntryNumber):
        await session.resend(entry_ids)
    with pytest.raises(BadEntryNumber):
        await session.preview_pdf(entry_ids[0], Kind.CLEARED)
    assert stand_in.seen == []


async def test_an_empty_resend_is_a_mistake_of_the_caller(session: PortClient) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await session.resend([])
