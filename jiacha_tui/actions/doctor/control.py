"""The client control: whether it answers where the configuration says, and the card behind it. No PIN is asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime

from jiacha_tui.actions.doctor.card_text import card_finding
from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.card.control.address import ssh_forwarding
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlMissing, ControlProblem
from jiacha_tui.card.problems import CardProblem


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    """A control without a card is good: the card is the operator's to insert."""
    config = surroundings.config().card
    try:
        identity = await ControlMedium(config.control_url, allow_remote=config.allow_remote_control).read_identity()
    except ControlMissing as problem:
        message = f"{config.control_url} 没有控件在运行"
        way = ssh_forwarding(config.control_url)
        hint = "在插卡的电脑上启动控件" + (f"；经 SSH 时用 {way}" if way else "")
        return (Finding(Area.CONTROL, FindingState.MISSING, message, hint, problem.code),)
    except ControlProblem as problem:
        return (Finding.of(Area.CONTROL, problem),)
    except CardProblem as problem:
        return (
            Finding(Area.CONTROL, FindingState.BROKEN, f"控件已连接；{problem.message}", problem.hint, problem.code),
        )
    if identity is None:
        return (Finding.good(Area.CONTROL, f"{config.control_url} 已连接，没有插卡", code="card.none"),)
    return (card_finding(Area.CONTROL, f"{config.control_url}，", identity, datetime.now(UTC)),)
