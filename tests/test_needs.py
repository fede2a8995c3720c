from pathlib import Path

import pytest

from tests import needs as parts
from tests.needs import PARTS, Part, missing, needs, require

HERE, NOWHERE = Part("sh", "dash", "a shell"), Part("no-such-program", "no-such-package", "nothing")


def test_a_program_of_the_path_is_there_and_an_invented_one_is_not() -> None:
    assert missing([HERE, NOWHERE]) == (NOWHERE,)


def test_a_part_may_be_a_file() -> None:
    assert Part("sh", "dash", "", __file__).is_there()
    assert not Part("sh", "dash", "", f"{__file__}.missing").is_there()


def test_needs_refuses_a_part_that_nothing_would_install() -> None:
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
def test_a_missing_part_leaves_a_test_out_and_fails_in_ci_where_it_could_be_installed(
    ci: str, installable: bool, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(parts, "in_distribution", lambda _package: installable)
    with pytest.raises(outcome, match=r"no-such-program.*no-such-package"):
        require([HERE, NOWHERE])


def test_every_part_is_used_by_a_test(project: Path) -> None:
    """What no test uses is not to be installed on other people's machines."""
    text = "".join(path.read_text("utf-8") for path in (project / "tests").rglob("test_*.py"))
    assert [part.name for part in PARTS if f'"{part.name}"' not in text] == []
