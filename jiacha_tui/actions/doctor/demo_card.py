"""The demonstration's card, where this start would offer it with a port that takes it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiacha_tui.actions.doctor.card_text import card_finding
from jiacha_tui.actions.doctor.finding import Area, Finding, State
from jiacha_tui.actions.doctor.surroundings import Surroundings
from jiacha_tui.card.identity import Identity
from jiacha_tui.card.problems import CardDamaged
from jiacha_tui.card.softcard import certificate_path
from jiacha_tui.private_files import file_problems


async def look(surroundings: Surroundings) -> Sequence[Finding]:
    """Nothing where no demonstration is meant. Raises CardProblem, FileProblem."""
    options, path = surroundings.options, surroundings.here().demo_card
    if not path.is_file():
        return (Finding.good(Area.DEMO_CARD, "第一次进入演示时生成"),) if options.demo else ()
    if not (options.demo or options.offline or options.port_url):
        return ()
    certificate = certificate_path(path)
    with file_problems(certificate):
        data = certificate.read_bytes()
    try:
        identity = Identity.from_certificate(x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER))
    except ValueError:
        return (Finding.of(Area.DEMO_CARD, CardDamaged(), State.BROKEN),)
    return (card_finding(Area.DEMO_CARD, "", identity, datetime.now(UTC)),)
