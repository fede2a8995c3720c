"""Writes the tables in docs/manual.md from what the program itself runs on: its commands and its filter terms."""

import re
from pathlib import Path

from jiacha_tui.actions.result_browser import filter_help
from screens.commands.command import Command, Scope
from screens.commands.table import commands

MANUAL = Path(__file__).with_name("manual.md")


def with_tables(manual: str) -> str:
    """The manual with its tables as they are now; raises ValueError where the marks for them are gone."""
    return _put(_put(manual, "keys", _keys()), "filter", _terms())


def _put(manual: str, name: str, table: str) -> str:
    place = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL)
    text, found = place.subn(lambda _old: f"\n{table}\n", manual)
    if found != 1:
        raise ValueError(f"the manual has no place for the table of {name}")
    return text


def _terms() -> str:
    rows = [f"| `{term}` | {meaning} |\n" for term, meaning in filter_help()]
    return "".join(["| 写法 | 意思 |\n", "|---|---|\n", *rows])


def _keys() -> str:
    """One table for each scope that has commands of its own."""
    return "\n".join(_scope(scope, shown) for scope in Scope if (shown := commands(scope)))


def _scope(scope: Scope, shown: tuple[Command, ...]) -> str:
    rows = [f"| {'、'.join(map(_key, command.shown_keys))} | {command.title} | {command.help} |" for command in shown]
    return "\n".join([f"### {scope.value}", "", "| 键 | 命令 | 作用 |", "|---|---|---|", *rows, ""])


def _key(name: str) -> str:
    return f"`{name}`"


if __name__ == "__main__":
    MANUAL.write_text(with_tables(MANUAL.read_text("utf-8")), "utf-8")
