"""XML 文件下载: the declarations of a query as one file, encrypted for the card of the session."""

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
from jiacha_tui.demo.sample_data.randomness import random_for
from jiacha_tui.demo.sessions import PortSession

_ATTACHMENT_NAME: Final = "marks.pdf"


@dataclass(frozen=True, slots=True)
class Downloads:
    """Makes the files. This takes long, so call it from a thread."""

    population: Population
    signer: PortSigner

    def make_for_range(self, session: PortSession, query: DateRangeQuery, now: datetime) -> bytes:
        """The file of a date range. Raises RequestRefused if it is empty or over a limit of the manual."""
        rules.check_download_range(query.date_range)
        rules.check_download_items(query.date_range, self.population.item_total(session.company, query, now))
        encrypted = self.make_for_declarations(session, list(self.population.declarations(session.company, query, now)))
        rules.check_download_size(query.date_range, len(encrypted))
        return encrypted

    def make_for_declarations(self, session: PortSession, declarations: Sequence[Declaration]) -> bytes:
        """The file of `declarations`. Raises RequestRefused if there are none, or the card's key is not supported."""
        if not declarations:
            raise RequestRefused(ResponseCode.NOT_FOUND, refusals.NOTHING_FOUND)
        message = self._attach(write_rtx_message(declarations), declarations)
        sm2_key = sm2.public_key(x509.load_der_x509_certificate(session.certificate))
        try:
            return encrypt(message, session.certificate, self.signer.key, self.signer.certificate, sm2_key=sm2_key)
        except CannotEncrypt:
            raise RequestRefused(ResponseCode.CANNOT_ENCRYPT, refusals.CANNOT_ENCRYPT) from None

    def _attach(self, message: bytes, declarations: Sequence[Declaration]) -> bytes:
        """`message` with the attachments of its declarations, in the element that a 报关单 message has for them."""
        sizes = [self.population.attachment_bytes(declaration) for declaration in declarations]
        if not any(sizes):
            return message
        root = etree.fromstring(message)
        for dec, declaration, size in zip(root, declarations, sizes, strict=True):
            if size:
                content = random_for("attachment", declaration.summary.entry_id).randbytes(size)
                lob = etree.SubElement(dec, "DecMarkLob")
                etree.SubElement(lob, "AttachName").text = _ATTACHMENT_NAME
                etree.SubElement(lob, "Attachment").text = base64.b64encode(content).decode()
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
