"""The names that documents may mention: those of classes, their members, functions, constants, modules and folders."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("jiacha_tui", "screens", "db")


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def names_in(project: Path, *folders: str) -> set[str]:
    """`Name` and `Class.member` of all modules below `folders`, the names of the modules, and the paths of folders."""
    names: set[str] = set()
    for path in (path for folder in folders for path in (project / folder).rglob("*.py")):
        names |= {path.parent.relative_to(project).as_posix(), path.stem}
        for node in ast.parse(path.read_text("utf-8")).body:
            names.update(_defined(node))
            if isinstance(node, ast.ClassDef):
                names.update(f"{node.name}.{member}" for part in node.body for member in _defined(part))
    return names
