"""The documents say what the program does, as far as a machine can tell."""

import dataclasses
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from docs.manual_tables import MANUAL, with_tables
from jiacha_tui.config import Config
from jiacha_tui.demo.faults import FaultKind
from jiacha_tui.eport.assumptions import Assumptions
from tests.docs.code_names import PACKAGES, names_in

_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+/?|[\w-]+\.py|test_\w+")
_CLASS = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+|[A-Z][A-Za-z0-9]+\.\w+")
_NOT_IN_THE_PROJECT = {"demo/card.p12", "state.bin", "db/schema/NNN_name.sql"}
"""Files of the program's home, and a pattern of names."""

_OTHERS_CLASSES = {"DataTable", "EncryptedKey", "EncryptionMethod", "InitEnvEx", "SpcSignRandom"}
"""Names of Textual, of XML Encryption and of the client control."""


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


def _names_in_text(document: Path) -> list[str]:
    """What is in backticks, outside of blocks of code."""
    return _IN_BACKTICKS.findall(_CODE_BLOCK.sub("", document.read_text("utf-8")))


def test_every_path_exists(project: Path) -> None:
    """A path starts at the project, at `jiacha_tui/` or at `tests/`; modules may lack their ending."""
    roots = (project, project / "jiacha_tui", project / "tests")
    folders = {folder.name for root in roots for folder in root.iterdir() if folder.is_dir()}
    files = {file.name for folder in (*PACKAGES, "tests") for file in (project / folder).rglob("*.py")}
    found, dead = 0, []
    for document in _documents(project):
        for name in _names_in_text(document):
            if not _PATH.fullmatch(name) or name in _NOT_IN_THE_PROJECT:
                continue
            if "/" not in name:
                exists = name.removesuffix(".py") + ".py" in files
            elif name.split("/")[0] in folders:
                exists = any((root / f"{name}{ending}").exists() for root in roots for ending in ("", ".py"))
            else:
                continue
            found += 1
            if not exists:
                dead.append(f"{document.name}: {name}")
    assert dead == []
    assert found > 50


def test_every_class_and_member_exists(project: Path) -> None:
    existing = names_in(project, *PACKAGES, "tests") | _OTHERS_CLASSES
    mentioned = {
        (document.name, name)
        for document in _documents(project)
        for name in _names_in_text(document)
        if _CLASS.fullmatch(name)
    }
    assert len(mentioned) > 50
    assert {(document, name) for document, name in mentioned if name not in existing} == set()


def test_the_architecture_names_modules_that_exist(project: Path) -> None:
    """Words with an underscore are modules or keys of the configuration; `actions.login` is a module of a part."""
    existing = names_in(project, *PACKAGES)
    keys = {key for table in msgspec.structs.fields(Config) for key in type(table.default).__struct_fields__}
    document = project / "docs" / "architecture.md"
    words = [name for name in _names_in_text(document) if re.fullmatch(r"[a-z]+(_[a-z]+)+", name)]
    assert [word for word in words if word not in existing | keys] == []
    parts = [name for name in _names_in_text(document) if re.fullmatch(r"[a-z_]+\.[a-z_]+", name)]
    parts = [name for name in parts if not name.endswith((".bin", ".toml", ".json", ".lock"))]
    assert len(words) > 5
    assert len(parts) > 2
    modules = [project / "jiacha_tui" / f"{name.replace('.', '/')}.py" for name in parts]
    assert [module.name for module in modules if not module.exists()] == []


def test_the_architecture_lists_every_part(project: Path) -> None:
    """The modules and folders of the program, and the folders of the screens."""
    document = (project / "docs" / "architecture.md").read_text("utf-8")
    block = _CODE_BLOCK.search(document)
    assert block is not None
    listed = {line.split()[0].rstrip("/") for line in block[0].splitlines() if line.startswith("  ")}
    parts = [*(project / "jiacha_tui").iterdir(), *(part for part in (project / "screens").iterdir() if part.is_dir())]
    names = {part.name for part in parts if part.suffix in ("", ".py") and not part.name.startswith("__")}
    assert names - listed == set()


def test_the_manual_shows_the_keys_and_the_filter_as_they_are() -> None:
    """`python -m docs.manual_tables` writes them."""
    manual = MANUAL.read_text("utf-8")
    assert with_tables(manual) == manual


def test_a_manual_without_marks_for_the_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        with_tables("# 手册\n")


def test_every_assumption_about_the_port_is_documented(project: Path) -> None:
    contract = (project / "docs" / "port.md").read_text("utf-8")
    assert [field.name for field in dataclasses.fields(Assumptions) if f"`{field.name}`" not in contract] == []


def test_the_manual_shows_every_key_of_the_configuration_and_a_file_that_is_accepted() -> None:
    block = re.search(r"```toml\n(\[port\].*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    assert block is not None
    shown = re.sub(r"^# (?=\w+ =)", "", block[1], flags=re.MULTILINE)
    tables = tomllib.loads(shown)
    msgspec.convert(tables, Config, dec_hook=lambda _wanted, text: Path(text))
    for table in msgspec.structs.fields(Config):
        keys = {field.encode_name for field in msgspec.structs.fields(type(table.default))} - {"assumptions"}
        assert set(tables[table.encode_name]) == keys


def test_the_description_of_the_port_says_what_follows_each_fault(project: Path) -> None:
    table = (project / "docs" / "port.md").read_text("utf-8").partition("For each fault of `jiacha port --fault`")[2]
    named = set(_IN_BACKTICKS.findall(table.partition("\n\n")[2].partition("\n\n")[0]))
    assert {kind.word for kind in FaultKind} <= named
