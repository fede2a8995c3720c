"""The cards of the embedded port: the demo card, and others for every way in which a card can be refused."""

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.card.softcard import certificate_path
from jiacha_tui.demo.card_issuing import Authority, Holder, issue_card, make_ca, save_card
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.pki import CertificateStatus, IssuedCertificate, is_issued_by
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.sample_data.companies import COMPANIES, DEMO_COMPANY, OTHER_COMPANY, Company, card_number
from jiacha_tui.private_files import FileProblem, private_folder, read_private

_HOLDER: Final = "示例操作员"
_YEARS: Final = timedelta(days=3652)
_SOON: Final = timedelta(days=20)
_BEFORE: Final = timedelta(days=1)


class DemoCard(enum.Enum):
    """Which card; the value is its file's name."""

    DEMO = "card"
    OTHER_COMPANY = "other-company"
    REVOKED = "revoked"
    BLACKLISTED = "blacklisted"
    NEARLY_EXPIRED = "nearly-expired"
    EXPIRED = "expired"
    FOREIGN = "foreign"
    """Known to the port by its number, but issued by somebody else."""

    UNKNOWN = "unknown"
    """Issued by the port's authority, but not known to the port."""


@dataclass(frozen=True, slots=True)
class _Make:
    number: str
    company: Company = DEMO_COMPANY
    standing: CertificateStatus = CertificateStatus.GOOD
    ends_after: timedelta = _YEARS


_MAKES: Final = {
    DemoCard.DEMO: _Make(DEMO_COMPANY.card_number),
    DemoCard.OTHER_COMPANY: _Make(OTHER_COMPANY.card_number, OTHER_COMPANY),
    DemoCard.REVOKED: _Make(card_number(2), standing=CertificateStatus.REVOKED),
    DemoCard.BLACKLISTED: _Make(card_number(3), standing=CertificateStatus.BLACKLISTED),
    DemoCard.NEARLY_EXPIRED: _Make(card_number(4), ends_after=_SOON),
    DemoCard.EXPIRED: _Make(card_number(5), ends_after=-_BEFORE),
    DemoCard.FOREIGN: _Make(card_number(6)),
    DemoCard.UNKNOWN: _Make(card_number(7)),
}


class CardIssuer:
    """Makes cards into `folder` and has the port know them."""

    def __init__(self, folder: Path, authority: Authority, state: PortStore) -> None:
        self._folder = folder
        self._authority = authority
        self._state = state

    def path(self, card: DemoCard) -> Path:
        """The PKCS#12 file of a card, made if there is none or it is from another port. Raises FileProblem.

        Of a card that was pulled the certificate is left: another one in its place would not open its cache. One that
        cannot be read is left for whoever reads it to tell of.
        """
        path = self._path(card)
        if self._has_to_be_made(card, path):
            self._make(card, path)
        return path

    def _path(self, card: DemoCard) -> Path:
        folder = self._folder if card is DemoCard.DEMO else private_folder(self._folder / "cards")
        return folder / f"{card.value}.p12"

    def _has_to_be_made(self, card: DemoCard, path: Path) -> bool:
        """Tells the port of a card that it has forgotten."""
        if not certificate_path(path).exists():
            return not path.exists()
        try:
            certificate = x509.load_pem_x509_certificate(read_private(certificate_path(path)))
            identity = CardIdentity.from_certificate(certificate.public_bytes(Encoding.DER))
        except (FileProblem, CardProblem, ValueError):
            return False
        if card is not DemoCard.FOREIGN and not is_issued_by(certificate, self._authority):
            return path.exists()
        if card is not DemoCard.UNKNOWN and self._state.issued(identity.certificate_serial) is None:
            self._register(card, identity)
        return False

    def _make(self, card: DemoCard, path: Path) -> None:
        make = _MAKES[card]
        now = datetime.now(UTC)
        start = min(now, now + make.ends_after) - _BEFORE
        authority = make_ca(start) if card is DemoCard.FOREIGN else self._authority
        holder = Holder(
            card_number=make.number,
            name=_HOLDER,
            company=make.company.name,
            organisation_code=make.company.organisation_code,
        )
        issued = issue_card(authority, holder, valid_from=start, valid_until=now + make.ends_after)
        if card is not DemoCard.UNKNOWN:
            self._register(card, issued.identity)
        save_card(issued, Pin(DEMO_PIN), path)

    def _register(self, card: DemoCard, identity: CardIdentity) -> None:
        standing = _MAKES[card].standing
        self._state.register(IssuedCertificate(identity.certificate_serial, identity.certificate, standing))


def company_of(identity: CardIdentity) -> Company | None:
    """Whose declarations the card may see."""
    return next((one for one in COMPANIES if one.organisation_code == identity.organisation_code), None)
