"""How declarations are written on the wire, and how responses are encrypted."""

import base64
import json
from datetime import date, datetime
from decimal import Decimal

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, Declaration, Head, Item, Summary
from jiacha_tui.demo import wire
from jiacha_tui.demo.envelope import ObfuscatedEnvelope, PlainEnvelope
from jiacha_tui.demo.http_bodies import to_json

FULL_HEAD = Head(
    entry_id="224820260000012345",
    declared_on=date(2026, 6, 1),
    exported_on=date(2026, 6, 2),
    amendment_count=2,
    package_count=1250,
    gross_weight=Decimal("18750.5"),
    freight=Decimal("500"),
)


@given(st.binary(max_size=300))
def test_an_envelope_has_whole_blocks_and_decrypts_to_its_content(content: bytes) -> None:
    envelope = PlainEnvelope.draw()
    wrapped = base64.b64decode(envelope.encrypt(content))
    assert len(wrapped) % 16 == 0
    decryptor = Cipher(algorithms.AES(envelope.key.encode()), modes.CBC(envelope.iv.encode())).decryptor()
    opened = (decryptor.update(wrapped) + decryptor.finalize()).rstrip(b"\0")
    assert opened == content + envelope.marker.encode()


def test_each_start_draws_a_new_key_for_the_envelope() -> None:
    one, other = PlainEnvelope.draw(), PlainEnvelope.draw()
    assert one != other
    assert (len(one.key), len(one.iv)) == (16, 16)


def test_each_start_draws_new_tables_and_a_new_script() -> None:
    one, other = ObfuscatedEnvelope.draw(), ObfuscatedEnvelope.draw()
    assert (one.cipher.sbox, one.cipher.fk, one.cipher.ck) != (other.cipher.sbox, other.cipher.fk, other.cipher.ck)
    assert one.script != other.script
    assert one.encrypt(b"{}") != other.encrypt(b"{}")
    assert one.key not in one.script


def test_the_script_contains_key_iv_and_marker() -> None:
    envelope = PlainEnvelope("k" * 16, "i" * 16, "marker")
    key, iv = (part[:16] for part in envelope.script.split("CryptoJS.enc.Latin1.parse('")[1:])
    assert (key, iv) == (envelope.key, envelope.iv)
    assert "result.replace('marker'" in envelope.script


def test_money_keeps_all_its_digits() -> None:
    assert to_json({"usdPrices": Decimal("1284330.10")}) == b'{"usdPrices":1284330.10}'


def test_a_row_is_written_as_observed() -> None:
    summary = Summary(
        entry_id="224820260000012345",
        exported_on=date(2026, 6, 30),
        exit_customs="洋山港区",
        reported_at=datetime.fromisoformat("2026-07-02 10:23:45"),
        usd_amount=Decimal("18234.00"),
        transfer_state="新增",
        dec_flag="1",
        container_flag="0",
    )
    assert json.loads(to_json(wire.row_members(Declaration(summary), 3, "token"))) == {
        "entryId": "224820260000012345",
        "iEDate": "20260630000000",
        "iEPort": "洋山港区",
        "dateDec": "2026-07-02 10:23:45",
        "usdPrices": 18234.0,
        "printNum": 3,
        "opMode": "新增",
        "flagDec": "1",
        "flagConta": "0",
        "encryptStr": "token",
    }


def test_a_head_has_only_texts_and_leaves_out_empty_ones() -> None:
    assert wire.head_members(FULL_HEAD) == {
        "entryId": "224820260000012345",
        "modNum": "2",
        "iEDate": "20260602",
        "dDate": "20260601",
        "packNo": "1250",
        "grossWt": "18750.5",
        "feeRate": "500",
        "insurRate": "0",
        "otherRate": "0",
    }


def test_statistical_values_are_padded_as_observed() -> None:
    written = wire.item_members(Item(number=1, usd_value=Decimal(131), cny_value=Decimal(937)), FULL_HEAD)
    assert (written["usdPrice"], written["rmbPrice"]) == ("           131.00", "           937.00")


def test_the_final_destination_is_sent_as_origin_country() -> None:
    assert wire.item_members(Item(number=1, destination_country="美国"), FULL_HEAD)["originCountry"] == "美国"


def test_every_field_of_the_model_is_written() -> None:
    """The model has a table of wire names, written apart from this one: the two must agree."""
    values: dict[type, object] = {str: "x", int: 1, Decimal: Decimal(1), date: date(2026, 1, 1)}
    head = Head(**{field.name: values[field.type] for field in HEAD_FIELDS})  # type: ignore[arg-type]  # by field type
    item = Item(**{field.name: values[field.type] for field in ITEM_FIELDS})  # type: ignore[arg-type]  # by field type
    assert set(wire.head_members(head)) == {field.wire[0] for field in HEAD_FIELDS}
    assert set(wire.item_members(item, head)) == {field.wire[0] for field in ITEM_FIELDS} | {"seqNo", "entryId"}
