"""What another process has in its memory. To be asked by root, or of a child that lets its parent look."""

import re
from io import FileIO
from pathlib import Path

_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")


def copies(process: int, secret: str) -> int:
    """How often `secret` is in what the process can write to, also where nothing uses it any more."""
    forms = {secret.encode(encoding) for encoding in _ENCODINGS}
    return sum(region.count(form) for region in _regions(process) for form in forms)


def _regions(process: int) -> list[bytes]:
    places = [_REGION.match(line) for line in Path(f"/proc/{process}/maps").read_text().splitlines()]
    with FileIO(f"/proc/{process}/mem") as memory:
        return [_between(memory, int(place[1], 16), int(place[2], 16)) for place in places if place]


def _between(memory: FileIO, start: int, end: int) -> bytes:
    memory.seek(start)
    return memory.read(end - start)
