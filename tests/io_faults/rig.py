"""One embedded port over TLS, and one program that does its work on a failing disk, again and again."""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jiacha_tui.actions.sync_plan import months_back
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind, Origin, Summary
from jiacha_tui.declaration.query import DateRangeQuery
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.faults import CallKind
from jiacha_tui.demo.rtx_message_writer import write_rtx_message
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from tests.app_contexts import TODAY, embedded_port
from tests.eport.tls import ServerFiles, make_server_files, serve
from tests.io_faults.checks import Books, Ended, violations
from tests.io_faults.faults import Fault, Place, count_places
from tests.io_faults.orders import MONTHS, Order, Report, Task, decode, encode
from tests.port_home import copy_home
from tests.torture.recording import FileRecorder, RequestRecorder

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - each run makes a private folder in it
_MEMORY = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
"""Where a run has its home: every commit waits for the disk, and here only the errors of a disk matter."""

DECLARATIONS = 290
"""About 60 of them are exported in the last `MONTHS` months."""

_IMPORTED = ("223320250000000001", "223320250000000002")


@contextmanager
def private_folder_in_memory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiacha-faults-", dir=_MEMORY) as name:
        yield Path(name)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a fault led to. `violations` is empty if everything held. `codes` are the steps with their problems."""

    fault: Fault | None
    violations: tuple[str, ...]
    codes: tuple[str, ...]
    places: Counter[Place]


def build_library(folder: Path) -> Path:
    """Builds what is loaded before libc. Needs gcc."""
    library = folder / "io_faults.so"
    source = Path(__file__).with_name("io_faults.c")
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library


class DiskRig:
    """Runs the work with faults, one after the other."""

    def __init__(
        self, demo: Demo, folder: Path, url: str, files: ServerFiles, program: "subprocess.Popen[bytes]"
    ) -> None:
        self._demo = demo
        self.url = url
        self.ca = files.ca
        self._program = program
        self._template = folder / "template"
        (self._template / "demo").mkdir(parents=True)
        self._template.chmod(0o700)
        for path in demo.card.parent.glob(f"{demo.card.stem}*"):
            shutil.copy2(path, self._template / "demo")
        self.task = _task(demo, folder / "import.xml")
        self._places: dict[bool, Counter[Place]] = {}
        self._resent_before = 0
        self.requests: RequestRecorder
        self.files: FileRecorder
        self.library: Path

    @classmethod
    @contextmanager
    def open(cls, folder: Path, port_keys: Path, environment: dict[str, str]) -> Iterator["DiskRig"]:
        """A rig whose files are in `folder`, with a port that has a copy of `port_keys`."""
        (folder / "tls").mkdir()
        files = make_server_files(folder / "tls")
        library = build_library(folder)
        environment = environment | {"LD_PRELOAD": str(library)}
        command = [sys.executable, "-m", "tests.io_faults.program"]
        with embedded_port(copy_home(port_keys, folder / "port"), DECLARATIONS) as demo:
            recorder = FileRecorder(demo.application)
            requests = RequestRecorder(recorder)
            with (
                serve(requests, files) as url,
                subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program,
            ):
                rig = cls(demo, folder, url, files, program)
                rig.requests, rig.files, rig.library = requests, recorder, library
                try:
                    yield rig
                finally:
                    program.kill()

    def run(self, fault: Fault | None, *, decrypts: bool) -> RunReport:
        """Does the work with the fault, then starts the program once more without one. `decrypts` is of the card."""
        self.start_books()
        with private_folder_in_memory() as folder:
            home = self.new_home(folder)
            log = folder / "log" if fault is None else None
            work = self._order(
                Order(home, self.url, self.ca, self.task, folder / "work", _text(fault), log, decrypts=decrypts)
            )
            resends_of_work = self._count_resends()
            later = self.look(home, decrypts=decrypts)
            found = list(violations(fault, self.task, work, later, books=self.books(), home=home))
            if self._count_resends() > resends_of_work:
                found.append("the later start resent something")
            places = count_places(log.read_text().splitlines()) if log else Counter()
        codes = tuple(f"{step.step}: {step.failure.code}" for step in work.report.steps if step.failure is not None)
        return RunReport(fault, tuple(found), codes, places)

    def new_home(self, folder: Path) -> Path:
        """A home in `folder` with the card and nothing else."""
        return copy_home(self._template, folder / "home")

    def look(self, home: Path, *, decrypts: bool) -> Ended:
        """What a later start finds; it syncs once more."""
        report = home.with_name("look")
        return self._order(Order(home, self.url, self.ca, self.task, report, is_work=False, decrypts=decrypts))

    def start_books(self) -> None:
        """From now on the books count what is resent."""
        self.requests.requests.clear()
        self.files.files.clear()
        self._resent_before = len(self._demo.store.resends())

    def books(self) -> Books:
        return Books(
            listed=frozenset(_entry_ids(self._demo)),
            resent=tuple(number for number, _ in self._demo.store.resends()[self._resent_before :]),
            resend_requests=self._count_resends(),
            files=tuple(self.files.files),
        )

    def places(self, *, decrypts: bool) -> Counter[Place]:
        """What the work changes if nothing fails, with a card of this kind."""
        if decrypts not in self._places:
            report = self.run(None, decrypts=decrypts)
            assert not report.violations, report.violations
            self._places[decrypts] = report.places
        return self._places[decrypts]

    def _count_resends(self) -> int:
        return sum(request.call is CallKind.RESEND for request in self.requests.requests)

    def _order(self, order: Order) -> Ended:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(encode(order) + b"\n")
        self._program.stdin.flush()
        code = int(self._program.stdout.readline())
        written = order.report.read_bytes() if order.report.exists() else b"{}"
        left = tuple(str(path.relative_to(order.home)) for path in order.home.rglob(".jiacha-*.tmp"))
        return Ended(code, decode(written, Report), left)


def _text(fault: Fault | None) -> str:
    return "" if fault is None else fault.text


def _task(demo: Demo, import_file: Path) -> Task:
    entry_ids = _entry_ids(demo)
    cleared = DateRangeQuery(next(months_back(TODAY, 1)), Kind.CLEARED)
    day = next(
        declaration.summary.exported_on
        for declaration in demo.population.declarations(DEMO_COMPANY, cleared, demo.clock())
        if declaration.summary.exported_on is not None
    )
    import_file.write_bytes(write_rtx_message([_imported(entry_id) for entry_id in _IMPORTED]))
    return Task(entry_ids[0], tuple(entry_ids[1:3]), day, day, import_file, _IMPORTED)


def _imported(entry_id: str) -> Declaration:
    summary = Summary(entry_id=entry_id, exported_on=TODAY)
    head = Head(entry_id=entry_id, exported_on=TODAY)
    return Declaration(summary, head, (Item(number=1, hs_code="5208310000", name="棉布"),), Origin.FILE)


def _entry_ids(demo: Demo) -> list[str]:
    spans = list(months_back(TODAY, MONTHS))
    return [
        declaration.summary.entry_id
        for span in spans
        for kind in Kind
        for declaration in demo.population.declarations(DEMO_COMPANY, DateRangeQuery(span, kind), demo.clock())
    ]
