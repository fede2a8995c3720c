"""存下的筛选: filters that have a name. They can be used, saved, renamed and deleted."""

from collections.abc import Awaitable, Iterable

from rich.text import Text
from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from jiacha_tui.actions.saved_filters import (
    MAX_NAME_LENGTH,
    SavedFilter,
    delete_filter,
    rename_filter,
    save_filter,
    saved_filters,
)
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_text
from jiacha_tui.declaration.problem import Problem
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.widgets.cells import fit
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.line_input import LineInput
from screens.widgets.push_button import PushButton

_NAME_CELLS, _TEXT_CELLS = 22, 40
_MIN_ROWS, _OTHER_ROWS = 3, 14
_NONE = "还没有存下的筛选"


class SavedFiltersDialog(Dialog[str]):
    """Lists the saved filters. Dismisses with the text of the one that is used. `current` is the filter in the bar."""

    TITLE = "存下的筛选"
    KEYS = "↑↓ 选择 · Enter 使用 · Tab 换项"

    DEFAULT_CSS = """
    SavedFiltersDialog .row { height: 1; margin: 1 0 0 0; }
    SavedFiltersDialog .label { width: 6; }
    SavedFiltersDialog .bracket { width: 1; }
    SavedFiltersDialog #name { width: 1fr; }
    SavedFiltersDialog #current { height: 1; }
    """

    def __init__(self, session: Session, current: str) -> None:
        super().__init__()
        self._session = session
        self._current = current
        self._filters: tuple[SavedFilter, ...] = ()

    def body(self) -> Iterable[Widget]:
        yield ChoiceList(id="filters")
        yield Static(Text(f"现在的筛选  {fit(format_text(self._current) or '（没有）', 50)}"), id="current")
        yield Horizontal(
            Static("名称", classes="label", markup=False),
            Static("[", classes="bracket", markup=False),
            LineInput(id="name", max_length=MAX_NAME_LENGTH, select_on_focus=True),
            Static("]", classes="bracket", markup=False),
            classes="row",
        )

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("取消", id="cancel")
        yield PushButton("使用", id="use")
        yield PushButton("存下现在的", id="save")
        yield PushButton("改名", id="rename")
        yield PushButton("删除", id="delete")

    def help_sections(self) -> tuple[Section, ...]:
        return (
            Section.of(
                "存下的筛选",
                "给常用的筛选起个名字，存在本机缓存里，下次登录还在。",
                "选一个，Enter 使用。存下、改名用“名称”一栏的名字；已有的同名筛选会被替换。",
            ),
        )

    def on_mount(self) -> None:
        self.run_worker(self._read())

    @on(ChoiceList.Moved)
    def _show_name(self, moved: ChoiceList.Moved) -> None:
        self.query_one("#name", LineInput).value = self._filters[moved.index].name

    @on(ChoiceList.Chosen)
    @on(PushButton.Pressed, "#use")
    def _use(self) -> None:
        if (chosen := self._chosen) is not None:
            self.dismiss(chosen.text)

    @on(Input.Submitted, "#name")
    @on(PushButton.Pressed, "#save")
    def _save(self) -> None:
        self._change(save_filter(self._session, self._typed_name, self._current))

    @on(PushButton.Pressed, "#rename")
    def _rename(self) -> None:
        if (chosen := self._chosen) is not None:
            self._change(rename_filter(self._session, chosen.name, self._typed_name))

    @on(PushButton.Pressed, "#delete")
    def _delete(self) -> None:
        if (chosen := self._chosen) is not None:
            self._change(delete_filter(self._session, chosen.name))

    @on(PushButton.Pressed, "#cancel")
    def _cancel_pressed(self) -> None:
        self.action_cancel()

    @property
    def _chosen(self) -> SavedFilter | None:
        index = self.query_one("#filters", ChoiceList).index
        return self._filters[index] if index is not None and self._filters else None

    @property
    def _typed_name(self) -> str:
        return self.query_one("#name", LineInput).value

    def _change(self, change: Awaitable[None]) -> None:
        self.run_worker(self._change_and_read(change))

    async def _change_and_read(self, change: Awaitable[None]) -> None:
        try:
            await change
        except Problem as problem:
            self.post_message(Notice.of(problem))
            self.query_one("#name", LineInput).focus()
            return
        await self._read()

    async def _read(self) -> None:
        try:
            self._filters = await saved_filters(self._session)
        except Problem as problem:
            self.post_message(Notice.of(problem))
            return
        choices = [
            Choice(Text(f"{fit(format_text(one.name), _NAME_CELLS)}  {fit(format_text(one.text), _TEXT_CELLS)}"))
            for one in self._filters
        ]
        filters = self.query_one("#filters", ChoiceList)
        filters.styles.max_height = max(_MIN_ROWS, self.size.height - _OTHER_ROWS)
        filters.show(choices or [Choice(Text(_NONE), enabled=False)])
        self.query_one("#save").display = bool(self._current)
        for name in ("#use", "#rename", "#delete"):
            self.query_one(name).display = bool(self._filters)
        if self._filters:
            self.query_one("#name", LineInput).value = self._filters[filters.index or 0].name
            filters.focus()
        else:
            self.query_one("#name", LineInput).focus()
