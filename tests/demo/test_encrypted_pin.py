"""A login page that wants the PIN encrypted by its own script, and what it refuses."""

from urllib.parse import urljoin

import httpx
import pytest

from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin_script import LoginPageKind
from jiacha_tui.eport.script_engine import ScriptEngine
from jiacha_tui.eport.settings import ScriptLimits
from tests.demo.browser import PIN, Browser, Card, LoginPage
from tests.demo.conftest import MakeDemo, NewBrowser


class PinPage:
    """The login page in a browser, with the key for the PIN and the script that the page loads."""

    def __init__(self, html: str, page: LoginPage, script: str) -> None:
        self.key = html.partition('id="user_sm_dt" hidden>')[2].partition("<")[0]
        self.page = page
        self.script = script

    @classmethod
    async def open(cls, browser: Browser) -> "PinPage":
        response = await browser.http.get(browser.login_url)
        source = response.text.partition('<script src="')[2].partition('"')[0]
        script = await browser.http.get(urljoin(browser.login_url, source))
        assert script.status_code == 200
        return cls(response.text, LoginPage.of(response), script.text)

    async def encrypt(self, pin: str, key: str = "") -> str:
        engine = await ScriptEngine.start([self.script], ScriptLimits())
        encrypted = await engine.call("CaData_KXC", pin, key or self.key)
        await engine.aclose()
        return encrypted


@pytest.fixture
def demo(open_demo: MakeDemo) -> Demo:
    return open_demo(login_page=LoginPageKind.ENCRYPTED_PIN)


@pytest.fixture
def browser(demo: Demo, new_browser: NewBrowser) -> Browser:
    """A browser that has not logged in."""
    return new_browser(demo)


async def test_an_encrypted_pin_with_its_mark_logs_in(browser: Browser, card: Card) -> None:
    page = await PinPage.open(browser)
    assert len(page.key) == 16
    form = browser.form(page.page, card, userPin=await page.encrypt(PIN.decode()), sgm="1")
    assert (await browser.submit(form)).status_code == 302


async def test_an_empty_pin_logs_in_as_on_other_pages(browser: Browser, card: Card) -> None:
    await browser.log_in(card)


async def test_a_pin_in_clear_or_without_its_mark_is_refused_and_not_sent_back(browser: Browser, card: Card) -> None:
    encrypted = await (await PinPage.open(browser)).encrypt(PIN.decode())
    for pin, mark in ((PIN.decode(), "1"), (PIN.decode(), "0"), ("87654321", "1"), (encrypted, "0"), (encrypted, "")):
        response = await browser.submit(browser.form(await browser.login_page(), card, userPin=pin, sgm=mark))
        assert LoginPage.of(response).status == "7|密码没有按页面的要求加密提交"
        assert pin not in response.text


async def test_another_pin_and_the_key_of_another_page_are_refused(browser: Browser, card: Card) -> None:
    page = await PinPage.open(browser)
    wrong = browser.form(page.page, card, userPin=await page.encrypt("87654321"), sgm="1")
    assert LoginPage.of(await browser.submit(wrong)).status == "8|IC卡/Key密码校验未通过"
    fresh = await PinPage.open(browser)
    assert fresh.key != page.key
    stale = browser.form(fresh.page, card, userPin=await page.encrypt(PIN.decode()), sgm="1")
    assert LoginPage.of(await browser.submit(stale)).status[:2] in {"7|", "8|"}


async def test_each_start_draws_another_cipher(browser: Browser, open_demo: MakeDemo, new_browser: NewBrowser) -> None:
    first = await PinPage.open(browser)
    again = await PinPage.open(new_browser(open_demo(login_page=LoginPageKind.ENCRYPTED_PIN)))
    assert await first.encrypt("1", "k" * 16) != await again.encrypt("1", "k" * 16)


async def test_a_page_that_does_not_encrypt_has_neither_key_nor_script(
    open_demo: MakeDemo, new_browser: NewBrowser
) -> None:
    plain = new_browser(open_demo())
    assert "user_sm_dt" not in (await plain.http.get(plain.login_url)).text
    response: httpx.Response = await plain.http.get(f"{plain.root}/cas/js/kxc.js")
    assert response.status_code == 404
