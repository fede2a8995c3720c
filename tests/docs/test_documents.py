"""The documents say what the program does, as far as a machine can tell."""

import dataclasses
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from docs.manual_tables import MANUAL, with_tables
from jiacha_tui.config import Config
from jiacha_tui.eport.assumptions import Assumptions

_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def _documents(project: Path) -> list[Path]:
    return [*sorted(project.glob("*.md")), *sorted((project / "docs").rglob("*.md"))]


def _anchor(heading: str) -> str:
    """As code hosts make it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_link_leads_somewhere(project: Path) -> None:
    dead = []
    for document in _documents(project):
        for path, anchor in _LINK.findall(document.read_text("utf-8")):
            target = document.parent / path if path else document
            if not target.exists():
                dead.append(f"{document.name}: {path}")
            elif anchor and anchor not in map(_anchor, _HEADING.findall(target.read_text("utf-8"))):
                dead.append(f"{document.name}: {path}#{anchor}")
    assert dead == []


def test_the_manual_shows_the_keys_and_the_filter_as_they_are() -> None:
    """`python -m docs.manual_tables` writes them."""
    manual = MANUAL.read_text("utf-8")
    assert with_tables(manual) == manual


def test_a_manual_without_marks_for_the_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        with_tables("# 手册\n")


def test_every_assumption_about_the_port_is_documented(project: Path) -> None:
    contract = (project / "docs" / "port.md").read_text("utf-8")
    assert [one.name for one in dataclasses.fields(Assumptions) if f"`{one.name}`" not in contract] == []


def test_the_manual_shows_every_key_of_the_configuration_and_a_file_that_is_accepted() -> None:
    block = re.search(r"```toml\n(\[port\].*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    assert block is not None
    shown = re.sub(r"^# (?=\w+ =)", "", block[1], flags=re.MULTILINE)
    tables = tomllib.loads(shown)
    msgspec.convert(tables, Config, dec_hook=lambda _wanted, text: Path(text))
    for table in msgspec.structs.fields(Config):
        keys = {field.encode_name for field in msgspec.structs.fields(type(table.default))} - {"assumptions"}
        assert set(tables[table.encode_name]) == keys
