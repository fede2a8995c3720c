"""PIV cards of the demo company that an embedded port has issued and therefore knows."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from jiacha_tui.card.identity import CardIdentity
from jiacha_tui.demo.card_issuing import Holder, issue_certificate
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.pki import IssuedCertificate, PortKeys
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from tests.card.pcsc.virtual_piv import KeyPair, VirtualPiv


def demo_card(demo: Demo, decryption_key: KeyPair | None = None) -> VirtualPiv:
    """A PIV card with the key of the demo card, which signs, and decrypts unless `decryption_key` is given."""
    key, certificate, _others = pkcs12.load_key_and_certificates(demo.card.read_bytes(), DEMO_PIN.encode())
    if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
        raise TypeError(key)
    signer = KeyPair(key, certificate)
    return VirtualPiv(DEMO_PIN, {0x9A: signer, 0x9D: decryption_key or signer})


def new_p256_card(demo: Demo, card_number: str = DEMO_COMPANY.card_number) -> VirtualPiv:
    """A new card with two P-256 keys."""
    holder = Holder(
        card_number=card_number,
        name="示例操作员",
        company=DEMO_COMPANY.name,
        organisation_code=DEMO_COMPANY.organisation_code,
    )
    authority = PortKeys.load_or_make(demo.card.parent).authority
    start = datetime.now(UTC) - timedelta(days=1)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    signing_key, decryption_key = (
        KeyPair(key, issue_certificate(authority, holder, key.public_key(), valid_from=start)) for key in keys
    )
    der = signing_key.certificate.public_bytes(serialization.Encoding.DER)
    demo.store.add_certificate(IssuedCertificate(CardIdentity.from_certificate(der).certificate_serial, der))
    return VirtualPiv(DEMO_PIN, {0x9A: signing_key, 0x9D: decryption_key})
