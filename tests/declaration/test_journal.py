from datetime import UTC, datetime

import pytest

from jiacha_tui.declaration.journal import JournalEntry, JournalKind, Outcome


@pytest.mark.parametrize("words", [JournalKind, Outcome])
def test_each_has_a_chinese_name_of_its_own(words: type[JournalKind] | type[Outcome]) -> None:
    labels = [word.label for word in words]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_an_entry_without_detail_has_an_empty_one_that_cannot_be_changed() -> None:
    entry = JournalEntry(id=1, at=datetime.now(UTC), kind=JournalKind.LOGIN, outcome=Outcome.DONE)
    assert not entry.detail
    with pytest.raises(TypeError):
        entry.detail["pin"] = "12345678"  # type: ignore[index]  # the point of the test
