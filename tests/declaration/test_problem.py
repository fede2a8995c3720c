from jiacha_tui.declaration import card_number, clerk_marks, entry_number, file_name, problem, rules
from tests.problem_tables import defined_codes, documented_codes


def test_the_table_lists_every_problem_of_the_package_with_its_code() -> None:
    assert documented_codes(problem) == defined_codes(card_number, clerk_marks, entry_number, file_name, rules)
