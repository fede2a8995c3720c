"""Put a cache aside that nobody can open, so that its card can have a new one."""

from datetime import datetime
from pathlib import Path

from db.cache_inspection import cache_holder
from db.problems import CacheBusy
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import file_problems, private_folder


def archive_cache(locations: Locations, card_number: str, now: datetime) -> Path:
    """Moves the folder of a card's cache, as it is, to the old caches; returns where it lies now.

    Raises CacheBusy where a program has it open, FileProblem; it is then where it was.
    """
    folder = locations.cache(card_number)
    cache = locations.cache_file(card_number)
    if cache.exists() and (holder := cache_holder(cache)) is not None:
        raise CacheBusy(holder or None)
    aside = private_folder(locations.old_caches) / f"{card_number}-{now:%Y%m%d-%H%M%S}"
    with file_problems(folder):
        folder.rename(aside)
    return aside
