"""Makes a cache that does not exist yet: in a folder of its own, which is moved to its place when everything is in it.

A program that is killed meanwhile leaves the old cache where it was, or a whole new one. What belongs into the new one,
such as resends of unknown outcome, is written before the old one is moved away. The key file is written last, so a
folder that has one is whole: the next login moves it to its place. Any other one is removed then.
"""

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from db.cache import Cache
from db.key import CacheKey
from db.problems import CacheBusy
from db.state_check import write_first_state
from jiacha_tui.locations import CACHE_FILE, KEY_FILE, STATE_FILE, Locations
from jiacha_tui.private_files import FileExists, file_problems, path_exists, private_folder, sync_folder, write_new


def make_cache(
    locations: Locations,
    card_number: str,
    key: CacheKey,
    key_file: bytes,
    *,
    fill: Callable[[Cache], None] | None = None,
    make_room: Callable[[], None] | None = None,
) -> None:
    """Makes the cache of a card. `fill` writes into it; then `make_room` moves away what is in its place.

    Raises CacheBusy if another program is making a cache, FileExists if something is in its place afterwards, and what
    `fill` and `make_room` raise. What is in its place then stays there.
    """
    place, folder = locations.cache(card_number), locations.new_cache(card_number)
    with _alone(locations):
        shutil.rmtree(folder, ignore_errors=True)
        private_folder(folder)
        write_first_state(folder / STATE_FILE, key)
        if fill is not None:
            with contextlib.closing(Cache.open(folder / CACHE_FILE, key)) as cache:
                fill(cache)
        write_new(folder / KEY_FILE, key_file)
        if make_room is not None:
            make_room()
        _move(folder, place)


def finish_new_cache(locations: Locations, card_number: str) -> None:
    """Completes what a killed program has begun: moves a whole new cache to its place, removes any other.

    Raises CacheBusy if another program is making a cache, and FileProblem.
    """
    place, folder = locations.cache(card_number), locations.new_cache(card_number)
    if not path_exists(folder):
        return
    with _alone(locations):
        if path_exists(folder / KEY_FILE) and is_free(place):
            _move(folder, place)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def is_free(place: Path) -> bool:
    """Whether there is nothing in the folder `place`, or no such folder. Raises FileProblem."""
    with file_problems(place):
        return not os.path.lexists(place) or next(place.iterdir(), None) is None


def _move(folder: Path, place: Path) -> None:
    private_folder(place.parent)
    with file_problems(place):
        try:
            folder.rename(place)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise FileExists(place) from error
            raise
        sync_folder(place.parent)


@contextlib.contextmanager
def _alone(locations: Locations) -> Iterator[None]:
    """Another program does not make a cache during the block, as far as the file system has locks."""
    with file_problems(locations.new_caches):
        descriptor = os.open(private_folder(locations.new_caches), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CacheBusy(None) from None
        except OSError:
            pass  # a file system without locks, which the opening of the cache refuses
        yield
    finally:
        os.close(descriptor)
