"""报关单查询 (manual 2.1.1): the official query form. What the port lists is stored in the cache."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from jiacha_tui.actions.list_reader import ListProgress
from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.query import QueryOutcome, run_query
from jiacha_tui.actions.result_browser import MAX_FILTER_LENGTH
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.hints import WHERE_TO_LOOK_UP
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.number_list import entry_ids_of, read_number_list
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRangeQuery, NumberListQuery, Query
from jiacha_tui.declaration.query_form import Criterion, FieldError, check_query_form, usual_periods
from jiacha_tui.declaration.rules import MAX_DOWNLOAD_DAYS
from screens.base.dialog import Dialog
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.help_sections import Section
from screens.commands.notice import Notice
from screens.dialogs.radio_row import RadioRow
from screens.widgets.line_input import LineInput
from screens.widgets.push_button import PushButton

_HELP = Section(
    "报关单查询",
    (
        ("报关单类型", "缺省为结关报关单，也可以选启运港退税报关单"),
        ("出口日期", "起止都要填，可以是同一天，最长一个月；写成 2025-06-01、20250601、2025/6/1 都可以"),
        ("时段", "F4 依次填入上月、本月、最近 30 天；在起始日期按 Enter 到截止日期，在截止日期按 Enter 查询"),
        ("出口报关单号", "18 位，要填全；粘贴一列号码就逐个查询，每 10 个停一停，随时可以停止"),
        (
            "查不到时",
            "报关单必须已结关，且只有境内收发货人能查；未结关的，结关后次日再查；已结关而长时间查不到，联系申报地海关",
        ),
        ("报关单状态", WHERE_TO_LOOK_UP),
    ),
)

_KINDS = tuple(Kind)
_CRITERIA = tuple(Criterion)
_NUMBER_LENGTH = 18


@dataclass(frozen=True, slots=True)
class QueryForm:
    """The fields of the form as they were typed. The next query starts with those of the last one."""

    kind: Kind
    criterion: Criterion
    number: str
    start: str
    end: str

    @classmethod
    def default(cls, today: date) -> "QueryForm":
        """A query of the last 30 days up to `today`: one download may span as many."""
        start = today - timedelta(days=MAX_DOWNLOAD_DAYS - 1)
        return cls(Kind.CLEARED, Criterion.EXPORTED_ON, "", f"{start}", f"{today}")

    def check(self) -> Query | NumberListQuery | tuple[FieldError, ...]:
        """The query or queries, or what is wrong with the fields."""
        return check_query_form(self.kind, self.criterion, self.number, self.start, self.end)


@dataclass(frozen=True, slots=True)
class QueryDialogResult:
    """The form of a query that found something, and what it found."""

    form: QueryForm
    outcome: QueryOutcome


@dataclass(frozen=True, slots=True)
class NumbersRequested:
    """The form with several numbers, which another dialog queries one by one."""

    form: QueryForm
    query: NumberListQuery


class _NumbersPasted(Message):
    """Full numbers were pasted where no number can be typed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class _NumberInput(LineInput):
    """The field of the numbers."""

    def __init__(self, value: str) -> None:
        super().__init__(
            value, placeholder="18 位，可粘贴多个", select_on_focus=True, max_length=MAX_FILTER_LENGTH, id="number"
        )

    def pasted_text(self, text: str) -> str:
        listed = read_number_list(text)
        if len(listed.numbers) + len(listed.others) > 1:
            return " ".join((*listed.numbers, *listed.others))
        return super().pasted_text(text)


class _DayInput(LineInput):
    """The field of a date. Full numbers that are pasted into it are left to the dialog."""

    def __init__(self, value: str, *, id: str) -> None:
        super().__init__(value, placeholder="年-月-日", select_on_focus=True, id=id, classes="day")

    def _on_paste(self, event: events.Paste) -> None:
        if read_number_list(event.text).numbers:
            event.stop()
            event.prevent_default()
            self.post_message(_NumbersPasted(event.text))


