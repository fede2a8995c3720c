"""Checks that no public class name is used twice in the three packages: `python -m tests.class_names`.

One word stands for one thing. A class nested in another one, such as the message `Pager.Moved` of a widget, counts by
its qualified name. A name that starts with an underscore is private to its module and may be used again.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("jiacha_tui", "screens", "db")


def public_classes(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, int]]:
    """The qualified name and the line of each public class in `body`, nested ones included."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            name = f"{prefix}{node.name}"
            yield name, node.lineno
            yield from public_classes(node.body, f"{name}.")


def duplicates(root: Path) -> dict[str, list[str]]:
    """Each name that is used more than once below `root`, with the places `path:line` where it is defined."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            for name, line in public_classes(ast.parse(path.read_text(encoding="utf-8")).body):
                places[name].append(f"{path.relative_to(root)}:{line}")
    return {name: found for name, found in places.items() if len(found) > 1}


def main() -> int:
    """Prints each duplicate and returns the exit code."""
    found = duplicates(Path(__file__).parent.parent)
    for name, places in sorted(found.items()):
        sys.stderr.write(f"the public class name {name} is used {len(places)} times: {', '.join(places)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
