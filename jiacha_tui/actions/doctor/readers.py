"""PC/SC: the library, its service, the readers and whether cards are in them. No card is given power or asked."""

from collections.abc import Sequence

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.card.pcsc.problems import LibraryMissing, PcscProblem, PyscardMissing
from jiacha_tui.card.pcsc.readers import Readers


async def look(_surroundings: DoctorContext) -> Sequence[Finding]:
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
