"""The frames of the control: calls, replies and error texts."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jiacha_tui.card.control.forwarding import DEFAULT_URL
from jiacha_tui.card.control.problems import (
    ControlRefused,
    ControlUnreachable,
    InvalidControlReply,
    ReaderResetFailed,
    problem_for,
)
from jiacha_tui.card.control.wire import ControlCall, ControlMessage, ControlReply
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import NoCard, WrongPin
from jiacha_tui.declaration.control_characters import escape_controls
from tests.card.cards import PIN

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CALL = ControlCall("cus-sec_SpcGetCertNo")


def message(**members: Any) -> ControlMessage:
    return ControlMessage.decode(json.dumps(members).encode())


def reply(**args: Any) -> ControlReply:
    return message(_id=1, _method=CALL.method, _args=args).reply()


def frame(call: ControlCall, call_id: int) -> bytes:
    with call.encoded(call_id) as written:
        return bytes(written)


def test_a_call_has_the_form_that_the_control_reads() -> None:
    assert frame(CALL, 1) == b'{"_method":"cus-sec_SpcGetCertNo","_id":1,"args":{}}'
    call = ControlCall("cus-sec_SpcSignDataAsPEM", {"inData": "报关单", "passwd": Pin(PIN)})
    written = json.loads(frame(call, 7).decode("utf-8"))
    assert written == {"_method": call.method, "_id": 7, "args": {"inData": "报关单", "passwd": PIN}}


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"), min_size=1))
def test_every_text_is_sent_unchanged(text: str, pin: str) -> None:
    call = ControlCall("method", {"inData": text, "passwd": Pin(pin)})
    assert json.loads(frame(call, 1))["args"] == {"inData": text, "passwd": pin}


def test_a_frame_is_overwritten_after_it_was_sent() -> None:
    with ControlCall("method", {"inData": "text", "passwd": Pin(PIN)}).encoded(1) as written:
        length = len(written)
    assert written == bytes(length)


def test_the_repr_of_a_call_does_not_show_its_pin() -> None:
    call = ControlCall("cus-sec_SpcVerifyPINAll", {"passwd": Pin(PIN)})
    assert PIN not in f"{call!r}{call}"
    assert call.has_pin
    assert not CALL.has_pin


def test_a_reply_is_matched_by_its_id_and_its_method() -> None:
    assert message(_id=1, _method=CALL.method).is_reply_to(CALL, 1)
    for id_, method in (
        (2, CALL.method),
        (1, "cus-sec_SpcGetCardID"),
        (1, "_nextBlock"),
        (1, None),
        (None, CALL.method),
    ):
        assert not message(_id=id_, _method=method).is_reply_to(CALL, 1)
    assert not any(
        message(_id=other_id, _method=CALL.method).is_reply_to(CALL, 1) for other_id in (True, 1.0, "1", [1])
    )
    assert not message(_method="open").is_reply_to(CALL, 1)
    assert message(_method="open").is_greeting


@pytest.mark.parametrize("result", [True, False, None, 1, 0, "true", "True", "1", [True], {"Result": True}])
def test_only_the_result_true_means_success(result: Any) -> None:
    assert (reply(Result=result).succeeded is True) == (result is True)


@pytest.mark.parametrize("result", [None, 1, 0, "true", "false", "", [True], {"Result": False}])
def test_a_result_that_is_neither_true_nor_false_is_unknown(result: Any) -> None:
    assert reply(Result=result).succeeded is None


def test_gb18030_is_read_where_a_frame_is_not_utf_8() -> None:
    frame = '{"_id":1,"_method":"輸入口令错误","_args":{"Result":false}}'
    for encoding in ("utf-8", "gb18030"):
        assert ControlMessage.decode(frame.encode(encoding)).method == "輸入口令错误"
    with pytest.raises(InvalidControlReply):
        ControlMessage.decode(frame.encode("gb18030").replace("令".encode("gb18030"), b"\xff\xff"))


def test_the_status_is_ignored() -> None:
    assert not message(_id=1, _method="m", _status="00", _args={"Result": False}).reply().succeeded
    assert message(_id=1, _method="m", _status="99", _args={"Result": True}).reply().succeeded


@given(JSON, JSON)
def test_any_data_is_accepted_but_only_texts_are_read(data: Any, error: Any) -> None:
    received = reply(Result=True, Data=data, Error=error)
    assert all(isinstance(text, str) for text in CALL.redacted_texts(received.errors))
    for position in range(3):
        try:
            text = received.text(position)
        except InvalidControlReply:
            continue
        assert text == (data[position] if isinstance(data, list) else data)


@given(JSON)
def test_any_arguments_are_a_reply_or_invalid(args: Any) -> None:
    received = message(_id=1, _method="m", _args=args)
    try:
        succeeded = received.reply().succeeded
    except InvalidControlReply:
        assert not isinstance(args, dict)
    else:
        assert (succeeded is True) == (args.get("Result") is True)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"")
@example(b"\xff\xfe{}")
@example(b"[" * 100_000)
@example(b'{"_args":' * 100_000)
@example(b'{"_method":"\\ud800"}')
@example(b'{"_id":NaN}')
@example(b'{"_id":1} {"_id":2}')
@example(b"BLOCKTXT")
def test_any_bytes_are_a_message_or_invalid(data: bytes) -> None:
    try:
        received = ControlMessage.decode(data)
    except InvalidControlReply:
        return
    assert isinstance(json.loads(data), dict)
    assert received.is_greeting is (json.loads(data).get("_method") == "open")


def test_arguments_that_are_nested_too_deeply_are_invalid() -> None:
    deep = b'{"_id":1,"_method":"m","_args":{"Data":' + b"[" * 50_000 + b"]" * 50_000 + b"}}"
    with pytest.raises(InvalidControlReply):
        ControlMessage.decode(deep).reply()


def test_a_pin_that_the_control_repeats_is_hidden() -> None:
    call = ControlCall("method", {"passwd": Pin(PIN)})
    assert call.redacted_texts(["a", f"x{PIN}y{PIN}"]) == ("a", "x********y********")
    assert call.redacted_texts(f"{PIN}") == ("********",)
    assert call.redacted_texts(None) == call.redacted_texts([1, None, {PIN: PIN}]) == ()


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        (["[读卡器底层库]打开读卡器失败:错误码=50200", "Err:Custom50200"], NoCard),
        (["没有卡", "Err:Custom51590"], NoCard),
        (["[读卡器底层库]复位读卡器失败:错误码：50070", "Err:Custom50070"], ReaderResetFailed),
        (["连接客户端控件服务失败,请重试.", "Err:Base60408"], ControlUnreachable),
        (["[安全组件]输入口令错误"], WrongPin),
        (["输入口令错误", "Err:Custom50200"], WrongPin),
        (["别的错误", "Err:Custom59999"], ControlRefused),
        (["[读卡器底层库]打开读卡器失败：错误码=50200"], NoCard),
        (["没有卡", "Err:Security51590"], NoCard),
        (["[读卡器底层库]复位读卡器失败:错误码：50070", "Err:Custom59999"], ReaderResetFailed),
        (["别的错误 50200"], ControlRefused),
        (["别的错误:错误码=1502001"], ControlRefused),
        ([], ControlRefused),
    ],
)
def test_error_texts_of_the_control_become_problems(errors: list[str], kind: type[Exception]) -> None:
    assert type(problem_for(errors, DEFAULT_URL, had_pin=False)) is kind


def test_an_unknown_error_is_shown_with_the_text_of_the_control() -> None:
    assert (
        problem_for(["别的错误", "Err:Custom59999"], DEFAULT_URL, had_pin=False).message
        == "客户端控件报告：别的错误（Custom59999）"
    )
    assert problem_for(["a", "b"], DEFAULT_URL, had_pin=False).message == "客户端控件报告：a，b"
    assert problem_for([], DEFAULT_URL, had_pin=False).message == "客户端控件报告：没有说明原因"


@given(st.lists(st.text(max_size=400), max_size=5))
def test_any_error_text_becomes_a_short_message_without_control_characters(errors: list[str]) -> None:
    shown = problem_for(errors, DEFAULT_URL, had_pin=False).message
    assert len(shown) < 200
    assert escape_controls(shown) == shown
