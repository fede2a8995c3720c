"""The check that no public class name is used twice."""

from pathlib import Path

from tests.class_names import duplicates


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_name_used_in_two_packages_is_reported_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, "db/one.py", "class Row:\n    pass\n")
    write(tmp_path, "screens/two.py", "\n\nclass Row:\n    pass\n")
    assert duplicates(tmp_path) == {"Row": ["screens/two.py:3", "db/one.py:1"]}


def test_nested_and_private_classes_may_share_a_name(tmp_path: Path) -> None:
    write(tmp_path, "screens/one.py", "class Pager:\n    class Moved: ...\nclass _Phase: ...\n")
    write(tmp_path, "screens/two.py", "class Table:\n    class Moved: ...\nclass _Phase: ...\n")
    assert duplicates(tmp_path) == {}
