"""Searches the memory of another process, which needs root, or a child that its parent may read."""

import re
from collections.abc import Mapping
from io import FileIO
from pathlib import Path

from tests.card.cards import PIN
from tests.cli.terminals import Terminal, terminal

READABLE_PROGRAM = ("-c", "import sys; from jiacha_tui.cli.main import main; sys.exit(main())")
"""The program as it usually starts, but without the protection of its memory."""

PIN_KEYS = tuple(bytes([code]) for code in PIN.encode())
LOCK_KEY = b"\x0f"

_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")


def count_copies(process: int, secret: str) -> int:
    """How often the ASCII text `secret` is in the writable memory of the process, freed memory included.

    UTF-8, UTF-16 and UTF-32 write ASCII with zeros between the letters or without, so all zeros are left out first.
    """
    return sum(region.translate(None, b"\0").count(secret.encode("ascii")) for region in _regions(process))


def _regions(process: int) -> list[bytes]:
    regions = [_REGION.match(line) for line in Path(f"/proc/{process}/maps").read_text().splitlines()]
    with FileIO(f"/proc/{process}/mem") as memory:
        return [_read(memory, int(region[1], 16), int(region[2], 16)) for region in regions if region]


def _read(memory: FileIO, start: int, end: int) -> bytes:
    memory.seek(start)
    return memory.read(end - start)


def write_config(home: Path, control_url: str) -> Path:
    """Writes a configuration with this address of the client control. Returns `home`."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(f'[card]\ncontrol_url = "{control_url}"\n')
    return home


def _type_slowly(screen: Terminal, keys: tuple[bytes, ...]) -> None:
    for key in keys:
        screen.type(key)
        screen.rest(0.1)


def check_lock_clears_pin(home: Path, keys: tuple[bytes, ...], environ: Mapping[str, str]) -> None:
    """Logs in with `keys` and locks the screen. Asserts that no copy of the PIN is in memory then."""
    arguments = ("--offline", "--home", str(home))
    with terminal(*arguments, environ=environ, program=READABLE_PROGRAM) as screen:
        screen.wait_for(b"JJ0G900000001")
        _type_slowly(screen, keys)
        assert count_copies(screen.process_id, PIN) >= 1, "the search finds the PIN"
        screen.type(b"\r")
        screen.wait_for("报关单查询下载".encode())
        screen.rest(0.5)
        assert count_copies(screen.process_id, PIN) >= 1, "the PIN of the open card"
        screen.type(LOCK_KEY)
        screen.wait_for("按 Enter 解锁".encode())
        screen.rest(0.5)
        assert count_copies(screen.process_id, PIN) == 0
