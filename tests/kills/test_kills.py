"""The program is killed at random moments of every action: nothing that it had said is lost, nothing is done twice."""

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.cli.terminals import terminal
from tests.io_faults.checks import violations_after_start
from tests.io_faults.orders import Report, StepReport
from tests.io_faults.rig import DiskRig, private_folder_in_memory
from tests.kills.actions import ACTIONS, Action, Start
from tests.needs import needs
from tests.terminal.program_screen import ProgramScreen
from tests.torture.combinations import TORTURE_SEED

pytestmark = needs("gcc")

SAMPLE = 8
_KILLS = int(os.environ.get("KILLS", SAMPLE))
_SHARDS = min(_KILLS, 4 if _KILLS <= SAMPLE else 40)
_CONFIG = "[sync]\nat_login = false\nmonths = 3\n"

Kill = tuple[Action, bool, float]
"""The action, whether the card decrypts, and the part of the action's seconds after which the kill comes."""


@pytest.fixture(scope="module")
def synced(rig: DiskRig, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A home with a synced cache for each kind of card. For copies only."""
    homes = {}
    for decrypts in (True, False):
        home = rig.new_home(tmp_path_factory.mktemp("synced"))
        assert rig.look(home, decrypts=decrypts).report.look is not None
        homes[decrypts] = home
    return homes


@pytest.mark.parametrize("shard", range(_SHARDS))
def test_whenever_the_program_is_killed_nothing_is_lost_or_doubled(
    shard: int, rig: DiskRig, synced: dict[bool, Path], child_environment: dict[str, str]
) -> None:
    failed = [
        f"{action.name}, {'decrypts' if decrypts else 'signs'}, {part:.2f}: {violation}"
        for action, decrypts, part in _kills()[shard::_SHARDS]
        for violation in _kill(rig, synced[decrypts], action, decrypts=decrypts, part=part, environ=child_environment)
    ]
    assert not failed, "\n".join(failed)


def _kills() -> list[Kill]:
    draw = random.Random(os.environ[TORTURE_SEED])  # noqa: S311 - no secret
    kinds = list(product(ACTIONS, (True, False)))
    draw.shuffle(kinds)
    return [(*kinds[number % len(kinds)], draw.random()) for number in range(_KILLS)]


def _kill(
    rig: DiskRig, synced: Path, action: Action, *, decrypts: bool, part: float, environ: dict[str, str]
) -> Iterator[str]:
    rig.start_books()
    with private_folder_in_memory() as folder:
        home = rig.new_home(folder)
        if action.start is Start.SYNCED:
            shutil.rmtree(home)
            shutil.copytree(synced, home)
        (home / "config.toml").write_text(_CONFIG, encoding="utf-8")
        shown, code = _run_and_kill(rig, home, action, decrypts=decrypts, part=part, environ=environ)
        if code != -signal.SIGKILL and not (action.ends and code == 0):
            yield f"the program was not killed, it ended with {code}: {shown}"
        if reports := list(home.glob("crash-reports/*")):
            yield reports[0].read_text(encoding="utf-8")
        later = rig.look(home, decrypts=decrypts)
        yield from violations_after_start(rig.task, _said(shown), later, rig.books())
        for path in (home / "downloads").rglob("*.pdf"):
            content = path.read_bytes()
            if not (content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")):
                yield f"{path.name} is half a file"
        for path in (home / "downloads").rglob("*.xml"):
            if path.read_bytes() not in rig.files.files:
                yield f"{path.name} is no file of the port"


def _run_and_kill(
    rig: DiskRig, home: Path, action: Action, *, decrypts: bool, part: float, environ: dict[str, str]
) -> tuple[str, int]:
    """The screen at the moment of the kill, and the exit code."""
    program = ("-m", "tests.kills.program", "decrypts" if decrypts else "signs")
    arguments = ["--home", str(home), "--port-url", rig.url, "--ca", str(rig.ca)]
    if action.command:
        arguments += [action.command, str(rig.task.import_file)]
    with terminal(*arguments, environ=environ, program=program) as started:
        screen = ProgramScreen(started)
        for text, keys in action.keys:
            screen.wait_for(text)
            started.type(keys.encode())
        end = time.monotonic() + part * action.seconds
        while (left := end - time.monotonic()) > 0:
            started.rest(min(left, 0.02))
        started.signal(signal.SIGKILL)
        code = started.exit_code()
        return screen.text, code


def _said(shown: str) -> Report:
    """What the screen had said, as the steps that it was about."""
    steps = []
    if "发送成功" in shown:
        steps.append(StepReport(step="resend", outcome="done"))
    if "同步完成" in shown:
        steps.append(StepReport(step="sync", is_complete=True))
    if re.search(r"已下载 \d+ 个文件", shown):
        steps.append(StepReport(step="download", files=(Path("as shown"),)))
    if "已存为 PDF" in shown:
        steps.append(StepReport(step="print"))
    if "新增 2 票，相同" in shown:
        steps.append(StepReport(step="import", new=2))
    return Report(steps=steps)
