"""Writes the tables in docs/manual.md from the program's own commands and filter terms."""

import re
from pathlib import Path

from jiacha_tui.actions.result_browser import filter_help
from screens.commands.command import Command, Scope
from screens.commands.table import commands

MANUAL = Path(__file__).with_name("manual.md")


def with_tables(manual: str) -> str:
    """The manual with up-to-date tables. Raises ValueError where the marks around a table are missing."""
    return _replace(_replace(manual, "keys", _keys()), "filter", _terms())


def _replace(manual: str, name: str, table: str) -> str:
    between_marks = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL)
    text, found = between_marks.subn(lambda _old: f"\n{table}\n", manual)
    if found != 1:
        raise ValueError(f"the manual has no marks for the table {name!r}")
    return text


def _terms() -> str:
    rows = [f"| `{term}` | {meaning} |\n" for term, meaning in filter_help()]
    return "".join(["| 写法 | 意思 |\n", "|---|---|\n", *rows])


def _keys() -> str:
    """One table for each scope that has commands."""
    return "\n".join(_scope_table(scope, found) for scope in Scope if (found := commands(scope)))


def _scope_table(scope: Scope, scope_commands: tuple[Command, ...]) -> str:
    rows = [
        f"| {'、'.join(map(_key, command.shown_keys))} | {command.title} | {command.help} |"
        for command in scope_commands
    ]
    return "\n".join([f"### {scope.value}", "", "| 键 | 命令 | 作用 |", "|---|---|---|", *rows, ""])


def _key(name: str) -> str:
    return f"`{name}`"


if __name__ == "__main__":
    MANUAL.write_text(with_tables(MANUAL.read_text("utf-8")), "utf-8")
