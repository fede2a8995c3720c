"""The rig of `tests/io_faults` for the tests here."""

from tests.io_faults.conftest import rig

__all__ = ["rig"]
