"""The embedded port, put together: what lies under its folder, its population, and the application that serves it."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.demo import declaration_table, port_store
from jiacha_tui.demo.amendment_simulator import AmendmentSimulator
from jiacha_tui.demo.application import make_application
from jiacha_tui.demo.cards import CardIssuer, DemoCard
from jiacha_tui.demo.clock import Clock, china_now, stopped_at
from jiacha_tui.demo.database import Database
from jiacha_tui.demo.declaration_table import DeclarationTable
from jiacha_tui.demo.downloads import Downloads
from jiacha_tui.demo.envelope import EnvelopeWriter
from jiacha_tui.demo.login import LoginHandler, Sessions
from jiacha_tui.demo.pki import PortKeys
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.sample_data.declaration_rows import PopulationConfig
from jiacha_tui.demo.service import Service, SignaturePolicy
from jiacha_tui.private_files import file_problems, private_folder

ROOT_URL: Final = "https://demo.invalid"
DECLARATIONS: Final = 2000
SEED: Final = 1

_STATE_FILE: Final = "port.db"
_LOCK_FILE: Final = "port.lock"


@dataclass(frozen=True, slots=True)
class Demo:
    """A port in this process. `application` is ASGI; `card` the PKCS#12 file of the demo card, its PIN `DEMO_PIN`."""

    application: Starlette
    root_url: str
    card: Path
    population: Population
    state: PortStore
    clock: Clock
    _office: CardIssuer
    _database: Database

    def card_of(self, which: DemoCard) -> Path:
        """The PKCS#12 file of another card, made when first asked for. Raises FileProblem."""
        return self._office.path(which)

    def amend(self, entry_id: str) -> None:
        """Customs amends a declaration now: it is reported again as 修改, with something in it changed."""
        self.state.amend(entry_id, self.clock().replace(microsecond=0))

    def close(self) -> None:
        self._database.close()


def make_demo(
    home: Path,
    declarations: int = DECLARATIONS,
    seed: int = SEED,
    today: date | None = None,
    *,
    demand: SignaturePolicy = SignaturePolicy.ONCE,
    seconds: Callable[[], float] = time.monotonic,
) -> Demo:
    """The port whose files lie in `home`/demo, made there the first time.

    `today` stops the calendar on a day; `seconds` is the clock by which sessions expire.
    Raises DemoDamaged, FileProblem; ValueError for more declarations than can be numbered.
    """
    clock = stopped_at(today) if today else china_now
    folder = private_folder(home / "demo")
    with _alone(folder / _LOCK_FILE):
        trust = PortKeys.at(folder)
        database = Database.open(folder / _STATE_FILE, port_store.SCHEMA, declaration_table.SCHEMA)
        state = PortStore(database)
        office = CardIssuer(folder, trust.authority, state)
        card = office.path(DemoCard.DEMO)
        basis = PopulationConfig(seed, declarations, state.anchor(clock().date()))
    population = Population(basis, DeclarationTable(database, basis), state.amendments)
    population.make_until(clock().date())
    life = AmendmentSimulator(basis, population, state)
    sessions = Sessions.new(seconds)
    service = Service(
        population=population,
        state=state,
        life=life,
        sessions=sessions,
        downloads=Downloads(population, trust.signer),
        clock=clock,
        print_form=_print_form,
        demand=demand,
        envelope=EnvelopeWriter.new(),
        token_key=state.token_key(),
    )
    application = make_application(LoginHandler(state, trust.authority, sessions, clock), service)
    return Demo(application, ROOT_URL, card, population, state, clock, office, database)


def _print_form(declaration: Declaration) -> bytes:
    # Slow to import, and most sessions never ask for it.
    from jiacha_tui.printing.pdf import make_pdf  # noqa: PLC0415

    return make_pdf([declaration]).data


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Of several programs that start on one folder, one after the other makes what is missing."""
    with file_problems(path), path.open("ab") as lock:
        path.chmod(0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
