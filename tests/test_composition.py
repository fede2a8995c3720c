"""The card media for each kind of start."""

from pathlib import Path

import pytest

from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlRemote
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.clock import utc_now
from jiacha_tui.composition import compose
from jiacha_tui.demo.card_issuing import Holder, issue_card, make_ca, save_card
from jiacha_tui.locations import Locations
from jiacha_tui.options import Options


def _create_demo_card(home: Path) -> None:
    locations = Locations(home)
    locations.demo.mkdir(mode=0o700, parents=True)
    holder = Holder(card_number="JJ0G900000001", name="张小明", company="示例公司", organisation_code="MA1FL0001")
    save_card(issue_card(make_ca(utc_now()), holder, valid_from=utc_now()), Pin("12345678"), locations.demo_card)


def test_real_cards_are_searched_in_the_client_control_and_in_readers(tmp_path: Path) -> None:
    app_context = compose(Options(home=tmp_path))
    control, readers = app_context.media()
    assert isinstance(control, ControlMedium)
    assert control.medium_id == "control:ws://127.0.0.1:61232"
    assert isinstance(readers, PcscMedium)
    assert app_context.media()[1] is readers


def test_an_existing_demo_card_is_the_last_medium(tmp_path: Path) -> None:
    app_context = compose(Options(home=tmp_path))
    _create_demo_card(tmp_path)
    control, readers, demo = app_context.media()
    assert isinstance(control, ControlMedium)
    assert isinstance(readers, PcscMedium)
    assert isinstance(demo, SoftCard)


def test_the_demonstration_has_only_the_demo_card(tmp_path: Path) -> None:
    (card,) = compose(Options(home=tmp_path, demo=True)).media()
    assert isinstance(card, SoftCard)


async def test_the_address_of_the_control_is_taken_from_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[card]\ncontrol_url = "ws://192.0.2.7:61232"\n', encoding="utf-8")
    control, _readers = compose(Options(home=tmp_path)).media()
    with pytest.raises(ControlRemote):
        await control.read_identity()
