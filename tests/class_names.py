"""Checks that no public name is used for two things: `python -m tests.class_names`.

One word stands for one thing. A class nested in another one, such as the message `Pager.Moved` of a widget, counts by
its qualified name. The functions of a module count too, except `main`, and except in the embedded port, which states
the rules of the port a second time on purpose. A name that starts with an underscore is private to its module.

Modules are not compared: the action, the dialog and the messages of a download are all found under `download`.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("jiacha_tui", "screens", "db")
EMBEDDED_PORT = Path("jiacha_tui", "demo")


def public_classes(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, int]]:
    """The qualified name and the line of each public class in `body`, nested ones included."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            name = f"{prefix}{node.name}"
            yield name, node.lineno
            yield from public_classes(node.body, f"{name}.")


def public_functions(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """The name and the line of each public function in `body`, except `main`."""
    for node in body:
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and node.name != "main"
        ):
            yield node.name, node.lineno


def duplicates(root: Path) -> dict[str, list[str]]:
    """Each name that is used more than once below `root`, with the places `path:line` where it is defined."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            place = path.relative_to(root)
            body = ast.parse(path.read_text(encoding="utf-8")).body
            names = list(public_classes(body))
            if not place.is_relative_to(EMBEDDED_PORT):
                names += public_functions(body)
            for name, line in names:
                places[name].append(f"{place}:{line}")
    return {name: found for name, found in places.items() if len(found) > 1}


def main() -> int:
    """Prints each duplicate and returns the exit code."""
    found = duplicates(Path(__file__).parent.parent)
    for name, places in sorted(found.items()):
        sys.stderr.write(f"the public name {name} is used {len(places)} times: {', '.join(places)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
