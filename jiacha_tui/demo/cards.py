"""The cards of the embedded port: the demo card, and one for each reason to refuse a card."""

import enum
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.card.softcard import certificate_path
from jiacha_tui.clock import utc_now
from jiacha_tui.demo.card_issuing import Authority, Holder, issue_card, make_ca, save_card
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.pki import CertificateStatus, IssuedCertificate, is_issued_by
from jiacha_tui.demo.port_store import PortStore
from jiacha_tui.demo.sample_data.companies import COMPANIES, DEMO_COMPANY, OTHER_COMPANY, Company, invented_card_number
from jiacha_tui.private_files import FileProblem, private_folder, read_private

_HOLDER_NAME: Final = "示例操作员"
_TEN_YEARS: Final = timedelta(days=3652)
_TWENTY_DAYS: Final = timedelta(days=20)
_ONE_DAY: Final = timedelta(days=1)


class DemoCard(enum.Enum):
    """The value is the name of the card's file."""

    DEMO = "card"
    OTHER_COMPANY = "other-company"
    REVOKED = "revoked"
    BLACKLISTED = "blacklisted"
    NEARLY_EXPIRED = "nearly-expired"
    EXPIRED = "expired"
    FOREIGN = "foreign"
    """Registered with the port, but issued by another authority."""

    UNKNOWN = "unknown"
    """Issued by the port's authority, but not registered with the port."""


@dataclass(frozen=True, slots=True)
class _CardSpec:
    """How a card is made. `ends_after` is how long it stays valid from now; negative for an expired card."""

    number: str
    company: Company = DEMO_COMPANY
    status: CertificateStatus = CertificateStatus.GOOD
    ends_after: timedelta = _TEN_YEARS


_CARD_SPECS: Final = {
    DemoCard.DEMO: _CardSpec(DEMO_COMPANY.card_number),
    DemoCard.OTHER_COMPANY: _CardSpec(OTHER_COMPANY.card_number, OTHER_COMPANY),
    DemoCard.REVOKED: _CardSpec(invented_card_number(2), status=CertificateStatus.REVOKED),
    DemoCard.BLACKLISTED: _CardSpec(invented_card_number(3), status=CertificateStatus.BLACKLISTED),
    DemoCard.NEARLY_EXPIRED: _CardSpec(invented_card_number(4), ends_after=_TWENTY_DAYS),
    DemoCard.EXPIRED: _CardSpec(invented_card_number(5), ends_after=-_ONE_DAY),
    DemoCard.FOREIGN: _CardSpec(invented_card_number(6)),
    DemoCard.UNKNOWN: _CardSpec(invented_card_number(7)),
}


class CardIssuer:
    """Makes cards in `folder` and registers them with the port."""

    def __init__(self, folder: Path, authority: Authority, store: PortStore) -> None:
        self._folder = folder
        self._authority = authority
        self._store = store

    def path(self, card: DemoCard) -> Path:
        """The PKCS#12 file of a card, made if it is missing or was issued by another port. Raises FileProblem.

        A file may be missing because the operator moved it away to simulate a removed card; its certificate is then
        still there and no new card is made, because a new one could not open the cache of the first. A file that cannot
        be read stays as it is: whoever reads it reports the problem.
        """
        path = self._path(card)
        if self._must_be_made(card, path):
            self._make(card, path)
        return path

    def _path(self, card: DemoCard) -> Path:
        folder = self._folder if card is DemoCard.DEMO else private_folder(self._folder / "cards")
        return folder / f"{card.value}.p12"

    def _must_be_made(self, card: DemoCard, path: Path) -> bool:
        """Registers an existing card again if the port's store was lost."""
        if not certificate_path(path).exists():
            return not path.exists()
        try:
            certificate = x509.load_pem_x509_certificate(read_private(certificate_path(path)))
            identity = CardIdentity.from_certificate(certificate.public_bytes(Encoding.DER))
        except (FileProblem, CardProblem, ValueError):
            return False
        if card is not DemoCard.FOREIGN and not is_issued_by(certificate, self._authority):
            return path.exists()
        if card is not DemoCard.UNKNOWN and self._store.find_certificate(identity.certificate_serial) is None:
            self._register(card, identity)
        return False

    def _make(self, card: DemoCard, path: Path) -> None:
        spec = _CARD_SPECS[card]
        now = utc_now()
        valid_from = min(now, now + spec.ends_after) - _ONE_DAY
        authority = make_ca(valid_from) if card is DemoCard.FOREIGN else self._authority
        holder = demo_holder(spec.number, spec.company)
        issued = issue_card(authority, holder, valid_from=valid_from, valid_until=now + spec.ends_after)
        if card is not DemoCard.UNKNOWN:
            self._register(card, issued.identity)
        save_card(issued, Pin(DEMO_PIN), path)

    def _register(self, card: DemoCard, identity: CardIdentity) -> None:
        status = _CARD_SPECS[card].status
        self._store.add_certificate(IssuedCertificate(identity.certificate_serial, identity.certificate, status))


def demo_holder(number: str, company: Company) -> Holder:
    """The invented holder of a card with this card number."""
    return Holder(
        card_number=number, name=_HOLDER_NAME, company=company.name, organisation_code=company.organisation_code
    )


def company_of(identity: CardIdentity) -> Company | None:
    """The company whose declarations the card may see; None if the port has no such company."""
    return next((company for company in COMPANIES if company.organisation_code == identity.organisation_code), None)
