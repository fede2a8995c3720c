"""The login form: which cards log in, which do not, and the status that each one gets."""

import pytest

from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from tests.demo.browser import LIST, SESSION, Browser, Card, LoginPage
from tests.demo.conftest import MakeDemo, NewBrowser


async def test_the_demo_card_logs_in(demo: Demo, new_browser: NewBrowser, card: Card) -> None:
    visitor = new_browser(demo)
    await visitor.log_in(card)
    assert visitor.cards == "JJ0G900000001"
    assert (await visitor.list("20260601", "20260617"))["responseCode"] == 100


async def test_another_companys_card_logs_in_and_sees_its_own_declarations(
    demo: Demo, new_browser: NewBrowser, browser: Browser
) -> None:
    other = new_browser(demo)
    await other.log_in(Card.at(demo.card_of(DemoCard.OTHER_COMPANY)))
    theirs = (await other.list("20260501", "20260531"))["responseData"]
    ours = (await browser.list("20260501", "20260531"))["responseData"]
    assert 0 < theirs["total"] < ours["total"]
    assert not {row["entryId"] for row in theirs["rows"]} & {row["entryId"] for row in ours["rows"]}


@pytest.mark.parametrize(
    ("which", "status"),
    [
        (DemoCard.BLACKLISTED, "4|"),
        (DemoCard.REVOKED, "5|卡信息异常，请尝试用证书延期方式更正!"),
        (DemoCard.FOREIGN, "5|卡信息异常，请尝试用证书延期方式更正!"),
        (DemoCard.UNKNOWN, "5|卡信息异常，请尝试用证书延期方式更正!"),
        (DemoCard.EXPIRED, "5|您的IC卡已过期!"),
    ],
)
async def test_a_card_that_is_not_valid_is_refused(
    demo: Demo, new_browser: NewBrowser, which: DemoCard, status: str
) -> None:
    assert (await new_browser(demo).refused_login(Card.at(demo.card_of(which)))).startswith(status)


async def test_a_card_that_is_about_to_expire_still_logs_in(demo: Demo, new_browser: NewBrowser) -> None:
    await new_browser(demo).log_in(Card.at(demo.card_of(DemoCard.NEARLY_EXPIRED)))


async def test_a_signature_by_another_key_is_refused(demo: Demo, new_browser: NewBrowser, card: Card) -> None:
    visitor = new_browser(demo)
    page = await visitor.login_page()
    stranger = Card.at(demo.card_of(DemoCard.OTHER_COMPANY))
    response = await visitor.submit(visitor.form(page, card, signData=stranger.sign(page.inputs["random"])))
    assert LoginPage.of(response).status.startswith("5|")


async def test_the_number_of_another_card_is_refused(demo: Demo, new_browser: NewBrowser, card: Card) -> None:
    assert (await new_browser(demo).refused_login(card, icCard="JJ0G900000021")).startswith("5|")


async def test_only_its_holder_learns_that_a_card_is_blacklisted(
    demo: Demo, new_browser: NewBrowser, card: Card
) -> None:
    visitor = new_browser(demo)
    page = await visitor.login_page()
    blacklisted = Card.at(demo.card_of(DemoCard.BLACKLISTED))
    form = visitor.form(page, blacklisted, signData=card.sign(page.inputs["random"]))
    assert LoginPage.of(await visitor.submit(form)).status.startswith("5|")


@pytest.mark.parametrize("name", ["random", "lt", "execution", "certNo", "icCard", "signData"])
async def test_a_form_without_one_of_its_fields_is_refused(
    demo: Demo, new_browser: NewBrowser, card: Card, name: str
) -> None:
    assert (await new_browser(demo).refused_login(card, **{name: ""})).startswith("0|")


async def test_a_login_page_can_be_answered_once(demo: Demo, new_browser: NewBrowser, card: Card) -> None:
    visitor = new_browser(demo)
    form = visitor.form(await visitor.login_page(), card)
    assert (await visitor.submit(form)).status_code == 302
    again = await visitor.submit(form)
    assert LoginPage.of(again).status.startswith("6|")


async def test_a_login_page_can_be_answered_once_even_if_the_answer_was_wrong(
    demo: Demo, new_browser: NewBrowser, card: Card
) -> None:
    visitor = new_browser(demo)
    page = await visitor.login_page()
    await visitor.submit(visitor.form(page, card, signData="AAAA"))
    assert LoginPage.of(await visitor.submit(visitor.form(page, card))).status.startswith("6|")


async def test_the_random_text_of_one_page_is_refused_on_another(
    demo: Demo, new_browser: NewBrowser, card: Card
) -> None:
    visitor = new_browser(demo)
    used = await visitor.login_page()
    await visitor.submit(visitor.form(used, card))
    fresh = await visitor.login_page()
    stale = visitor.form(used, card) | {"lt": fresh.inputs["lt"]}
    assert LoginPage.of(await visitor.submit(stale)).status.startswith("6|")


