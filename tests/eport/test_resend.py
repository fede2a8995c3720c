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
from tests.eport.cards import FakeCard, signature_of
from tests.eport.fake_port import (
    RESEND,
    FakePort,
    Handler,
    respond_bytes,
    respond_html,
    respond_with,
)

HTML_PAGE = "<html><head><title>维护中</title></head><body>\x1b[2J</body></html>"


async def test_the_first_request_of_a_resend_is_signed(
    logged_in: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    fake_port.handlers[RESEND] = respond_with(JSONResponse({"responseCode": 100, "responseMsg": "发送成功"}))
    assert await logged_in.resend([ENTRY_ID, OTHER_ID]) == ResendResponse(100, "发送成功")
    (request,) = fake_port.requests
    assert request.json == {"ids": f"{ENTRY_ID},{OTHER_ID}", "msgType": "RTXJG"}
    text = f"JJ0G900000001||{ENTRY_ID},{OTHER_ID}"
    assert request.headers["sign"] == signature_of(text)
    assert card.calls == ["present", text]


async def test_any_code_without_a_message_means_success(logged_in: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[RESEND] = respond_with(JSONResponse({"responseCode": 0}))
    assert await logged_in.resend([ENTRY_ID]) == ResendResponse(0, "")


@pytest.mark.parametrize(
    "handler",
    [
        respond_bytes(b"", status=502),
        respond_bytes(b"{}", "application/json"),
        respond_bytes(b'{"responseCode":1', "application/json"),
        respond_bytes(b"", "application/json"),
        respond_html(HTML_PAGE),
        respond_bytes(b"\xff\xfe"),
    ],
)
async def test_a_resend_with_an_invalid_response_is_unknown(
    logged_in: PortClient, fake_port: FakePort, handler: Handler
) -> None:
    fake_port.handlers[RESEND] = handler
    with pytest.raises(OutcomeUnknown):
        await logged_in.resend([ENTRY_ID])
    assert len(fake_port.requests) == 1


@pytest.mark.parametrize("entry_ids", [["123"], ["../../../x"], [f"{ENTRY_ID},{OTHER_ID}"]])
async def test_a_wrong_entry_number_is_not_sent(
    logged_in: PortClient, fake_port: FakePort, entry_ids: list[str]
) -> None:
    with pytest.raises(BadEntryNumber):
        await logged_in.resend(entry_ids)
    with pytest.raises(BadEntryNumber):
        await logged_in.preview_pdf(entry_ids[0], Kind.CLEARED)
    assert fake_port.requests == []


async def test_an_empty_resend_raises_value_error(logged_in: PortClient) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await logged_in.resend([])
