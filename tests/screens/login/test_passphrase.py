"""The login screen with a card that cannot keep the key of its cache, and with a key file that nobody signed."""

import importlib.util

import pytest
from textual import events
from textual.pilot import Pilot

from db.cache import Cache
from db.key import new_key
from db.key_file import KeyFileOwner
from jiacha_tui.demo.pin import DEMO_PIN
from screens.login.passphrase_dialog import PassphraseDialog
from screens.login.pin_field import PinField
from tests.card.control.simulator import Simulator
from tests.db.old_key_files import old_file_for_certificate
from tests.screens.harness import SMALLEST, until, until_shown
from tests.screens.login.login_app import CARD, LoginApp, MakeLogin, log_in, until_logged_in
from tests.screens.login.reader import Reader
from tests.screens.sample_cache import SampleSessions

PASSPHRASE = "kmxt-93pd-rw7q"


@pytest.fixture
def sm2_simulator(simulator: Simulator) -> Simulator:
    """A control with an SM2 card that neither encrypts nor decrypts."""
    if importlib.util.find_spec("gmssl_pyx") is None:
        pytest.skip("gmssl-pyx, which the SM2 card needs, is not installed")
    for command in ("insert sm2", "encryption no-encrypt no-decrypt no-certificate"):
        assert simulator.run(command) == "ok"
    return simulator


async def paste(app: LoginApp, pilot: Pilot[int], text: str, *keys: str) -> None:
    """Pastes into the field with the focus, which is quicker than single keys, and then presses `keys`."""
    assert app.focused is not None
    app.focused.post_message(events.Paste(text))
    await pilot.press(*keys)


async def test_a_passphrase_is_chosen_once_and_asked_for_at_each_login(
    sm2_simulator: Simulator, make_login: MakeLogin
) -> None:
    first = make_login(sm2_simulator.medium(), offline=True)
    async with first.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "示例")
        await pilot.press(*DEMO_PIN, "enter")
        await until_shown(pilot, "缓存口令", "再输一次", "代拟一个", "[ 本次不留缓存 ]", "忘了没有办法找回")
        await paste(first, pilot, "123456789abc", "enter")
        await until_shown(pilot, "连续或重复的一串字符，没有采用")
        await paste(first, pilot, PASSPHRASE, "enter")
        await paste(first, pilot, PASSPHRASE[:-1], "enter")
        await until_shown(pilot, "两次输入的口令不同")
        assert PASSPHRASE not in first.text
        await paste(first, pilot, PASSPHRASE, "enter")
        await until_logged_in(pilot, first)
        await first.session.close()
    again = make_login(sm2_simulator.medium(), offline=True)
    async with again.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "示例")
        await pilot.press(*DEMO_PIN, "enter")
        await until_shown(pilot, "本机缓存由缓存口令保护", "[ 另建缓存 ]")
        assert "再输一次" not in again.text
        await paste(again, pilot, PASSPHRASE[::-1], "enter")
        await until_shown(pilot, "缓存口令不对，打不开本机缓存")
        await until(pilot, lambda: again.screen.query_one(PinField).is_empty)
        await paste(again, pilot, PASSPHRASE, "enter")
        await until_logged_in(pilot, again)


async def test_the_dialog_offers_no_lasting_cache_and_a_new_one_and_escape_goes_back(
    sm2_simulator: Simulator, make_login: MakeLogin, sessions: SampleSessions
) -> None:
    login = make_login(sm2_simulator.medium(), offline=True)
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "示例")
        await pilot.press(*DEMO_PIN, "enter")
        await until_shown(pilot, "再输一次")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(login.screen, PassphraseDialog))
        assert not login.pin.is_empty
        await pilot.press("enter")
        await until_shown(pilot, "再输一次")
        await pilot.press("tab", "tab", "tab", "tab", "enter")
        await until_logged_in(pilot, login)
        assert any("本次不留缓存" in warning for warning in login.session.warnings)
    assert not list(sessions.read_only().app_context.locations.caches.glob("*/key.json"))


async def test_a_key_file_that_nobody_signed_is_used_only_after_a_confirmation(
    login: LoginApp, reader: Reader, sessions: SampleSessions
) -> None:
    identity = await reader.read_identity()
    assert identity is not None
    locations, key = sessions.read_only().app_context.locations, new_key()
    locations.cache(CARD).mkdir(parents=True)
    Cache.open(locations.cache_file(CARD), key).close()
    owner = KeyFileOwner(CARD, identity.certificate_serial)
    locations.key_file(CARD).write_bytes(old_file_for_certificate(key, owner, identity.certificate))
    async with login.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, CARD)
        await log_in(pilot)
        await until_shown(pilot, "没有卡的签名", "key.unsigned", "[▸确认密钥文件 ]", "[ 另建缓存 ]")
        await pilot.press("enter")
        await until_shown(pilot, "确认并签名", "[▸取消 ]")
        await pilot.press("enter")
        await until_shown(pilot, "[▸确认密钥文件 ]")
        await pilot.press("enter")
        await until_shown(pilot, "[▸取消 ]")
        await pilot.press("tab", "enter")
        await until_logged_in(pilot, login)
        assert any("由这张卡签名" in entry.message for entry in login.session.unconfirmed)
