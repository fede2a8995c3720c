"""A file of the home is changed between two starts; the table says what the next login says.

A login never ends with anything but a session or a problem in words, and what opens without a word has the content that
the last session left.
"""

import asyncio
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.session import Session
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.config import load_config
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.locations import Locations
from tests.app_contexts import TODAY, demo_context, embedded_port
from tests.port_home import copy_home, open_session

_OPENS: Final = "opens"
"""The login succeeds and finds nothing wrong."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A home to be tampered with. `earlier` has the cache's files of an earlier session, `other` those of another card.

    `content` is what the last session has left.
    """

    context: AppContext
    card_number: str
    earlier: Path
    other: Path
    content: str

    @property
    def cache(self) -> Path:
        return self.context.locations.cache(self.card_number)

    def path(self, name: str) -> Path:
        """The file with this name: of the cache, or with a path below the home."""
        return (self.context.locations.home if "/" in name or name == "config.toml" else self.cache) / name


Change = Callable[[Path, Folder], None]


def _flip(part: float) -> Change:
    """One bit at this part of the file is changed."""

    def flip(path: Path, _folder: Folder) -> None:
        data = bytearray(path.read_bytes())
        data[min(len(data) - 1, int(part * len(data)))] ^= 0x10
        path.write_bytes(data)

    return flip


def _cut(count: int) -> Change:
    """So many bytes are cut off the end."""

    def cut(path: Path, _folder: Folder) -> None:
        os.truncate(path, path.stat().st_size - count)

    return cut


def _empty(path: Path, _folder: Folder) -> None:
    path.write_bytes(b"")


def _grow(path: Path, _folder: Folder) -> None:
    with path.open("ab") as file:
        file.write(bytes(5000))


def _text(content: str) -> Change:
    def write(path: Path, _folder: Folder) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")

    return write


def _swap(path: Path, folder: Folder) -> None:
    """Replaced by that of another card."""
    shutil.copyfile(folder.other / path.name, path)


def _other_certificate(path: Path, _folder: Folder) -> None:
    shutil.copyfile(path.parent / "cards" / "other-company.pem", path)


def _old(path: Path, folder: Folder) -> None:
    """Replaced by that of an earlier session."""
    shutil.copyfile(folder.earlier / path.name, path)


def _remove(path: Path, _folder: Folder) -> None:
    path.unlink()


def _folder(path: Path, _folder: Folder) -> None:
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)


def _pipe(path: Path, _folder: Folder) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def _device(path: Path, _folder: Folder) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def _link(path: Path, folder: Folder) -> None:
    """Moved elsewhere, with a link in its place, as operators do themselves."""
    moved = folder.context.locations.home / "moved"
    path.rename(moved)
    path.symlink_to(moved)


def _dangling(path: Path, _folder: Folder) -> None:
    path.unlink()
    path.symlink_to("/nowhere/at/all")


def _mode(mode: int) -> Change:
    def set_mode(path: Path, _folder: Folder) -> None:
        path.chmod(mode)

    return set_mode


@dataclass(frozen=True, slots=True)
class Tampering:
    """`said` are the beginnings of what may be said: the code of the problem, what the login has found, or `_OPENS`.

    There are several where it depends on the bytes of this cache. With `after_kill` the cache has a log.
    """

    file: str
    how: str
    change: Change
    said: tuple[str, ...]
    after_kill: bool = False


_CACHE, _LOG, _KEY, _STATE = "cache.duckdb", "cache.duckdb.wal", "key.json", "state.bin"
_CONFIG, _CARD, _CERTIFICATE, _RETRIES, _PORT = (
    *("config.toml", "demo/card.p12", "demo/card.pem", "demo/card.tries.json", "demo/port.db"),
)
_DAMAGED = ("cache.damaged",)
_LOG_DAMAGED = ("cache.log-damaged", *_DAMAGED)
_BEHIND = ("缓存比上次旧",)
_UNTRUSTED = ("用来核对缓存的状态文件（state.bin）不可信",)
_NOT_A_FILE = ("file.failed",)
_KEY_CHANGED = ("key.damaged", "key.forged", "key.too-new", "key.other-card", "key.not-unsealed")
_SAME = (_OPENS,)

