"""Searches the memory of the whole program for the PIN of a card in a reader."""

from pathlib import Path

from tests.card.pcsc.pcscd import Pcscd
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.memory import PIN_KEYS, check_lock_clears_pin, write_config
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")


def test_a_locked_session_keeps_no_copy_of_the_pin_of_a_card_in_a_reader(
    linked_pcscd: Pcscd, rsa_card: VirtualPiv, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    environ = child_environment | {"PCSCLITE_CSOCK_NAME": linked_pcscd.socket}
    with linked_pcscd.slots[0].with_card(rsa_card):
        check_lock_clears_pin(write_config(tmp_path / "home", "ws://127.0.0.1:9"), PIN_KEYS, environ)
