"""The folders in which a killed program may have left temporary files and folders: all are the program's own."""

from jiacha_tui.leftover_files import (
    READING_SUFFIX,
    SAVED_FOLDER,
    SAVING_SUFFIX,
    remove_left_folder,
    remove_leftovers,
    subfolders,
)
from jiacha_tui.locations import CACHE_FILE, Locations


def remove_leftovers_at_home(locations: Locations) -> int:
    """Removes them unless a program that runs holds them, and returns how many. Raises nothing.

    A folder for downloads that the operator has configured is not looked into: other programs write there.
    """
    for folder in subfolders(locations.old_caches):
        if folder.name.endswith(SAVING_SUFFIX):
            remove_left_folder(folder)
    for folder in subfolders(locations.caches):
        remove_left_folder(folder / f"{CACHE_FILE}{READING_SUFFIX}")
    caches = (locations.caches, locations.old_caches, locations.new_caches, locations.session_caches)
    folders = (*caches, locations.downloads, locations.demo)
    within = [subfolder for folder in folders for subfolder in subfolders(folder)]
    saved = [folder / SAVED_FOLDER for folder in subfolders(locations.old_caches)]
    return remove_leftovers((locations.home, *folders, *within, *saved))
