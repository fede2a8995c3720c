"""A real print server for the dialogs that print."""

from tests.printing.conftest import print_server, scheduler, short_folder

__all__ = ["print_server", "scheduler", "short_folder"]
