"""The declarations that the operator has selected, by number: a selection survives filter, sort and sync."""

from collections.abc import Iterable
from dataclasses import dataclass

from jiacha_tui.declaration.rules import MAX_BATCH


@dataclass(frozen=True, slots=True)
class Selection:
    """Selected `entry_ids` in the order of selection, each once. Immutable: a change returns a new object."""

    entry_ids: tuple[str, ...] = ()

    def __contains__(self, entry_id: str) -> bool:
        return entry_id in self.entry_ids

    def __len__(self) -> int:
        return len(self.entry_ids)

    def toggle(self, entry_id: str) -> "Selection":
        """The selection without `entry_id` if it was selected, otherwise with it at the end."""
        if entry_id in self.entry_ids:
            return Selection(tuple(selected for selected in self.entry_ids if selected != entry_id))
        return Selection((*self.entry_ids, entry_id))

    def add(self, entry_ids: Iterable[str]) -> "Selection":
        """The selection with those of `entry_ids` that were not selected, at the end."""
        return Selection(tuple(dict.fromkeys((*self.entry_ids, *entry_ids))))

    @property
    def exceeds_batch_limit(self) -> bool:
        """Whether there are more than one resend or print may have (manual 2.1.3, 2.1.4)."""
        return len(self.entry_ids) > MAX_BATCH

    def text(self) -> str:
        """The text below the table, "" if nothing is selected."""
        if not self.entry_ids:
            return ""
        limit = f"重发、打印最多 {MAX_BATCH} 票"
        if self.exceeds_batch_limit:
            return f"已选 {len(self)} 票 · 超过上限：{limit}"
        return f"已选 {len(self)} 票 · {limit}"
