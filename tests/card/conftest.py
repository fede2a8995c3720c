"""Cards and an SSH server that the tests of this folder share, because creating a key takes some time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jiacha_tui.card.pin import Pin
from jiacha_tui.demo.card_issuing import Authority, Holder, IssuedCard, issue_card, make_ca, save_card
from tests.card.cards import NOW, PIN
from tests.card.sshd import SshServer, running_sshd


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_ca(NOW - timedelta(days=400))


@pytest.fixture(scope="session")
def holder() -> Holder:
    return Holder(
        card_number="JJ0G900000001", name="张小明", company="示例进出口有限公司", organisation_code="MA1FL0001"
    )


@pytest.fixture(scope="session")
def issued(authority: Authority, holder: Holder) -> IssuedCard:
    return issue_card(authority, holder, valid_from=NOW - timedelta(days=10), serial=0x01691F7F)


@pytest.fixture(scope="session")
def other_issued(authority: Authority) -> IssuedCard:
    holder = Holder(card_number="JJ0G900000002", name="李四", company="另一公司", organisation_code="MA1FL0002")
    return issue_card(authority, holder, valid_from=NOW - timedelta(days=10))


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with running_sshd(tmp_path_factory.mktemp("ssh")) as server:
        yield server


@pytest.fixture
def p12_path(issued: IssuedCard, tmp_path: Path) -> Path:
    path = tmp_path / "card.p12"
    save_card(issued, Pin(PIN), path)
    return path
