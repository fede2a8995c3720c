"""What a run that saves the prints of many declarations has done so far, or in the end."""

from dataclasses import dataclass
from pathlib import Path

from jiacha_tui.declaration.problem import Problem


@dataclass(frozen=True, slots=True)
class UnsavedPrint:
    """A declaration of which the folder has no print: why, and what to do, in Chinese."""

    entry_id: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPrintReport:
    """The result for `total` declarations: each is saved now, was there before, is unsaved for a reason, or is untried.

    `unchecked` are those with a PDF that has no text to find the number in. `stopped_by` is the problem that ended the
    run before the last declaration. `calls` counts the requests for a print, `seconds` the time of the run. While it
    runs, `waiting` says in Chinese what it waits for. `unrecorded` says in Chinese that the cache could not record the
    run, "" if it has.
    """

    folder: Path
    total: int
    saved: int
    present: int
    unchecked: tuple[str, ...]
    unsaved: tuple[UnsavedPrint, ...]
    untried: tuple[str, ...]
    stopped_by: Problem | None
    cancelled: bool
    calls: int
    seconds: float
    waiting: str = ""
    unrecorded: str = ""

    @property
    def done(self) -> int:
        """How many are settled, one way or the other."""
        return self.total - len(self.untried)

    @property
    def is_complete(self) -> bool:
        """Whether the folder has a print of every declaration."""
        return self.saved + self.present == self.total

    def text(self) -> str:
        """The result in one sentence."""
        counts = [f"新取 {self.saved:,} 票"]
        if self.present:
            counts.append(f"已有 {self.present:,} 票")
        if self.unsaved:
            counts.append(f"缺 {len(self.unsaved):,} 票")
        if self.untried:
            counts.append(f"还没有取 {len(self.untried):,} 票")
        if self.unchecked:
            counts.append(f"其中 {len(self.unchecked):,} 票的报关单号没有核对（没有文字，或分不清号码）")
        end = f"{self.total:,} 票的打印已齐" if self.is_complete else f"共 {self.total:,} 票，没有取全"
        if self.cancelled:
            end = f"已按要求停止，{end}"
        return f"{end}：{'，'.join(counts)}；用时 {self.seconds:.0f} 秒，在 {self.folder}{self.unrecorded}"
