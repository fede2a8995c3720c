"""The clerk's marks are kept, told by the journal, and outlive a sync that changes the declaration."""

from collections.abc import Sequence
from datetime import date

from db.cache import Cache
from db.declarations import Declarations
from jiacha_tui.actions.clerk_marks import common_marks, set_marks
from jiacha_tui.actions.detail import detail_view
from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.journal import JournalKind
from tests.actions.served_port import ServedPort

MARKS = ClerkMarks("202606", "003", date(2026, 6, 20), "已寄")


async def test_marks_are_set_found_and_left_alone_by_a_sync(port: ServedPort) -> None:
    amended, other, *rest = await port.numbers("类型:结关")
    assert await set_marks(port.session, [amended, other], MARKS) == (
        "2 票：已申报 202606 批次 003，已收汇 2026-06-20，批注：已寄"
    )
    port.demo.amend(amended)
    assert (await port.sync()).changed == 1
    assert await common_marks(port.session, [amended, other]) == MARKS
    assert await common_marks(port.session, [amended, rest[0]]) is None
    for words in ("已申报", "已收汇", "批注:已寄"):
        assert set(await port.numbers(words)) == {amended, other}
    assert not {amended, other} & {*await port.numbers("未申报"), *await port.numbers("未收汇")}
    assert "已申报 202606 批次 003，已收汇 2026-06-20，批注：已寄" in (await detail_view(port.session, amended)).hints

    await set_marks(port.session, [other], ClerkMarks())
    assert await port.numbers("已申报") == [amended]
    entries = port.session.journal.recent(5, other, JournalKind.MARK)
    assert entries[0].message == "1 票：已去掉标记"


class StopsAfterMarks(Declarations):
    """Declarations whose cache is closed once the marks are set."""

    def __init__(self, cache: Cache) -> None:
        super().__init__(cache)
        self._closed = cache

    def set_clerk_marks(self, entry_ids: Sequence[str], marks: ClerkMarks) -> None:
        super().set_clerk_marks(entry_ids, marks)
        self._closed.close()


async def test_marks_that_are_set_are_not_reported_as_failed_if_the_journal_fails(port: ServedPort) -> None:
    (marked,) = (await port.numbers(""))[:1]
    port.session.declarations = StopsAfterMarks(port.session.cache)
    assert await set_marks(port.session, [marked], MARKS) == (
        "1 票：已申报 202606 批次 003，已收汇 2026-06-20，批注：已寄（本机没有记下：本机缓存已关闭）"
    )
