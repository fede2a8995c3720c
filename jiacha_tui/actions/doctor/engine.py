"""Whether the cache's database engine can encrypt here."""

from collections.abc import Sequence

from db.engine import check_encryption
from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding


async def look(_surroundings: DoctorContext) -> Sequence[Finding]:
    """Raises EngineIncomplete."""
    return (Finding.good(Area.ENGINE, f"DuckDB {check_encryption()}，可以加密"),)
