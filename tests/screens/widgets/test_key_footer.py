"""The footer: hints are dropped by priority, and none is ever cut."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.commands.command import Scope
from screens.commands.table import commands
from screens.widgets.key_footer import Hint, fit_hints, footer_hint

ONLY_AT_TIMES = {"missing", "step_back"}
"""Commands that are hidden unless they can be used at that moment. They may take the place of others."""

TABLE = [
    hint
    for command in commands(Scope.TABLE, Scope.MAIN, Scope.EVERYWHERE)
    if command.id not in ONLY_AT_TIMES
    if (hint := footer_hint(command, typing=False))
]
FUNCTION_KEYS = {hint.main_key for hint in TABLE if hint.main_key.startswith("F")}


def text(width: int, hints: list[Hint] = TABLE) -> str:
    kept, long = fit_hints(hints, width)
    return "".join(f" {hint.keys(long=long)}{hint.label}" for hint in kept)


@given(st.integers(0, 250))
def test_the_hints_never_need_more_cells_than_there_are(width: int) -> None:
    assert cell_len(text(width)) <= width


@given(st.integers(0, 250))
def test_hints_with_the_lowest_priority_are_dropped_first(width: int) -> None:
    kept, long = fit_hints(TABLE, width)
    keyed = [hint for hint in TABLE if hint.main_key]
    dropped = [hint for hint in keyed if hint not in kept]
    for gone in dropped:
        room = width - sum(
            1 + hint.width(long=long) for hint in kept if hint.main_key and hint.priority > gone.priority
        )
        assert room < 1 + gone.width(long=long)


def test_at_80_columns_every_function_key_is_shown() -> None:
    kept, long = fit_hints(TABLE, 80)
    assert {hint.main_key for hint in kept} == FUNCTION_KEYS == {f"F{number}" for number in range(1, 11)}
    assert not long


def test_at_80_columns_f1_and_f10_are_shown_with_their_letters() -> None:
    assert "F1/?帮助" in text(80)
    assert "F10/q返回" in text(80)


def test_at_120_columns_every_function_key_is_shown_with_its_letter() -> None:
    for hint in ("F1/?", "F2 /", "F3/f", "F4/Enter", "F5/s", "F6/d", "F7/r", "F8/p", "F9/^P", "F10/q"):
        assert f" {hint}" in text(120)


def test_in_a_text_field_letters_are_not_shown() -> None:
    hints = [footer_hint(command, typing=True) for command in commands(Scope.TABLE)]
    shown = "".join(hint.keys(long=True) for hint in hints if hint)
    assert "F4/Enter" in shown
    assert "空格" not in shown
    assert not set("/fsdrpauo") & set(shown.replace("F4/Enter", "").replace("F", ""))