TABLE: Final = (
    *(Tampering(_CACHE, f"bit at {part:.1%}", _flip(part), _DAMAGED) for part in (0.0, 0.004, 0.01)),
    *(Tampering(_CACHE, f"bit at {part:.1%}", _flip(part), (*_DAMAGED, _OPENS)) for part in (0.3, 0.6, 0.9, 0.999)),
    Tampering(_CACHE, "one byte cut", _cut(1), _DAMAGED),
    Tampering(_CACHE, "a page cut", _cut(4096), _DAMAGED),
    Tampering(_CACHE, "grown", _grow, _SAME),
    Tampering(_CACHE, "of another card", _swap, ("cache.key-wrong",)),
    Tampering(_CACHE, "of an earlier session", _old, _BEHIND),
    Tampering(_CACHE, "a folder", _folder, _NOT_A_FILE),
    Tampering(_CACHE, "a link to it", _link, _SAME),
    Tampering(_CACHE, "a dangling link", _dangling, ("cache.not-opened",)),
    Tampering(_CACHE, "readable by all", _mode(0o666), _SAME),
    *(
        Tampering(_LOG, f"bit at {part:.0%}", _flip(part), (*_LOG_DAMAGED, *_BEHIND), after_kill=True)
        for part in (0.0, 0.02, 0.3, 0.6, 0.99)
    ),
    Tampering(_LOG, "one byte cut", _cut(1), _BEHIND, after_kill=True),
    Tampering(_LOG, "empty", _empty, _BEHIND, after_kill=True),
    Tampering(_LOG, "removed", _remove, _BEHIND, after_kill=True),
    Tampering(_LOG, "grown", _grow, _LOG_DAMAGED, after_kill=True),
    Tampering(_LOG, "of another card", _swap, _LOG_DAMAGED, after_kill=True),
    Tampering(_LOG, "a folder", _folder, _NOT_A_FILE),
    Tampering(_LOG, "invented", _text("no log"), _LOG_DAMAGED),
    *(Tampering(_KEY, f"bit at {part:.0%}", _flip(part), _KEY_CHANGED) for part in (0.0, 0.2, 0.4, 0.6, 0.8, 0.95)),
    Tampering(_KEY, "its end cut", _cut(3), ("key.damaged",)),
    Tampering(_KEY, "empty", _empty, ("key.damaged",)),
    Tampering(_KEY, "removed", _remove, ("key.lost",)),
    Tampering(_KEY, "of another card", _swap, ("key.other-card",)),
    Tampering(_KEY, "a pipe", _pipe, _NOT_A_FILE),
    Tampering(_KEY, "a device", _device, _NOT_A_FILE),
    Tampering(_KEY, "a folder", _folder, _NOT_A_FILE),
    Tampering(_KEY, "a link to it", _link, _SAME),
    Tampering(_KEY, "readable by all", _mode(0o666), _SAME),
    Tampering(_STATE, "of another card", _swap, _UNTRUSTED),
    Tampering(_STATE, "a device", _device, _UNTRUSTED),
    Tampering(_STATE, "a link to it", _link, _SAME),
    Tampering(_STATE, "readable by all", _mode(0o666), _SAME),
    Tampering(_CONFIG, "not TOML", _text("[port\n"), ("config.bad-toml",)),
    Tampering(_CONFIG, "an unknown key", _text("[port]\nurll = 1\n"), ("config.unknown-key",)),
    Tampering(_CONFIG, "a folder", _folder, ("config.unreadable",)),
    *(Tampering(_CARD, f"bit at {part:.0%}", _flip(part), ("card.damaged",)) for part in (0.0, 0.5, 0.99)),
    Tampering(_CARD, "one byte cut", _cut(1), ("card.damaged",)),
    Tampering(_CARD, "empty", _empty, ("card.damaged",)),
    Tampering(_CARD, "a pipe", _pipe, _NOT_A_FILE),
    Tampering(_CARD, "a folder", _folder, _NOT_A_FILE),
    Tampering(_CERTIFICATE, "empty", _empty, ("card.damaged",)),
    Tampering(_CERTIFICATE, "of another card", _other_certificate, ("card.damaged",)),
    Tampering(_RETRIES, "empty", _empty, ("card.damaged",)),
    Tampering(_RETRIES, "more tries", _text('{"wrong": -5, "fingerprint": ""}'), ("card.damaged",)),
    Tampering(_PORT, "not a database", _text("no database"), ("demo.damaged",)),
    Tampering(_PORT, "cut", _cut(5000), ("demo.damaged",)),
    Tampering(_PORT, "empty", _empty, _SAME),
)


