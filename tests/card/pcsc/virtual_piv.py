"""A PIV card in software (NIST SP 800-73-4) for the virtual reader that vpcd adds to a real pcscd.

The card talks to vpcd over TCP: connecting inserts it, disconnecting removes it. A length of two bytes precedes each
message. A message of one byte is a command of the reader: power off, power on, reset, or a request for the ATR.
"""

import contextlib
import gzip
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from tests.card.cards import WAIT_SECONDS

ATR_T1 = bytes.fromhex("3b8d800180fba000000308000010000100cd")
ATR_T0 = bytes.fromhex("3b7d960000031a0003080000100001009000")
APPLICATION = bytes.fromhex("a000000308000010000100")
PIN_REFERENCE, MAX_WRONG_PINS = 0x80, 3

OK, NOT_FOUND, NOT_VERIFIED, LOCKED = 0x9000, 0x6A82, 0x6982, 0x6983
WRONG_DATA, UNKNOWN_COMMAND, NO_SUCH_KEY = 0x6A80, 0x6D00, 0x6A88
CERTIFICATES = {0x9A: 0x5FC105, 0x9C: 0x5FC10A, 0x9D: 0x5FC10B}
ALGORITHMS = {1024: 0x06, 2048: 0x07}
P256 = 0x11

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Reply = tuple[bytes, int]


