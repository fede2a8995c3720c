"""The check that no public name is used for two things."""

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


def test_a_public_function_of_two_modules_is_reported(tmp_path: Path) -> None:
    write(tmp_path, "db/one.py", "def check(): ...\ndef main(): ...\ndef _private(): ...\n")
    write(tmp_path, "screens/two.py", "async def check(): ...\ndef main(): ...\ndef _private(): ...\n")
    assert duplicates(tmp_path) == {"check": ["screens/two.py:1", "db/one.py:1"]}


def test_the_embedded_port_may_define_a_function_of_the_client_once_more(tmp_path: Path) -> None:
    write(tmp_path, "jiacha_tui/declaration/rules.py", "def check_size(): ...\n")
    write(tmp_path, "jiacha_tui/demo/rules.py", "def check_size(): ...\n")
    assert duplicates(tmp_path) == {}