async def test_a_login_page_can_be_answered_only_by_its_browser(
    demo: Demo, new_browser: NewBrowser, card: Card
) -> None:
    victim, thief = new_browser(demo), new_browser(demo)
    form = victim.form(await victim.login_page(), card)
    await thief.login_page()
    assert LoginPage.of(await thief.submit(form)).status.startswith("6|")


async def test_a_refused_login_can_be_repeated_on_the_page_that_reports_it(
    demo: Demo, new_browser: NewBrowser, card: Card
) -> None:
    visitor = new_browser(demo)
    refused = await visitor.submit(visitor.form(await visitor.login_page(), card, icCard="x"))
    assert (await visitor.submit(visitor.form(LoginPage.of(refused), card))).status_code == 302


async def test_a_ticket_can_be_used_once(demo: Demo, new_browser: NewBrowser, card: Card) -> None:
    visitor, thief = new_browser(demo), new_browser(demo)
    response = await visitor.submit(visitor.form(await visitor.login_page(), card))
    ticket = response.headers["location"]
    assert "/cas/login" not in (await visitor.http.get(ticket)).headers["location"]
    assert "/cas/login" in (await thief.http.get(ticket)).headers["location"]


async def test_a_login_redirects_only_to_the_port(demo: Demo, new_browser: NewBrowser, card: Card) -> None:
    visitor = new_browser(demo)
    page = await visitor.login_page()
    response = await visitor.http.post(
        visitor.login_url, params={"service": "https://elsewhere.invalid/"}, data=visitor.form(page, card)
    )
    assert response.headers["location"].startswith(f"{demo.root_url}/rtxwebserver/")


async def test_a_pin_in_the_form_is_ignored_and_never_sent_back(
    demo: Demo, new_browser: NewBrowser, card: Card
) -> None:
    visitor = new_browser(demo)
    page = await visitor.login_page()
    refused = await visitor.submit(visitor.form(page, card, userPin="secret-1", icCard="x"))
    assert "secret-1" not in refused.text
    await visitor.log_in(card, userPin="secret-1")
    assert "secret-1" not in (await visitor.http.post(visitor.url(SESSION))).text


async def test_without_a_session_every_call_redirects_to_the_login(demo: Demo, new_browser: NewBrowser) -> None:
    visitor = new_browser(demo)
    for response in (
        await visitor.post(LIST, {}),
        await visitor.http.post(visitor.url(SESSION)),
        await visitor.http.get(visitor.url("menuType")),
        await visitor.preview("2" * 18),
    ):
        assert response.status_code == 302
        assert response.headers["location"].startswith(f"{demo.root_url}/cas/login?service=")


async def test_a_session_expires_when_it_is_not_used(open_demo: MakeDemo, new_browser: NewBrowser) -> None:
    seconds = [0.0]
    demo = open_demo(monotonic_clock=lambda: seconds[0])
    visitor = new_browser(demo)
    await visitor.log_in(Card.at(demo.card))
    for _ in range(3):
        seconds[0] += 1700
        assert (await visitor.http.post(visitor.url(SESSION))).status_code == 200
    seconds[0] += 1900
    assert (await visitor.http.post(visitor.url(SESSION))).status_code == 302


async def test_a_login_page_expires_when_it_is_not_answered(open_demo: MakeDemo, new_browser: NewBrowser) -> None:
    seconds = [0.0]
    demo = open_demo(monotonic_clock=lambda: seconds[0])
    visitor = new_browser(demo)
    form = visitor.form(await visitor.login_page(), Card.at(demo.card))
    seconds[0] += 700
    assert LoginPage.of(await visitor.submit(form)).status.startswith("6|")


async def test_two_login_pages_of_one_browser_can_both_be_answered(
    demo: Demo, new_browser: NewBrowser, card: Card
) -> None:
    visitor = new_browser(demo)
    pages = [await visitor.login_page() for _ in range(2)]
    assert [(await visitor.submit(visitor.form(page, card))).status_code for page in pages] == [302, 302]


async def test_a_call_with_another_sessions_rdtime_is_refused(browser: Browser) -> None:
    browser.rdtime = "1"
    assert browser.open(await browser.post(LIST, {"decType": "1"}))["responseCode"] == 30003


async def test_cookies_are_hidden_from_scripts_and_from_plain_http(demo: Demo, new_browser: NewBrowser) -> None:
    visitor = new_browser(demo)
    response = await visitor.http.get(visitor.login_url)
    assert {"Secure", "HttpOnly"} <= {part.strip() for part in response.headers["set-cookie"].split(";")}
