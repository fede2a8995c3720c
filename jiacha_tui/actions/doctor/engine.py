"""Whether the cache's database engine can encrypt here."""

from collections.abc import Sequence

from db.engine import check
from jiacha_tui.actions.doctor.finding import Area, Finding
from jiacha_tui.actions.doctor.surroundings import Surroundings


async def look(_surroundings: Surroundings) -> Sequence[Finding]:
    """Raises EngineIncomplete."""
    return (Finding.good(Area.ENGINE, f"DuckDB {check()}，可以加密"),)
