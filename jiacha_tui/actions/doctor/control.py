"""The client control: whether it answers where the configuration says, and the card behind it. No PIN is asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from jiacha_tui.actions.doctor.card_text import card_finding
from jiacha_tui.actions.doctor.finding import Area, Finding, State
from jiacha_tui.actions.doctor.surroundings import Surroundings
from jiacha_tui.card.control.address import DEFAULT_URL
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlMissing, ControlProblem
from jiacha_tui.card.problems import CardProblem


async def look(surroundings: Surroundings) -> Sequence[Finding]:
    """A control without a card is good: the card is the operator's to insert."""
    config = surroundings.config().card
    try:
        identity = await ControlMedium(config.control_url, allow_remote=config.allow_remote_control).look()
    except ControlMissing as problem:
        what = f"{config.control_url} 没有控件在运行"
        todo = f"在插卡的电脑上启动控件{_way_there(config.control_url)}"
        return (Finding(Area.CONTROL, State.MISSING, what, todo, problem.code),)
    except ControlProblem as problem:
        return (Finding.of(Area.CONTROL, problem),)
    except CardProblem as problem:
        return (Finding(Area.CONTROL, State.BROKEN, f"控件已连接；{problem.what}", problem.todo, problem.code),)
    if identity is None:
        return (Finding.good(Area.CONTROL, f"{config.control_url} 已连接，没有插卡", code="card.none"),)
    return (card_finding(Area.CONTROL, f"{config.control_url}，", identity, datetime.now(UTC)),)


def _way_there(url: str) -> str:
    """How SSH leads to the control where `url` is an address of this machine, "" where it is not."""
    there, here = urlsplit(DEFAULT_URL).netloc, urlsplit(url)
    if here.hostname not in ("127.0.0.1", "::1", "localhost"):
        return ""
    return f"；经 SSH 时用 ssh -R {here.port or 80}:{there}"
