from datetime import UTC, datetime

import pytest

from jiacha_tui.declaration.journal import JournalEntry, JournalKind, Outcome


@pytest.mark.parametrize("enumeration", [JournalKind, Outcome])
def test_every_member_has_a_different_label(enumeration: type[JournalKind] | type[Outcome]) -> None:
    labels = [member.label for member in enumeration]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_the_default_detail_is_empty_and_read_only() -> None:
    entry = JournalEntry(id=1, at=datetime.now(UTC), kind=JournalKind.LOGIN, outcome=Outcome.DONE)
    assert not entry.detail
    with pytest.raises(TypeError):
        entry.detail["pin"] = "12345678"  # type: ignore[index]  # the point of the test
