"""`jiacha` with the demo card as its only card, and a clock that stands: `… program (decrypts|signs) ARGUMENT …`."""

import sys

import pytest

from jiacha_tui import composition
from jiacha_tui.cli.main import main
from tests.app_contexts import NOW
from tests.io_faults.cards import card_of_kind

_KIND = sys.argv.pop(1)

patch = pytest.MonkeyPatch()
patch.setattr(composition, "local_now", lambda: NOW)
patch.setattr(
    composition,
    "_media",
    lambda locations, *_: lambda: (card_of_kind(locations.demo_card, decrypts=_KIND == "decrypts"),),
)
sys.exit(main())
