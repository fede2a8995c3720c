"""XML 文件下载: the declarations of a query as one file, sealed for the card that asks."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from lxml import etree

from jiacha_tui.card import sm2
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.query import DateRangeQuery
from jiacha_tui.demo import refusals, rules
from jiacha_tui.demo.file_encryption import encrypt
from jiacha_tui.demo.key_transport import CannotEncrypt
from jiacha_tui.demo.pki import PortSigner
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.refusals import RequestRefused, ResponseCode
from jiacha_tui.demo.rtx_message_writer import write_rtx_message
from jiacha_tui.demo.sample_data.randomness import stream
from jiacha_tui.demo.sessions import PortSession

_ATTACHMENT_NAME: Final = "marks.pdf"


@dataclass(frozen=True, slots=True)
class Downloads:
    """Makes the files; what takes long takes long here, so call it from a thread."""

    population: Population
    signer: PortSigner

    def of_span(self, session: PortSession, wanted: DateRangeQuery, now: datetime) -> bytes:
        """Raises Refused for what the manual does not allow, and where there is nothing."""
        rules.check_download_span(wanted.date_range)
        rules.check_download_items(wanted.date_range, self.population.item_total(session.company, wanted, now))
        sealed = self.of(session, list(self.population.declarations(session.company, wanted, now)))
        rules.check_download_size(wanted.date_range, len(sealed))
        return sealed

    def of(self, session: PortSession, declarations: Sequence[Declaration]) -> bytes:
        """Raises Refused where there is nothing, and for a card that nothing can be sealed for."""
        if not declarations:
            raise RequestRefused(ResponseCode.NOT_FOUND, refusals.NOTHING_FOUND)
        message = self._attach(write_rtx_message(declarations), declarations)
        sm2_key = sm2.public_key(x509.load_der_x509_certificate(session.certificate))
        try:
            return encrypt(message, session.certificate, self.signer.key, self.signer.certificate, sm2_key=sm2_key)
        except CannotEncrypt:
            raise RequestRefused(ResponseCode.CANNOT_ENCRYPT, refusals.CANNOT_ENCRYPT) from None

    def _attach(self, message: bytes, declarations: Sequence[Declaration]) -> bytes:
        """With the attachments of those that have any, in the element that a 报关单 message has for them."""
        sizes = [self.population.attachment_bytes(declaration) for declaration in declarations]
        if not any(sizes):
            return message
        root = etree.fromstring(message)
        for dec, declaration, size in zip(root, declarations, sizes, strict=True):
            if size:
                content = stream("attachment", declaration.summary.entry_id).randbytes(size)
                lob = etree.SubElement(dec, "DecMarkLob")
                etree.SubElement(lob, "AttachName").text = _ATTACHMENT_NAME
                etree.SubElement(lob, "Attachment").text = base64.b64encode(content).decode()
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
