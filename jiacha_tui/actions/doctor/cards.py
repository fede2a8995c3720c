"""Checks of the three ways to reach a card: the demo card, the client control and PC/SC readers. No PIN is asked for.

A finding names a card by its number and validity, never by its holder. Third-party packages are imported inside the
checks, so that a missing one affects only the check that needs it.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import DoctorContext
from jiacha_tui.card.control.forwarding import ssh_forwarding
from jiacha_tui.card.control.problems import ControlMissing, ControlProblem
from jiacha_tui.card.pcsc.problems import LibraryMissing, PcscProblem, PyscardMissing
from jiacha_tui.card.pcsc.readers import Readers
from jiacha_tui.card.problems import CardDamaged, CardExpired, CardProblem
from jiacha_tui.clock import utc_now
from jiacha_tui.private_files import FileProblem, file_problems, read_whole

if TYPE_CHECKING:
    from jiacha_tui.card.identity import CardIdentity

_NEW_CARD_HINT: Final = "移走 card.p12 和 card.pem，再运行 jiacha port 或 jiacha --demo，会生成一张新的"


async def check_demo_card(context: DoctorContext) -> Sequence[Finding]:
    """The demo card, if the program would offer it: with `--demo`, `--offline` or `--port-url`. Raises FileProblem."""
    from jiacha_tui.card.softcard import certificate_path  # noqa: PLC0415 - cryptography may be missing

    options = context.options
    if not (options.demo or options.offline or options.port_url):
        return ()
    path = context.locations().demo_card
    with file_problems(path):
        card_exists, certificate_exists = path.is_file(), certificate_path(path).is_file()
    if not card_exists and certificate_exists:
        message, hint = f"没有卡文件 {path}", "请把它放回原处"
        return (Finding(Area.DEMO_CARD, FindingState.MISSING, message, hint, "card.no-demo-card"),)
    if not card_exists:
        return (Finding.good(Area.DEMO_CARD, "第一次进入演示时生成"),) if options.demo else ()
    try:
        identity = _read_identity(certificate_path(path))
    except (CardProblem, FileProblem) as problem:
        return (Finding(Area.DEMO_CARD, FindingState.BROKEN, problem.message, _NEW_CARD_HINT, problem.code),)
    return (_card_finding(Area.DEMO_CARD, "", identity, utc_now()),)


async def check_control(context: DoctorContext) -> Sequence[Finding]:
    """Whether the client control runs at the configured address, and its card. It is good without a card."""
    from jiacha_tui.card.control.medium import ControlMedium  # noqa: PLC0415 - websockets may be missing

    config = context.config().card
    try:
        identity = await ControlMedium(config.control_url, allow_remote=config.allow_remote_control).read_identity()
    except ControlMissing as problem:
        message = f"{config.control_url} 没有控件在运行"
        command = ssh_forwarding(config.control_url)
        hint = "在插卡的电脑上启动控件" + (f"；经 SSH 时用 {command}" if command else "")
        return (Finding(Area.CONTROL, FindingState.MISSING, message, hint, problem.code),)
    except ControlProblem as problem:
        return (Finding.of(Area.CONTROL, problem),)
    except CardProblem as problem:
        message = f"控件已连接；{problem.message}"
        return (Finding(Area.CONTROL, FindingState.BROKEN, message, problem.hint, problem.code),)
    if identity is None:
        return (Finding.good(Area.CONTROL, f"{config.control_url} 已连接，没有插卡", code="card.none"),)
    return (_card_finding(Area.CONTROL, f"{config.control_url}，", identity, utc_now()),)


async def check_readers(_context: DoctorContext) -> Sequence[Finding]:
    """The PC/SC library, its service, the readers and whether cards are inserted. No card is powered up."""
    try:
        with Readers() as readers:
            names, with_card = readers.names(), readers.names_with_card()
    except (PyscardMissing, LibraryMissing) as problem:
        return (Finding.of(Area.READERS, problem, FindingState.MISSING),)
    except PcscProblem as problem:
        return (Finding.of(Area.READERS, problem),)
    if not names:
        message, hint = "pcscd 在运行，没有读卡器", "本机直接插读卡器时，请检查 USB 连接；经客户端控件用卡时不需要"
        return (Finding(Area.READERS, FindingState.MISSING, message, hint, "pcsc.no-reader"),)
    cards = f"{len(with_card)} 张卡" if with_card else "没有卡"
    return (Finding.good(Area.READERS, f"{'、'.join(names)}，{cards}", code="" if with_card else "card.none"),)


def _read_identity(certificate: Path) -> "CardIdentity":
    """Raises CardProblem, FileProblem."""
    from cryptography import x509  # noqa: PLC0415 - cryptography may be missing
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 - cryptography may be missing

    from jiacha_tui.card.identity import CardIdentity  # noqa: PLC0415 - cryptography may be missing

    data = read_whole(certificate)
    try:
        return CardIdentity.from_certificate(x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER))
    except ValueError:
        raise CardDamaged from None


def _card_finding(area: Area, prefix: str, identity: "CardIdentity", now: datetime) -> Finding:
    from jiacha_tui.actions.cards import EXPIRY_WARNING_DAYS  # noqa: PLC0415 - msgspec may be missing

    days = identity.days_left(now)
    message = f"{prefix}卡 {identity.card_number}，有效至 {identity.valid_until.astimezone():%Y-%m-%d}"
    if days <= 0:
        expired = CardExpired()
        return Finding(area, FindingState.BROKEN, f"{message}，已过期", expired.hint, expired.code)
    if days <= EXPIRY_WARNING_DAYS:
        return Finding.good(area, message, f"卡还有 {days} 天到期，请及时办理延期", "card.expires-soon")
    return Finding.good(area, message)
