"""Whether config.toml says what it may say."""

from collections.abc import Sequence

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding
from jiacha_tui.config import load_config
from jiacha_tui.eport.assumptions import Assumptions


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    """Raises ConfigProblem, which says file, line and key, and UnknownAssumption."""
    path = surroundings.here().config_file
    Assumptions.with_overrides(load_config(path).port.assumptions)
    message = f"{path} 正确" if path.exists() else "没有 config.toml，都用缺省值"
    return (Finding.good(Area.CONFIG, message),)
