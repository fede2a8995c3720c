"""What a port keeps between runs, and what happens when files of it are lost or damaged."""

import sqlite3
import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.database import Database
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.port_store import SCHEMA, PortStore
from jiacha_tui.demo.problems import DemoDamaged
from jiacha_tui.demo.sessions import ExpiringStore
from tests.demo.browser import Card
from tests.demo.conftest import TODAY, MakeDemo, NewBrowser

AT = datetime.fromisoformat("2026-06-17 12:00:00")


def open_store(folder: Path) -> PortStore:
    return PortStore(Database.open(folder / "port.db", SCHEMA))


@pytest.fixture
def store(tmp_path: Path) -> PortStore:
    return open_store(tmp_path)


def test_the_anchor_is_set_once(store: PortStore) -> None:
    assert store.anchor(date(2026, 1, 1)) == store.anchor(date(2027, 1, 1)) == date(2026, 1, 1)


def test_the_key_of_the_tokens_is_kept(store: PortStore, tmp_path: Path) -> None:
    assert open_store(tmp_path).token_key() == store.token_key()


def test_prints_are_counted(store: PortStore) -> None:
    for _ in range(3):
        store.add_print("1" * 18)
    assert store.print_counts(["1" * 18, "2" * 18]) == {"1" * 18: 3}


def test_prints_of_two_programs_are_counted_together(store: PortStore, tmp_path: Path) -> None:
    other = open_store(tmp_path)
    threads = [
        threading.Thread(target=lambda opened=opened: [opened.add_print("1" * 18) for _ in range(50)])
        for opened in (store, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.print_counts(["1" * 18]) == {"1" * 18: 100}


def test_the_amendments_of_a_day_are_added_once(store: PortStore, tmp_path: Path) -> None:
    """Two programs on one port both simulate the new day."""
    other = open_store(tmp_path)
    since = store.simulated_until(date(2026, 6, 17))
    assert other.simulated_until(date(2026, 6, 18)) == since
    for opened in (store, other):
        opened.record_simulation(since, date(2026, 6, 18), [("1" * 18, AT)])
    assert store.amendments("1" * 18) == (AT,)


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "port.db"
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(DemoDamaged) as caught:
        open_store(tmp_path)
    assert str(path) in caught.value.message


@pytest.mark.parametrize("name", ["card-authority.pem", "port-signer.pem"])
def test_a_damaged_key_is_reported(home: Path, name: str) -> None:
    (home / "demo" / name).write_bytes(b"-----BEGIN")
    with pytest.raises(DemoDamaged):
        make_demo(home, today=TODAY)


async def test_the_card_is_the_same_at_the_next_start(open_demo: MakeDemo) -> None:
    assert Card.at(open_demo().card).serial == Card.at(open_demo().card).serial


@pytest.mark.parametrize("lost", ["port.db", "card-authority.pem", "port-signer.pem", "card."])
async def test_a_lost_file_is_made_again_and_the_card_logs_in(
    home: Path, open_demo: MakeDemo, new_browser: NewBrowser, lost: str
) -> None:
    for path in (home / "demo").glob(f"{lost}*"):
        path.unlink()
    demo = open_demo()
    visitor = new_browser(demo)
    await visitor.log_in(Card.at(demo.card))
    assert (await visitor.download("20260501", "20260501")).status_code == 200


async def test_a_card_that_was_moved_away_is_not_replaced_and_logs_in_once_it_is_back(
    home: Path, open_demo: MakeDemo, new_browser: NewBrowser
) -> None:
    card, aside = home / "demo" / "card.p12", home / "card.p12"
    before = Card.at(card).serial
    card.rename(aside)
    for path in (home / "demo").glob("port.db*"):
        path.unlink()  # so that the card must be registered again while its key is away
    demo = open_demo()
    assert demo.card == card
    assert not card.exists()
    aside.rename(card)
    assert Card.at(card).serial == before
    await new_browser(demo).log_in(Card.at(card))


@pytest.mark.parametrize(("name", "damaged"), [("card.pem", b"no certificate"), ("card.pem", None), ("card.p12", b"0")])
def test_a_card_that_cannot_be_read_is_not_replaced(
    home: Path, open_demo: MakeDemo, name: str, damaged: bytes | None
) -> None:
    path = home / "demo" / name
    path.unlink()
    if damaged is not None:
        path.write_bytes(damaged)
    files = {file.name: file.read_bytes() for file in (home / "demo").glob("card.*")}
    open_demo()
    assert {file.name: file.read_bytes() for file in (home / "demo").glob("card.*")} == files


async def test_a_lost_database_does_not_replace_the_card(home: Path, open_demo: MakeDemo) -> None:
    before = Card.at(home / "demo" / "card.p12").serial
    for path in (home / "demo").glob("port.db*"):
        path.unlink()
    assert Card.at(open_demo().card).serial == before


async def test_a_port_made_by_an_earlier_version_shows_the_same_declarations(
    home: Path, open_demo: MakeDemo, new_browser: NewBrowser
) -> None:
    """Earlier versions kept no rows of declarations, but computed each one from the same seed and anchor."""

    async def listed() -> object:
        demo = open_demo(today=TODAY + timedelta(days=40))
        visitor = new_browser(demo)
        await visitor.log_in(Card.at(demo.card))
        return await visitor.list("20260701", "20260731"), await visitor.list("20250101", "20250131")

    before = await listed()
    with sqlite3.connect(home / "demo" / "port.db") as database:
        database.execute("DROP TABLE declaration")
        database.execute("DROP TABLE population")
    assert await listed() == before


def test_two_programs_may_start_on_an_empty_folder_at_once(tmp_path: Path) -> None:
    made: list[Demo] = []
    threads = [threading.Thread(target=lambda: made.append(make_demo(tmp_path, today=TODAY))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({Card.at(demo.card).serial for demo in made}) == 1
    with sqlite3.connect(tmp_path / "demo" / "port.db") as database:
        assert database.execute("SELECT count(*) FROM card").fetchone() == (1,)
    for demo in made:
        demo.close()


async def test_cards_are_made_once_and_look_like_real_ones(demo: Demo) -> None:
    cards = {which: Card.at(demo.card_of(which)) for which in DemoCard}
    assert {which: Card.at(demo.card_of(which)).serial for which in DemoCard} == {
        which: card.serial for which, card in cards.items()
    }
    assert len({card.number for card in cards.values()}) == len(DemoCard)
    for card in cards.values():
        assert card.certificate.issuer.rfc4514_string() == "CN=中国电子业务证书管理中心,OU=证书管理中心,O=中国电子口岸"


def test_of_too_many_values_the_oldest_are_dropped() -> None:
    kept: ExpiringStore[int] = ExpiringStore(10.0, lambda: 0.0)
    for number in range(5000):
        kept.put(str(number), number)
    assert kept.take("0") is None
    assert kept.take("4999") == 4999


def test_a_renewed_value_is_kept_and_a_taken_one_is_removed() -> None:
    seconds = [0.0]
    kept: ExpiringStore[str] = ExpiringStore(10.0, lambda: seconds[0])
    kept.put("a", "value")
    seconds[0] = 9
    assert kept.renew("a") == "value"
    seconds[0] = 18
    assert kept.take("a") == "value"
    assert kept.take("a") is None
    kept.put("b", "value")
    seconds[0] = 28
    assert kept.renew("b") is None
