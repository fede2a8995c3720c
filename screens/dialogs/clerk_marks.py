"""标记: the clerk's own marks of one or more declarations."""

from collections.abc import Iterable, Sequence

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from jiacha_tui.actions.clerk_marks import common_marks, set_marks
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.clerk_marks import (
    MAX_BATCH_LENGTH,
    MAX_NOTE_LENGTH,
    ClerkMarks,
    read_marks,
)
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.widgets.line_input import LineInput
from screens.widgets.push_button import PushButton

_FIELDS = (
    ("filed-month", "申报年月", "202611；不填就是未申报", 10),
    ("filed-batch", "批次", "可不填", MAX_BATCH_LENGTH),
    ("collected-on", "收汇日期", "20261128；不填就是未收汇", 12),
    ("note", "批注", "一行", MAX_NOTE_LENGTH),
)


class ClerkMarksDialog(Dialog[str]):
    """Sets the marks of `entry_ids`. Dismisses with what was done."""

    TITLE = "标记"
    KEYS = "Tab 换项 · Enter 下一项"

    DEFAULT_CSS = """
    ClerkMarksDialog > #frame { width: 64; }
    ClerkMarksDialog .row { height: 1; }
    ClerkMarksDialog .label { width: 10; }
    ClerkMarksDialog .bracket { width: 1; }
    ClerkMarksDialog LineInput { width: 1fr; }
    ClerkMarksDialog #what { height: auto; margin-bottom: 1; }
    ClerkMarksDialog #problem { height: auto; margin-top: 1; text-style: bold; }
    """

    def __init__(self, session: Session, entry_ids: Sequence[str]) -> None:
        super().__init__()
        self._session = session
        self._entry_ids = tuple(entry_ids)

    def body(self) -> Iterable[Widget]:
        yield Static(f"{len(self._entry_ids):,} 票的标记，只存在本机，同步不会改动：", id="what", markup=False)
        for name, label, placeholder, length in _FIELDS:
            yield Horizontal(
                Static(label, classes="label", markup=False),
                Static("[", classes="bracket", markup=False),
                LineInput(id=name, max_length=length, placeholder=placeholder, select_on_focus=True),
                Static("]", classes="bracket", markup=False),
                classes="row",
            )
        yield Static(id="problem", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="cancel")
        ok = PushButton("确定", id="ok")
        ok.disabled = True  # until the marks are known: empty fields would overwrite them
        yield ok

    def help_sections(self) -> tuple[Section, ...]:
        return (
            Section.of(
                "标记",
                "记下哪些已经申报（申报年月、批次）、哪些已经收汇（日期），还可以写一行批注。",
                "选中了几票时一起标。不填的一项就是没有；几票的标记不同时，这里全是空的，确定以后一律按这里写的。",
                "筛选：未申报、已申报、未收汇、已收汇、批注:文字。",
            ),
        )

    async def on_mount(self) -> None:
        try:
            marks = await common_marks(self._session, self._entry_ids)
        except Problem as problem:
            self.query(LineInput).set(disabled=True)
            self.query_one("#ok").display = False
            self.query_one("#cancel").focus()
            self.post_message(Notice.of(problem))
            return
        self.query_one("#ok").disabled = False
        if marks is None:
            self.query_one("#problem", Static).update("这几票的标记不同：确定以后一律按这里写的")
            return
        collected = "" if marks.collected_on is None else str(marks.collected_on)
        values = (marks.filed_month, marks.filed_batch, collected, marks.note)
        for (name, *_), value in zip(_FIELDS, values, strict=True):
            self.query_one(f"#{name}", LineInput).value = value

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    @on(PushButton.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(PushButton.Pressed, "#ok")
    async def _set(self) -> None:
        try:
            message = await set_marks(self._session, self._entry_ids, self._typed())
        except Problem as problem:
            self.query_one("#problem", Static).update(f"! {problem.message}。{problem.hint}")
            return
        self.dismiss(message)

    def _typed(self) -> ClerkMarks:
        month, batch, collected, note = (self.query_one(f"#{name}", LineInput).value for name, *_ in _FIELDS)
        return read_marks(month, batch, collected, note)