def tlv(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return tag.to_bytes((tag.bit_length() + 7) // 8) + length + value


def parse(data: bytes) -> dict[int, bytes]:
    """The values by their one-byte tags. Only used for valid data."""
    found, rest = {}, data
    while rest:
        tag, size, start = rest[0], rest[1], 2
        if size > 0x80:
            start += size - 0x80
            size = int.from_bytes(rest[2:start])
        found[tag], rest = rest[start : start + size], rest[start + size :]
    return found


@dataclass(frozen=True)
class KeyPair:
    key: PrivateKey
    certificate: x509.Certificate


@dataclass
class VirtualPiv:
    """One card. `commands` lists each complete command as (instruction, data). `intercept` may reply for the card."""

    pin: str
    keys: dict[int, KeyPair]
    guid: bytes = bytes(16)
    aids: tuple[bytes, ...] = (APPLICATION, APPLICATION[:9], APPLICATION[:5])
    tagged: bool = True
    compressed: bool = False
    atr: bytes = ATR_T1
    retries_left: int = MAX_WRONG_PINS
    verified: bool = False
    commands: list[tuple[int, bytes]] = field(default_factory=list)
    intercept: Callable[[int, bytes], Reply | None] = lambda _instruction, _data: None
    _chained: bytes = b""
    _answer: bytes = b""

    def power(self) -> None:
        """Power on, power off or reset. After each, the PIN no longer counts as verified."""
        self.verified, self._chained, self._answer = False, b"", b""

    def pins_tried(self) -> int:
        return sum(instruction == 0x20 and bool(data) for instruction, data in self.commands)

    def answer(self, apdu: bytes) -> bytes:
        cla, instruction, p1, p2 = apdu[:4]
        size = apdu[4] if len(apdu) > 5 else 0
        data, rest = apdu[5 : 5 + size], apdu[5 + size :] if size else apdu[4:]
        expected = (rest[0] or 256) if rest else 256
        if instruction == 0xC0:
            return self._part(expected, OK)
        data = self._chained + data
        if cla & 0x10:
            self._chained = data
            return OK.to_bytes(2)
        self._chained = b""
        self.commands.append((instruction, data))
        self._answer, status = self.intercept(instruction, data) or self._execute(instruction, p1, p2, data)
        return self._part(expected, status)

    def _part(self, expected: int, status: int) -> bytes:
        part, self._answer = self._answer[:expected], self._answer[expected:]
        if self._answer and status == OK:
            status = 0x6100 | min(len(self._answer), 256) & 0xFF
        return part + status.to_bytes(2)

    def _execute(self, instruction: int, p1: int, p2: int, data: bytes) -> Reply:
        match instruction, p1, p2:
            case 0xA4, 0x04, 0x00:
                return self._select(data)
            case 0x20, 0x00, 0x80:
                return b"", self._verify(data)
            case 0xCB, 0x3F, 0xFF:
                return self._get_data(int.from_bytes(parse(data)[0x5C]))
            case 0x87, algorithm, reference:
                return self._authenticate(algorithm, reference, parse(parse(data)[0x7C]))
        return b"", UNKNOWN_COMMAND

    def _select(self, name: bytes) -> Reply:
        if name not in self.aids:
            return b"", NOT_FOUND
        inner = tlv(0x4F, APPLICATION[5:]) + tlv(0x79, tlv(0x4F, APPLICATION[:5]))
        return (tlv(0x61, inner) if self.tagged else inner), OK

    def _verify(self, data: bytes) -> int:
        if not data:
            return OK if self.verified else self._tries_status()
        if not self.retries_left:
            return LOCKED
        if len(data) != 8:
            return WRONG_DATA
        self.verified = data == self.pin.encode().ljust(8, b"\xff")
        self.retries_left = MAX_WRONG_PINS if self.verified else self.retries_left - 1
        return OK if self.verified else self._tries_status()

    def _tries_status(self) -> int:
        return 0x63C0 | self.retries_left if self.retries_left else LOCKED

    def _get_data(self, name: int) -> Reply:
        if name == 0x5FC102:
            return tlv(0x53, tlv(0x30, bytes(25)), tlv(0x34, self.guid), tlv(0x35, b"20361231"), b"\x3e\0\xfe\0"), OK
        for reference, pair in self.keys.items():
            if CERTIFICATES[reference] == name:
                der = pair.certificate.public_bytes(serialization.Encoding.DER)
                der, info = (gzip.compress(der), b"\1") if self.compressed else (der, b"\0")
                return tlv(0x53, tlv(0x70, der), tlv(0x71, info), b"\xfe\0"), OK
        return b"", NOT_FOUND

    def _authenticate(self, algorithm: int, reference: int, template: dict[int, bytes]) -> Reply:
        pair = self.keys.get(reference)
        if pair is None:
            return b"", NO_SUCH_KEY
        if not self.verified:
            return b"", NOT_VERIFIED
        if reference == 0x9C:
            self.verified = False  # this key requires the PIN each time
        response = private_key_operation(pair.key, algorithm, template)
        return (b"", WRONG_DATA) if response is None else (tlv(0x7C, tlv(0x82, response)), OK)


def private_key_operation(key: PrivateKey, algorithm: int, template: dict[int, bytes]) -> bytes | None:
    block, point = template.get(0x81, b""), template.get(0x85)
    if isinstance(key, rsa.RSAPrivateKey):
        size, numbers = key.key_size // 8, key.private_numbers()
        number = int.from_bytes(block)
        if algorithm != ALGORITHMS[key.key_size] or len(block) != size or number >= numbers.public_numbers.n:
            return None
        return rsa_private(number, numbers).to_bytes(size)
    if algorithm != P256:
        return None
    if point is not None:
        return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    return key.sign(block, ec.ECDSA(Prehashed(hashes.SHA256()))) if len(block) == 32 else None


def rsa_private(number: int, key: rsa.RSAPrivateNumbers) -> int:
    """RSA with the Chinese remainder theorem, which takes a quarter of the time of one exponentiation."""
    of_p, of_q = pow(number, key.dmp1, key.p), pow(number, key.dmq1, key.q)
    return of_q + (of_p - of_q) * key.iqmp % key.p * key.q


class VirtualReader:
    """A reader of vpcd at `port`. It accepts no card while another one is inserted."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None

    def insert(self, card: VirtualPiv) -> None:
        self._connection = socket.create_connection(("127.0.0.1", self._port), timeout=WAIT_SECONDS)
        self._connection.settimeout(None)
        card.power()
        threading.Thread(target=self._serve, args=(self._connection, card), daemon=True).start()

    def pull(self) -> None:
        """Removes the card. May be called more than once, and by the card itself during a command."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self, connection: socket.socket, card: VirtualPiv) -> None:
        with connection, contextlib.suppress(OSError):
            while (message := self._message(connection)) is not None:
                if len(message) > 1:
                    reply = card.answer(message)
                elif message == b"\4":
                    reply = card.atr
                else:
                    card.power()
                    continue
                connection.sendall(len(reply).to_bytes(2) + reply)

    def _message(self, connection: socket.socket) -> bytes | None:
        head = self._read_exactly(connection, 2)
        return self._read_exactly(connection, int.from_bytes(head)) if len(head) == 2 else None

    def _read_exactly(self, connection: socket.socket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            connection.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1
            )  # without it vpcd waits 40 ms for each reply
            if not (more := connection.recv(size - len(data))):
                break
            data += more
        return data
