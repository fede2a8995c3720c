"""The torture test: the main job, with every fault of the port at every call, compared with the port's own books.

`TORTURE` says which combinations are tried: without it a sample, `whole` for all of them, or faults as
`jiacha port --fault` takes them, separated by blanks. docs/port.md has the table of what the program does.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from jiacha_tui.actions.connection_limit import FEWEST
from jiacha_tui.demo.envelope import ScriptShape
from jiacha_tui.demo.faults import CallKind, PortFault
from tests.torture.combinations import TORTURE_SEED, all_combinations, sample
from tests.torture.rig import LISTS, FaultRig, one_pdf_process

SAMPLE = 60
SAMPLE_WITH_ENGINE = 4
WHOLE_WITH_ENGINE = 12
"""How many combinations are also tried with the script that only an engine can run. It starts at every login."""

WHOLE = "whole"

_CHOICE = os.environ.get("TORTURE", "")
_SHARDS = 300 if _CHOICE == WHOLE else len(_CHOICE.split()) if _CHOICE else 12
"""The combinations are divided among this many tests, which pytest can run in several processes. Each is short enough
for `faulthandler_timeout` on a slow machine.
"""


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, port_keys: Path) -> Iterator[FaultRig]:
    with FaultRig.open(tmp_path_factory.mktemp("torture"), port_keys) as opened:
        yield opened


@pytest.fixture(scope="module")
def counts(rig: FaultRig) -> Counter[CallKind]:
    return asyncio.run(rig.numbered_calls())


def test_without_a_fault_the_job_is_done_and_makes_every_kind_of_call(rig: FaultRig) -> None:
    report = asyncio.run(rig.run(None))
    assert not report.violations
    assert not report.result.problems
    assert set(report.counts) == set(CallKind)
    assert sum(LISTS) < report.counts[CallKind.DETAIL] <= sum(LISTS) + FEWEST
    assert report.result.download is not None
    assert len(report.result.download.files) == 1
    assert len(report.result.saved_prints) == 2


@pytest.mark.parametrize("shard", range(_SHARDS))
async def test_whatever_the_port_does_nothing_is_lost_doubled_or_claimed(
    shard: int, rig: FaultRig, counts: Counter[CallKind]
) -> None:
    await _assert_nothing_is_wrong(rig, _chosen(frozenset(counts.items()))[shard::_SHARDS], ScriptShape.PLAIN)


@pytest.mark.parametrize("shard", range(SAMPLE_WITH_ENGINE))
async def test_the_same_holds_if_an_engine_runs_the_ports_script(
    shard: int, rig: FaultRig, counts: Counter[CallKind]
) -> None:
    faults = _chosen(frozenset(counts.items()))
    if _CHOICE in ("", WHOLE):
        size = WHOLE_WITH_ENGINE if _CHOICE else SAMPLE_WITH_ENGINE
        faults = sample(_all(frozenset(counts.items())), size, os.environ[TORTURE_SEED], always=())
    await _assert_nothing_is_wrong(rig, faults[shard::SAMPLE_WITH_ENGINE], ScriptShape.OBFUSCATED)


async def _assert_nothing_is_wrong(rig: FaultRig, faults: list[PortFault], script: ScriptShape) -> None:
    failed: list[str] = []
    async with one_pdf_process():
        for fault in faults:
            report = await rig.run(fault, script)
            failed += [f"{fault.text}: {violation}" for violation in report.violations]
    assert not failed, "\n".join([*failed, "TORTURE='FAULT FAULT …' repeats faults"])


@cache
def _chosen(counts: frozenset[tuple[CallKind, int]]) -> list[PortFault]:
    if _CHOICE not in ("", WHOLE):
        return [PortFault.parse(text) for text in _CHOICE.split()]
    return _all(counts) if _CHOICE == WHOLE else sample(_all(counts), SAMPLE, os.environ[TORTURE_SEED])


@cache
def _all(counts: frozenset[tuple[CallKind, int]]) -> list[PortFault]:
    return list(all_combinations(dict(sorted(counts, key=lambda item: item[0].value))))
