"""The demonstration's card, where this start would offer it with a port that takes it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiacha_tui.actions.doctor.card_text import card_finding
from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.problems import CardDamaged, CardProblem
from jiacha_tui.card.softcard import certificate_path
from jiacha_tui.private_files import FileProblem, file_problems

_TO_NEW_CARD: Final = "移走 card.p12 和 card.pem，再运行 jiacha port 或 jiacha --demo，会生成一张新的"


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    """Nothing where no demonstration is meant. Raises FileProblem."""
    options = surroundings.options
    if not (options.demo or options.offline or options.port_url):
        return ()
    path = surroundings.here().demo_card
    with file_problems(path):
        is_there, was_pulled = path.is_file(), certificate_path(path).is_file()
    if not is_there and was_pulled:
        return (
            Finding(Area.DEMO_CARD, FindingState.MISSING, f"没有卡文件 {path}", "请把它放回原处", "card.no-demo-card"),
        )
    if not is_there:
        return (Finding.good(Area.DEMO_CARD, "第一次进入演示时生成"),) if options.demo else ()
    try:
        identity = _identity(certificate_path(path))
    except (CardProblem, FileProblem) as problem:
        return (Finding(Area.DEMO_CARD, FindingState.BROKEN, problem.message, _TO_NEW_CARD, problem.code),)
    return (card_finding(Area.DEMO_CARD, "", identity, datetime.now(UTC)),)


def _identity(certificate: Path) -> CardIdentity:
    """Raises CardProblem, FileProblem."""
    with file_problems(certificate):
        data = certificate.read_bytes()
    try:
        return CardIdentity.from_certificate(x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER))
    except ValueError:
        raise CardDamaged from None
