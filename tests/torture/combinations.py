"""Every fault at every call: the numbered calls of the job, each with each fault that can happen to it."""

import random
from collections.abc import Iterator, Mapping, Sequence

from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault

TORTURE_SEED = "TORTURE_SEED"
"""The environment variable with the seed of the sample."""

_ALWAYS = """\
redirect-login@resend redirect-login+applied@resend login-page+applied@resend failure-words@resend
cut-before+applied@resend cut-middle@resend
short-pages-10@list short-pages-20@list row-comes@list:2 row-goes@list:3 bad-row@list total-low@list null-members@list:2
hang@list:2 busy-long@list:2 session-ended-code@list:3
busy@detail:3 unavailable@detail drip@detail:4 session-ended-page@detail:5
refusal-as-xml@download refusal-as-pdf@preview gigantic@preview:1 script-unknown@script
"""
ALWAYS = tuple(PortFault.parse(text) for text in _ALWAYS.split())
"""Faults that did harm before, or stand for a kind of their own: every sample has them."""

_ONLY_AT = {
    FaultKind.REFUSAL_AS_XML: {CallKind.DOWNLOAD, CallKind.LIST},
    FaultKind.REFUSAL_AS_PDF: {CallKind.PREVIEW},
    FaultKind.SCRIPT_OTHER: {CallKind.SCRIPT},
    FaultKind.SCRIPT_UNKNOWN: {CallKind.SCRIPT},
}
_WITHOUT_SESSION = {CallKind.LOGIN_PAGE, CallKind.LOGIN_FORM}
_WITH_EFFECT = {CallKind.RESEND, CallKind.LOGIN_FORM}
"""Calls at which it matters whether the port carried out the request before it went wrong."""


def all_combinations(counts: Mapping[CallKind, int]) -> Iterator[PortFault]:
    """Each fault at each call alone, and at all calls of a kind. `counts` has the number of calls of each kind."""
    for call, count in counts.items():
        for kind in FaultKind:
            if not _can_happen(kind, call):
                continue
            for applied in (False, True) if call in _WITH_EFFECT and not kind.needs_answer else (False,):
                if _is_undetectable(kind, call, applied=applied):
                    continue
                yield from (PortFault(kind, call, number, number, applied) for number in range(1, count + 1))
                yield PortFault(kind, call, applied=applied)


def _can_happen(kind: FaultKind, call: CallKind) -> bool:
    if kind.is_too_much:  # the cache rightly differs from the books: tests/journey/test_hostile_port.py
        return False
    if kind.is_about_lists:
        return call is CallKind.LIST
    if kind.word.startswith("session-ended"):
        return call not in _WITHOUT_SESSION
    return call in _ONLY_AT.get(kind, CallKind)


def _is_undetectable(kind: FaultKind, call: CallKind, *, applied: bool) -> bool:
    """Whether the port says that it has resent something, and has not: no client can know."""
    return kind is FaultKind.NULL_MEMBERS and call is CallKind.RESEND and not applied


def sample(
    combinations: Sequence[PortFault], size: int, seed: str, always: Sequence[PortFault] = ALWAYS
) -> list[PortFault]:
    """`always` and as many others as `size` leaves room for. Each kind of call is as likely as the others."""
    chosen = dict.fromkeys(always)
    by_call: dict[CallKind | None, list[PortFault]] = {}
    for fault in combinations:
        by_call.setdefault(fault.call, []).append(fault)
    draw = random.Random(seed)  # noqa: S311 - no secret
    while len(chosen) < size:
        chosen[draw.choice(by_call[draw.choice(list(by_call))])] = None
    return list(chosen)
