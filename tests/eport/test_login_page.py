from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.login_page import LoginPage
from jiacha_tui.eport.problems import InvalidPortResponse
from tests.eport.cards import FakeIdentity
from tests.eport.fake_port import NONCE, login_page

WITHOUT_A_REASON = "请核对卡和密码后再试；仍然如此请联系口岸客服"
"""The hint where the page says nothing beside the message."""


def _page(html: str) -> LoginPage:
    page = LoginPage.parse(html.encode())
    assert page is not None
    return page


def _form(page: LoginPage, pin: str = "", assumptions: Assumptions | None = None) -> dict[str, list[str]]:
    body = page.fill_form(FakeIdentity(), "c2ln+/==", pin, assumptions or Assumptions())
    assert body.content_type == "application/x-www-form-urlencoded"
    return parse_qs(body.content.decode(), keep_blank_values=True)


def test_the_form_has_exactly_the_observed_fields() -> None:
    assert _form(_page(login_page())) == {
        "dominate": [""],
        "t1": [""],
        "tps": [""],
        "icCard": ["JJ0G900000001"],
        "certNo": ["01691f7f"],
        "signData": ["c2ln+/=="],
        "random": [NONCE],
        "serverDate": ["2026-06-15 17:30:00"],
        "userPin": [""],
        "lt": ["LT-1"],
        "execution": ["e1s1"],
        "swLoginFlag": ["1"],
        "lpid": [""],
        "_eventId": ["submit"],
    }


def test_values_of_the_page_override_assumed_values() -> None:
    extra = '<input id="lpid" value="P1"><input id="_eventId" value="go"><input id="t1" value="">'
    form = _form(_page(login_page(extra=extra)), assumptions=Assumptions(login_t1="assumed", login_lpid="P0"))
    assert (form["lpid"], form["_eventId"], form["t1"]) == (["P1"], ["go"], ["assumed"])


def test_a_pin_on_the_page_is_not_sent_back() -> None:
    html = login_page().replace('id="userPin" value=""', 'id="userPin" value="leftover"')
    assert _form(_page(html))["userPin"] == [""]
    assert _form(_page(html), "12345678")["userPin"] == ["12345678"]
    assert "leftover" not in repr(_page(html))


def test_the_repr_of_a_form_has_no_content() -> None:
    assert "12345678" not in repr(_page(login_page()).fill_form(FakeIdentity(), "s", "12345678", Assumptions()))


@pytest.mark.parametrize(
    ("status", "code", "message", "hint"),
    [
        ("5|whatever", 5, "卡信息异常，请尝试用证书延期方式更正!", "whatever"),
        ("4|黑名单原因", 4, "该卡已被列入黑名单，不能登录", "黑名单原因"),
        ("0|", 0, "登录服务器故障，请稍后重试", ""),
        (" 6 | 数据库 ", 6, "登录服务器故障，请稍后重试", "数据库"),
        ("17|证书已吊销", 17, "证书已吊销", WITHOUT_A_REASON),
        ("17|", 17, "登录失败（17）", WITHOUT_A_REASON),
        ("系统维护", None, "系统维护", WITHOUT_A_REASON),
        ("", None, "登录失败，服务器没有说明原因", WITHOUT_A_REASON),
    ],
)
def test_a_status_gives_a_message(status: str, code: int | None, message: str, hint: str) -> None:
    failure = _page(login_page(status)).login_failure()
    assert (failure.status, failure.message, failure.hint) == (code, message, hint)


@pytest.mark.parametrize(
    "status",
    [
        "<span id='status'>4|x</span>",
        "<input id='status' value='4|x'>",
        "<p><b id=status>4|<i>x</i></b>",
        "<status>4|x",
    ],
)
def test_the_status_may_be_in_any_element(status: str) -> None:
    html = f"<html><body><input id='execution' value='e1'>{status}</body></html>"
    assert _page(html).login_failure().status == 4


def test_a_message_of_the_page_contains_no_control_characters() -> None:
    assert "\x1b" not in _page(login_page("17|\x1b[2J")).login_failure().message
    assert "\u202e" not in _page(login_page("17|\u202eabc")).login_failure().message


@pytest.mark.parametrize("tag", ["span", "div", "p", "textarea"])
def test_the_key_for_the_pin_is_the_text_of_any_element(tag: str) -> None:
    page = _page(login_page(extra=f'<{tag} id="user_sm_dt" style="display:none"> 0123456789abcdef\n</{tag}>'))
    assert page.pin_key == "0123456789abcdef"
    assert "0123456789abcdef" not in repr(page)
    assert _page(login_page()).pin_key is None


def test_an_encrypted_pin_is_marked_in_the_field_for_it() -> None:
    key = "<i id=user_sm_dt>0123456789abcdef</i>"
    field = "<input name=sgm value=0><input name=sgm>"
    assert _form(_page(login_page(extra=key + field)), "encrypted")["sgm"] == ["1"]
    assert "sgm" not in _form(_page(login_page(extra=key + field)))
    assert "sgm" not in _form(_page(login_page(extra=key)), "encrypted")
    assert "sgm" not in _form(_page(login_page(extra=field)), "clear")


def test_the_sources_of_scripts_are_read_in_order() -> None:
    scripts = '<script src="/a.js"></script><script>inline()</script><script src=" https://x.test/b.js "></script>'
    assert _page(login_page(extra=scripts)).script_sources == ("/a.js", "https://x.test/b.js")


@pytest.mark.parametrize(
    "nonce",
    [
        *("", " ", "a b", "JJ0G900000001||223320250000012345", "随机", "x" * 257, "SkowRzkwMDAwMDAwMXx8MjIz"),
        *("jiacha-key-file||secret||JJ0G900000001||00", "amlhY2hhLWtleS1maWxlfHxzZWNyZXQ="),
    ],
)
def test_an_unsafe_nonce_is_refused(nonce: str) -> None:
    with pytest.raises(InvalidPortResponse):
        _ = _page(login_page().replace(NONCE, nonce)).nonce
    assert _page(login_page()).nonce == NONCE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_page_may_have_any_of_its_encodings(encoding: str) -> None:
    page = LoginPage.parse(login_page("17|证书已吊销").encode(encoding))
    assert page is not None
    assert page.login_failure().message == "证书已吊销"


def test_another_page_is_not_a_login_page() -> None:
    assert LoginPage.parse(b"<html><form><input id='name'></form></html>") is None
    assert LoginPage.parse(b"") is None


def test_external_entities_are_not_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secret") / "secret"
    secret.write_text("hidden")
    html = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><input id=execution value="&x;">'
    page = LoginPage.parse(html.encode())
    assert page is None or "hidden" not in page.inputs["execution"]


@given(st.binary() | st.text().map(str.encode) | st.text().map(lambda text: login_page(extra=text).encode()))
def test_any_content_is_read_or_refused(content: bytes) -> None:
    page = LoginPage.parse(content)
    if page is not None:
        assert page.login_failure().message
