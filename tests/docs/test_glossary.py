"""The code names in docs/glossary.md exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("jiacha_tui", "screens", "db")
CODE_NAME = re.compile(r"`([^`]+)`")


def _code_names(glossary: str) -> list[str]:
    """What the third column of every table holds in backticks."""
    rows = [line.split("|") for line in glossary.splitlines() if line.startswith("| ")]
    return [name for row in rows for name in CODE_NAME.findall(row[3])]


def _targets(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _existing_names(project: Path) -> set[str]:
    """`Name` and `Class.member` of all modules, and the paths of all packages and modules."""
    names: set[str] = set()
    for package in PACKAGES:
        for path in (project / package).rglob("*.py"):
            names |= {path.parent.relative_to(project).as_posix(), path.stem}
            for node in ast.parse(path.read_text("utf-8")).body:
                names.update(_targets(node))
                if isinstance(node, ast.ClassDef):
                    names.update(f"{node.name}.{member}" for part in node.body for member in _targets(part))
    return names


def test_every_code_name_of_the_glossary_exists(project: Path) -> None:
    code_names = _code_names((project / "docs" / "glossary.md").read_text("utf-8"))
    assert len(code_names) > 100
    existing = _existing_names(project)
    assert [name for name in code_names if name not in existing] == []