class QueryDialog(Dialog[QueryDialogResult | NumbersRequested]):
    """Shows `form`, checks it while it is filled in, and asks the port.

    Dismisses with what the query found, or with several numbers for another dialog. It stays open when the query fails
    or finds nothing, so that the operator can correct the form.
    """

    TITLE = "报关单查询"
    KEYS = "↑↓ Tab 换项 · ←→ 选择 · F4 上月/本月/30天 · Enter 查询"
    SCOPES = (Scope.QUERY, Scope.DIALOG, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.QUERY)

    DEFAULT_CSS = """
    QueryDialog .row { height: 1; }
    QueryDialog .label { width: 13; }
    QueryDialog #by-number { display: none; }
    QueryDialog.-number #by-number { display: block; }
    QueryDialog.-number #by-date { display: none; }
    QueryDialog .day { width: 12; }
    QueryDialog #number { width: 20; }
    QueryDialog .between { width: 4; }
    QueryDialog .bracket { width: 1; }
    QueryDialog .note { width: 1fr; text-align: right; }
    QueryDialog #errors { height: 1; padding: 0 0 0 13; color: $problem; text-style: bold; }
    """

    def __init__(self, session: Session, form: QueryForm) -> None:
        super().__init__()
        self._session = session
        self._form = form
        self._submitted_once = False
        self._busy = False

    def body(self) -> Iterable[Widget]:
        form = self._form
        yield _row("报关单类型", RadioRow([kind.label for kind in _KINDS], _KINDS.index(form.kind), id="kind"))
        criteria = [criterion.value for criterion in _CRITERIA]
        yield _row("查询条件", RadioRow(criteria, _CRITERIA.index(form.criterion), id="criterion"))
        yield _row(
            "出口日期",
            *_field(_DayInput(form.start, id="start")),
            Static(" 至", classes="between"),
            *_field(_DayInput(form.end, id="end")),
            Static(classes="note", id="days", markup=False),
            id="by-date",
        )
        yield _row(
            "出口报关单号",
            *_field(_NumberInput(form.number)),
            Static(classes="note", id="digits", markup=False),
            id="by-number",
        )
        yield Static(id="errors", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("查询", id="run")
        yield PushButton("取消", id="cancel")

    def help_sections(self) -> tuple[Section, ...]:
        return (_HELP,)

    def on_mount(self) -> None:
        self._draw()
        self._first_field().focus()

    @on(RadioRow.Changed)
    @on(Input.Changed)
    def _form_changed(self) -> None:
        if not self._busy:
            self._draw()

    @on(Input.Submitted, "#start")
    def _to_end(self) -> None:
        self._select(self.query_one("#end", LineInput))

    def action_period(self) -> None:
        """Fills in the period that follows the one in the form, and moves to the second date."""
        if self._busy:
            return
        periods = usual_periods(self._session.app_context.clock().date())
        form = self._read()
        texts = [(f"{period.start}", f"{period.end}") for period in periods]
        chosen = (texts.index((form.start, form.end)) + 1) % len(texts) if (form.start, form.end) in texts else 0
        self.query_one("#criterion", RadioRow).choose(_CRITERIA.index(Criterion.EXPORTED_ON))
        start, end = self.query_one("#start", LineInput), self.query_one("#end", LineInput)
        start.value, end.value = texts[chosen]
        self._draw()
        self._select(end)

    @on(Input.Submitted, "#end, #number")
    @on(PushButton.Pressed, "#run")
    def _submitted(self) -> None:
        if self._busy:
            return
        form = self._read()
        checked = form.check()
        self._submitted_once = True
        self._draw()
        if isinstance(checked, tuple):
            self._select(self.query_one(f"#{checked[0].field}", LineInput))
            return
        if isinstance(checked, NumberListQuery):
            self.dismiss(NumbersRequested(form, checked))
            return
        self._busy = True
        self.query_one("#body").disabled = True
        self.show_progress("正在查询…")
        self.run_worker(self._query(form, checked))

    def on_paste(self, event: events.Paste) -> None:
        """Numbers that are pasted anywhere in the form go into their field."""
        if read_number_list(event.text).numbers:
            event.stop()
            self._take_numbers(event.text)

    @on(_NumbersPasted)
    def _numbers_pasted(self, pasted: _NumbersPasted) -> None:
        self._take_numbers(pasted.text)

    def _take_numbers(self, text: str) -> None:
        if self._busy:
            return
        self.query_one("#criterion", RadioRow).choose(_CRITERIA.index(Criterion.ENTRY_ID))
        self._draw()
        number = self.query_one("#number", _NumberInput)
        self._select(number)
        number.take_paste(text)

    @on(PushButton.Pressed, "#cancel")
    def _cancel_pressed(self) -> None:
        self.action_cancel()

    async def _query(self, form: QueryForm, query: Query) -> None:
        try:
            outcome = await run_query(self._session, query, self._show_progress)
        except Problem as problem:
            self._reopen(Notice.of(problem))
        else:
            if outcome.found:
                self.dismiss(QueryDialogResult(form, outcome))
            else:
                self._reopen(Notice(outcome.hint, Severity.PROBLEM))

    def _show_progress(self, progress: ListProgress) -> None:
        self.show_progress(f"正在查询… 已列 {progress.received}/{progress.total} 票")

    def _reopen(self, notice: Notice) -> None:
        self._busy = False
        self.query_one("#body").disabled = False
        self._select(self._first_field())
        self.post_message(notice)

    def _select(self, field: LineInput) -> None:
        """Gives the field the focus, with its text selected, so that typing replaces it."""
        field.focus()
        field.select_all()

    def _first_field(self) -> LineInput:
        return self.query_one("#number" if self._read().criterion is Criterion.ENTRY_ID else "#start", LineInput)

    def _read(self) -> QueryForm:
        return QueryForm(
            _KINDS[self.query_one("#kind", RadioRow).index],
            _CRITERIA[self.query_one("#criterion", RadioRow).index],
            self.query_one("#number", LineInput).value,
            self.query_one("#start", LineInput).value,
            self.query_one("#end", LineInput).value,
        )

    def _draw(self) -> None:
        form = self._read()
        checked = form.check()
        self.set_class(form.criterion is Criterion.ENTRY_ID, "-number")
        days = f"{checked.date_range.days} 天，最长一个月" if isinstance(checked, DateRangeQuery) else "最长一个月"
        self.query_one("#days", Static).update(days)
        numbers = entry_ids_of(read_number_list(form.number).numbers)
        typed = sum(not character.isspace() for character in form.number)
        digits = f"{len(numbers):,} 个号码" if len(numbers) > 1 else f"{typed}/{_NUMBER_LENGTH} 位"
        self.query_one("#digits", Static).update(digits)
        # A form that is filled in for the first time shows no errors before it is submitted.
        errors = checked if isinstance(checked, tuple) and self._submitted_once else ()
        self.query_one("#errors", Static).update(
            Text(f"! {'；'.join(error.message for error in errors)}" if errors else "")
        )


def _field(widget: LineInput) -> tuple[Widget, ...]:
    """The field between brackets, which show its width on terminals without colours too."""
    return Static("[", classes="bracket", markup=False), widget, Static("]", classes="bracket", markup=False)


def _row(label: str, *widgets: Widget, id: str | None = None) -> Horizontal:
    return Horizontal(Static(label, classes="label", markup=False), *widgets, classes="row", id=id)
