"""The table of the command line's problems."""

from jiacha_tui.cli import problems
from tests.problem_tables import defined_codes, documented_codes


def test_the_module_documents_every_problem_with_its_code() -> None:
    assert documented_codes(problems) == defined_codes(problems)
