from jiacha_tui.eport import problems
from tests.problem_tables import defined_codes, documented_codes


def test_the_table_lists_every_problem_with_its_code() -> None:
    assert documented_codes(problems) == defined_codes(problems)
