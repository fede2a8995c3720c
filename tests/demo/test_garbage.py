"""The port responds to any input with a readable message and never fails itself."""

from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiacha_tui.demo.demo import Demo
from tests.demo.browser import DETAIL, DOWNLOAD, LIST, RESEND, SESSION, Browser

PATHS = [
    f"/rtxwebserver/{path}"
    for path in (LIST, DETAIL, DOWNLOAD, RESEND, SESSION, "menuType", "sw/rtx/decDetail/preview/", "")
]
METHODS = ["GET", "POST", "PUT", "HEAD", "OPTIONS"]

text = st.text(max_size=40) | st.from_regex(r"[0-9]{8}|[0-9]{18}|[0-9]{18},[12]", fullmatch=True)
scalar = text | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
MEMBERS = ["decType", "entryId", "startDate", "endDate", "curPage", "pageSize", "encryptStr", "ids", "msgType"]
bodies = st.dictionaries(st.sampled_from(MEMBERS), scalar)
header_values = st.binary(max_size=60).filter(lambda value: not set(value) & set(b"\r\n\0"))
quiet = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def assert_readable(response: httpx.Response, browser: Browser) -> None:
    """Asserts that the response is a redirect, a page, a file, or JSON with a message."""
    assert response.status_code < 500
    if response.status_code in {302, 307}:
        return
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind == "text/plain":
        answer: dict[str, Any] = browser.open(response)
    elif kind == "application/json" and response.content:
        answer = response.json()
    else:
        assert kind in {"text/html", "application/xml", "application/pdf", "application/javascript", "application/json"}
        return
    assert "Traceback" not in response.text
    assert answer.get("responseCode", 100) == 100 or answer["responseMsg"]


@quiet
@given(method=st.sampled_from(METHODS), path=st.sampled_from(PATHS), body=st.binary(max_size=200))
async def test_random_bytes(browser: Browser, method: str, path: str, body: bytes) -> None:
    response = await browser.http.request(method, browser.root + path, content=body, headers={"rdtime": browser.rdtime})
    assert_readable(response, browser)


@quiet
@given(path=st.sampled_from([LIST, DETAIL, DOWNLOAD, RESEND]), body=bodies, sign=st.none() | header_values)
async def test_random_json_members(browser: Browser, path: str, body: dict[str, Any], sign: bytes | None) -> None:
    headers: dict[str, Any] = {"rdtime": browser.rdtime}
    if sign is not None:
        headers |= {"sign": sign, "isVerify": "1"}
    response = await browser.http.post(browser.url(path), json=body, headers=headers)
    assert_readable(response, browser)


@quiet
@given(which=text | st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")))
async def test_random_previews(browser: Browser, which: str) -> None:
    path = httpx.URL(browser.url("sw/rtx/decDetail/preview/")).copy_with(
        raw_path=b"/rtxwebserver/sw/rtx/decDetail/preview/" + httpx.QueryParams({"x": which}).__str__()[2:].encode()
    )
    assert_readable(await browser.http.get(path, headers={"rdtime": browser.rdtime}), browser)


@quiet
@given(rdtime=header_values, cookie=header_values, host=st.from_regex(r"[a-z\[\]:.@%0-9]{0,20}", fullmatch=True))
async def test_random_headers(demo: Demo, rdtime: bytes, cookie: bytes, host: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(demo.application)) as http:
        visitor = Browser(http, demo.root_url)
        for name in ("menuType", SESSION):
            headers: dict[str, Any] = {"rdtime": rdtime, "cookie": b"JSESSIONID=" + cookie, "host": host}
            assert_readable(await http.get(visitor.url(name), headers=headers), visitor)


@quiet
@given(
    form=st.dictionaries(
        st.sampled_from(["lt", "random", "execution", "certNo", "icCard", "signData", "userPin", "x"]), text
    ),
    raw=st.none() | st.binary(max_size=200),
)
async def test_random_logins(demo: Demo, form: dict[str, str], raw: bytes | None) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(demo.application)) as http:
        visitor = Browser(http, demo.root_url)
        page = await visitor.login_page()
        sent: dict[str, Any] = {"data": {**page.inputs, **form}} if raw is None else {"content": raw}
        response = await http.post(visitor.login_url, params={"service": form.get("x", "")}, **sent)
        assert response.status_code == 200
        assert 'id="status"' in response.text
