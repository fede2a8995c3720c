"""The code names in docs/glossary.md exist, and every field of a declaration is there."""

import dataclasses
import re
from pathlib import Path

from jiacha_tui.declaration.model import Head, Item, Summary
from tests.docs.code_names import PACKAGES, names_in

CODE_NAME = re.compile(r"`([^`]+)`")


def _code_names(glossary: str) -> list[str]:
    """What the third column of every table holds in backticks."""
    rows = [line.split("|") for line in glossary.splitlines() if line.startswith("| ")]
    return [name for row in rows for name in CODE_NAME.findall(row[3])]


def test_every_code_name_of_the_glossary_exists(project: Path) -> None:
    code_names = _code_names((project / "docs" / "glossary.md").read_text("utf-8"))
    assert len(code_names) > 100
    existing = names_in(project, *PACKAGES)
    assert [name for name in code_names if name not in existing] == []


def test_every_field_of_a_declaration_is_in_the_glossary(project: Path) -> None:
    code_names = set(_code_names((project / "docs" / "glossary.md").read_text("utf-8")))
    fields = {
        f"{owner.__name__}.{field.name}" for owner in (Head, Item, Summary) for field in dataclasses.fields(owner)
    }
    assert fields - code_names == set()