@pytest.fixture(scope="module")
def masters(synced_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Folder]:
    """Homes to copy: after a clean end (False), and as a kill leaves one (True). Both have an earlier session."""
    base = tmp_path_factory.mktemp("tampering")
    home = copy_home(synced_home, base / "home")

    async def use(context: AppContext, earlier: Path, other: Medium) -> tuple[str, Path, str]:
        session = await open_session(context, offline=True)
        await session.close()
        number = session.card_summary.card_number
        shutil.copytree(context.locations.cache(number), earlier)
        session = await open_session(replace(context, media=lambda: (other,)), offline=True)
        session.journal.write(JournalKind.QUERY, (), Outcome.DONE, "of another card")
        other_cache = base / "other"
        shutil.copytree(context.locations.cache(session.card_summary.card_number), other_cache)
        await session.close()
        shutil.copyfile(session.cache.path, other_cache / _CACHE)
        session = await open_session(context, offline=True)
        session.journal.write(JournalKind.QUERY, (), Outcome.DONE, "written last")
        shutil.copytree(home, base / "killed")
        content = _content(session)
        await session.close()
        return number, other_cache, content

    with embedded_port(home, 1) as demo:
        context = demo_context(demo, home, offline=True)
        other = SoftCard(demo.card_of(DemoCard.OTHER_COMPANY))
        number, other_cache, content = asyncio.run(use(context, base / "earlier", other))
    clean = Folder(context, number, base / "earlier", other_cache, content)
    killed = replace(clean, context=replace(context, locations=Locations(base / "killed")))
    return {False: clean, True: killed}


@pytest.mark.parametrize("tampering", TABLE, ids=lambda row: f"{row.file}: {row.how}")
def test_what_is_said(tampering: Tampering, masters: dict[bool, Folder], tmp_path: Path) -> None:
    folder = _copy(masters[tampering.after_kill], tmp_path / "home")
    tampering.change(folder.path(tampering.file), folder)
    said = _log_in(folder)
    assert said.startswith(tampering.said), said
    if said == _OPENS:
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.cache.iterdir() if path.is_file()}
        assert set(modes.values()) == {0o600}, modes


def _copy(master: Folder, home: Path) -> Folder:
    locations = Locations(copy_home(master.context.locations.home, home))
    context = replace(master.context, locations=locations, media=lambda: (SoftCard(locations.demo_card),))
    return replace(master, context=context)


def _log_in(folder: Folder) -> str:
    """What a start and a login say: the code of a problem, or what was found wrong, or `_OPENS`.

    With `_OPENS` the whole cache can be read and has what the last session left.
    """

    async def log_in() -> str:
        session = await open_session(folder.context, offline=True)
        try:
            found = "".join(entry.message for entry in session.unconfirmed)
            assert found or _content(session) == folder.content, "other content without a word"
            return found or _OPENS
        finally:
            await session.close()

    home = folder.context.locations.home
    try:
        load_config(folder.context.locations.config_file)
        make_demo(home, 1, today=TODAY).close()
        return asyncio.run(log_in())
    except Problem as problem:
        return problem.code if problem.message else "nothing"


def _content(session: Session) -> str:
    """Everything that an operator has in the cache, as a digest."""
    digest = sha256()
    with session.cache.read_cursor() as cursor:
        for table in ("declaration", "head", "item", "resend", "resend_answer"):
            digest.update(repr(cursor.table(table).order("ALL").fetchall()).encode())
        rows = cursor.execute("SELECT message FROM journal WHERE kind = 'query' ORDER BY id").fetchall()
    return f"{digest.hexdigest()} {rows}"
