"""The torture test: the main job, with every fault of the port at every call, compared with the port's own books.

`TORTURE` says which combinations are tried: without it a sample, `whole` for all of them, or faults as
`jiacha port --fault` takes them, separated by blanks. docs/port.md has the table of what the program does.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from jiacha_tui.demo.faults import CallKind, PortFault
from tests.torture.combinations import TORTURE_SEED, all_combinations, sample
from tests.torture.rig import FaultRig

SAMPLE = 60
WHOLE = "whole"

_CHOICE = os.environ.get("TORTURE", "")
_SHARDS = 400 if _CHOICE == WHOLE else len(_CHOICE.split()) if _CHOICE else 12
"""The combinations are divided among this many tests, which pytest can run in several processes. Each is short enough
for `faulthandler_timeout` on a slow machine.
"""


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultRig]:
    with FaultRig.open(tmp_path_factory.mktemp("torture")) as opened:
        yield opened


@pytest.fixture(scope="module")
def counts(rig: FaultRig) -> Counter[CallKind]:
    return asyncio.run(rig.numbered_calls())


def test_without_a_fault_the_job_is_done_and_makes_every_kind_of_call(rig: FaultRig) -> None:
    report = asyncio.run(rig.run(None))
    assert not report.violations
    assert not report.result.problems
    assert set(report.counts) == set(CallKind)
    assert 100 <= report.counts[CallKind.DETAIL] <= 130
    assert report.result.download is not None
    assert len(report.result.download.files) == 1
    assert len(report.result.saved_prints) == 2


@pytest.mark.parametrize("shard", range(_SHARDS))
async def test_whatever_the_port_does_nothing_is_lost_doubled_or_claimed(
    shard: int, rig: FaultRig, counts: Counter[CallKind]
) -> None:
    failed: list[str] = []
    for fault in _chosen(frozenset(counts.items()))[shard::_SHARDS]:
        report = await rig.run(fault)
        failed += [f"{fault.text}: {violation}" for violation in report.violations]
    assert not failed, "\n".join([*failed, "TORTURE='FAULT FAULT …' repeats faults"])


@cache
def _chosen(counts: frozenset[tuple[CallKind, int]]) -> list[PortFault]:
    if _CHOICE not in ("", WHOLE):
        return [PortFault.parse(text) for text in _CHOICE.split()]
    combinations = list(all_combinations(dict(sorted(counts, key=lambda item: item[0].value))))
    return combinations if _CHOICE == WHOLE else sample(combinations, SAMPLE, os.environ[TORTURE_SEED])
