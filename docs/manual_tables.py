"""Writes the tables of keys in docs/manual.md from the table of commands that the program itself runs on."""

import re
from pathlib import Path

from screens.commands import Command, Scope, commands

MANUAL = Path(__file__).with_name("manual.md")

_BETWEEN = re.compile(r"(?<=<!-- keys -->\n).*?(?=<!-- end of keys -->)", re.DOTALL)


def tables() -> str:
    """One table for each scope that has commands of its own, as Markdown."""
    return "\n".join(_table(scope, shown) for scope in Scope if (shown := commands(scope)))


def with_tables(manual: str) -> str:
    """The manual with its tables as they are now; raises ValueError where the marks for them are gone."""
    text, found = _BETWEEN.subn(lambda _old: f"\n{tables()}\n", manual)
    if found != 1:
        raise ValueError("the manual has no place for the tables of keys")
    return text


def _table(scope: Scope, shown: tuple[Command, ...]) -> str:
    rows = [f"| {'、'.join(map(_key, command.shown_keys))} | {command.title} | {command.help} |" for command in shown]
    return "\n".join([f"### {scope.value}", "", "| 键 | 命令 | 作用 |", "|---|---|---|", *rows, ""])


def _key(name: str) -> str:
    return f"`{name}`"


if __name__ == "__main__":
    MANUAL.write_text(with_tables(MANUAL.read_text("utf-8")), "utf-8")
