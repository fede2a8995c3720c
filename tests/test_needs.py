"""Skipping tests whose external programs are missing."""

from pathlib import Path

import pytest

from tests import needs as parts
from tests.needs import PARTS, Part, missing, needs, require

INSTALLED, MISSING = Part("sh", "dash", "a shell"), Part("no-such-program", "no-such-package", "nothing")


def test_only_a_program_outside_the_path_is_missing() -> None:
    assert missing([INSTALLED, MISSING]) == (MISSING,)


def test_a_part_can_be_a_file() -> None:
    assert Part("sh", "dash", "", __file__).is_there()
    assert not Part("sh", "dash", "", f"{__file__}.missing").is_there()


def test_needs_raises_key_error_for_an_unknown_part() -> None:
    with pytest.raises(KeyError):
        needs("no-such-program")


@pytest.mark.parametrize(
    ("ci", "installable", "outcome"),
    [
        ("", True, pytest.skip.Exception),
        ("", False, pytest.skip.Exception),
        ("true", False, pytest.skip.Exception),
        ("true", True, pytest.fail.Exception),
    ],
)
def test_a_missing_part_skips_the_test_but_fails_it_in_ci_if_it_can_be_installed(
    ci: str, installable: bool, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(parts, "in_distribution", lambda _package: installable)
    with pytest.raises(outcome, match=r"no-such-program.*no-such-package"):
        require([INSTALLED, MISSING])


def test_every_part_is_used_by_a_test(project: Path) -> None:
    """A part that no test needs must not be installed."""
    text = "".join(path.read_text("utf-8") for path in (project / "tests").rglob("test_*.py"))
    assert [part.name for part in PARTS if f'"{part.name}"' not in text] == []
