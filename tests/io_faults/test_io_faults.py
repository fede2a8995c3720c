"""Every call that changes a file fails at every place of the work: nothing is lost, doubled or claimed."""

import os
from collections import Counter

import pytest

from tests.io_faults.faults import Fault, Place, all_faults, sample
from tests.io_faults.rig import DiskRig
from tests.needs import needs
from tests.torture.combinations import TORTURE_SEED

pytestmark = needs("gcc")

WHOLE = "whole"
SAMPLE = 14

_CHOICE = os.environ.get("IO_FAULTS", "")
_SHARDS = 300 if _CHOICE == WHOLE else 2
"""The faults are divided among this many tests; every other one is with a card that cannot decrypt."""


@pytest.mark.parametrize("shard", range(_SHARDS))
def test_whatever_the_disk_does_nothing_is_lost_doubled_or_claimed(shard: int, rig: DiskRig) -> None:
    decrypts = shard % 2 == 0
    places = rig.places(decrypts=decrypts)
    failed: list[str] = []
    for fault in _chosen(places)[shard::_SHARDS]:
        report = rig.run(fault, decrypts=decrypts)
        failed += [f"{fault.text}: {violation}" for violation in report.violations]
    assert not failed, "\n".join([*failed, "IO_FAULTS='FAULT FAULT …' repeats faults"])


def test_the_work_changes_every_kind_of_file(rig: DiskRig) -> None:
    places = rig.places(decrypts=True)
    assert {call for call, _ in places} >= {"write", "sync", "rename", "create", "mkdir", "remove"}
    assert {files for _, files in places} >= {
        *("cache", "wal", "key", "state", "temporary", "caches", "print", "download", "card")
    }


def _chosen(places: Counter[Place]) -> list[Fault]:
    if _CHOICE not in ("", WHOLE):
        return [fault for fault in map(Fault.parse, _CHOICE.split()) for _ in range(_SHARDS)]
    return list(all_faults(places)) if _CHOICE == WHOLE else sample(places, SAMPLE, os.environ[TORTURE_SEED])
