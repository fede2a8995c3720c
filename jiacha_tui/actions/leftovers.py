"""The folders in which a killed program may have left temporary files: all are the program's own."""

from jiacha_tui.leftover_files import remove_leftovers, subfolders
from jiacha_tui.locations import Locations


def remove_leftovers_at_home(locations: Locations) -> int:
    """Removes them unless a program that runs holds them, and returns how many. Raises nothing.

    A folder for downloads that the operator has configured is not looked into: other programs write there.
    """
    folders = (locations.caches, locations.downloads, locations.demo)
    within = [subfolder for folder in folders for subfolder in subfolders(folder)]
    return remove_leftovers((locations.home, *folders, *within))
