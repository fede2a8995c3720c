"""Puts the embedded port together: its files, its declarations, and the ASGI application that serves them."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.demo import port_store, sample_table
from jiacha_tui.demo.amendment_simulator import AmendmentSimulator
from jiacha_tui.demo.application import make_application
from jiacha_tui.demo.cards import CardIssuer, DemoCard
from jiacha_tui.demo.clock import Clock, china_now, fixed_clock
from jiacha_tui.demo.database import Database
from jiacha_tui.demo.downloads import Downloads
from jiacha_tui.demo.envelope import EnvelopeWriter, ScriptShape, draw_envelope
from jiacha_tui.demo.login import LoginHandler
from jiacha_tui.demo.pin_script import LoginPageKind, PinScript
from jiacha_tui.demo.pki import PortKeys
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.sample_data.sample_rows import PopulationConfig
from jiacha_tui.demo.sample_table import SampleTable
from jiacha_tui.demo.script_release import ScriptRelease
from jiacha_tui.demo.service import PrintForm, Service, SignaturePolicy
from jiacha_tui.demo.sessions import Sessions
from jiacha_tui.private_files import check_regular, file_problems, private_folder

ROOT_URL: Final = "https://demo.invalid"
DECLARATIONS: Final = 2000
SEED: Final = 1

_PRINT_NOTE: Final = "本单据由内置口岸打印，数据都是虚构的。"

_DATABASE_FILE: Final = "port.db"
_LOCK_FILE: Final = "port.lock"


@dataclass(frozen=True, slots=True)
class Demo:
    """A port in this process.

    `application` is ASGI. `card` is the PKCS#12 file of the demo card; its PIN is `DEMO_PIN`.
    """

    application: Starlette
    root_url: str
    card: Path
    population: Population
    store: PortStore
    clock: Clock
    _sessions: Sessions = field(repr=False)
    _release: ScriptRelease = field(repr=False)
    _card_issuer: CardIssuer = field(repr=False)
    _database: Database = field(repr=False)

    def card_of(self, card: DemoCard) -> Path:
        """The PKCS#12 file of another card, made at the first call. Raises FileProblem."""
        return self._card_issuer.path(card)

    def amend(self, entry_id: str) -> None:
        """Customs amends a declaration now: it is reported again as 修改, with something in it changed."""
        self.store.add_amendment(entry_id, self.clock().replace(microsecond=0))

    def release(self, envelope: EnvelopeWriter, *, ends_sessions: bool = True) -> None:
        """The site changes its script. All responses are in this envelope from now on.

        Every session ends, or all go on and have to load the script again.
        """
        self._release.envelope = envelope
        if ends_sessions:
            self._sessions.open.clear()
        for session in self._sessions.open.values():
            session.envelope = envelope

    def withdraw(self, *entry_ids: str) -> None:
        """Customs deletes declarations: the port has them no longer."""
        self.population.withdraw(entry_ids)

    def restore(self, *entry_ids: str) -> None:
        """The port has deleted declarations again."""
        self.population.restore(entry_ids)

    def move(self, entry_id: str, day: date) -> None:
        """Customs corrects the 出口日期 of a declaration."""
        self.population.move(entry_id, day)

    def renumber(self, entry_id: str) -> str:
        """Customs amends a declaration into another one with a new number, which is returned."""
        return self.population.renumber(entry_id)

    def close(self) -> None:
        self._database.close()


def make_demo(
    home: Path,
    declarations: int = DECLARATIONS,
    seed: int = SEED,
    today: date | None = None,
    *,
    signature_policy: SignaturePolicy = SignaturePolicy.ONCE,
    script: ScriptShape = ScriptShape.PLAIN,
    login_page: LoginPageKind = LoginPageKind.PLAIN,
    monotonic_clock: Callable[[], float] = time.monotonic,
    print_form: PrintForm | None = None,
) -> Demo:
    """The port whose files are in the folder `demo` of `home`; makes those that are missing.

    `today` stops the calendar on that day. `monotonic_clock` gives the seconds by which sessions expire. `script` is
    the shape of the script that opens responses. `print_form` replaces the official form, which takes the
    better part of a second to draw.
    Raises DemoDamaged, FileProblem; ValueError for a number of declarations that `PopulationConfig` does not allow.
    """
    clock = fixed_clock(today) if today else china_now
    folder = private_folder(home / "demo")
    with _one_at_a_time(folder / _LOCK_FILE):
        keys = PortKeys.load_or_make(folder)
        database = Database.open(folder / _DATABASE_FILE, port_store.SCHEMA, sample_table.SCHEMA)
        store = PortStore(database)
        card_issuer = CardIssuer(folder, keys.authority, store)
        card = card_issuer.path(DemoCard.DEMO)
        config = PopulationConfig(seed, declarations, store.anchor(clock().date()))
    population = Population(config, SampleTable(database, config), store.amendments)
    population.make_until(clock().date())
    sessions = Sessions.new(monotonic_clock)
    service = Service(
        population=population,
        store=store,
        amendment_simulator=AmendmentSimulator(config, population, store),
        sessions=sessions,
        downloads=Downloads(population, keys.signer),
        clock=clock,
        print_form=print_form or _print_form,
        signature_policy=signature_policy,
        token_key=store.token_key(),
    )
    release = ScriptRelease(draw_envelope(script))
    pin_script = PinScript.draw() if login_page is LoginPageKind.ENCRYPTED_PIN else None
    login = LoginHandler(store, keys.authority, sessions, clock, release, pin_script)
    application = make_application(login, service)
    return Demo(application, ROOT_URL, card, population, store, clock, sessions, release, card_issuer, database)


def _print_form(declaration: Declaration) -> bytes:
    # Slow to import, and most sessions never print.
    from jiacha_tui.printing.form import FormMarks  # noqa: PLC0415
    from jiacha_tui.printing.pdf import make_pdf  # noqa: PLC0415

    return make_pdf([declaration], marks=FormMarks("", "", _PRINT_NOTE)).data


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Programs that start on one folder at the same time wait for each other, so that only one makes its files."""
    check_regular(path)
    with file_problems(path), path.open("ab") as lock:
        path.chmod(0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
