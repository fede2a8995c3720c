"""The table of the actions' problems."""

from jiacha_tui.actions import open_cache, problems
from tests.problem_tables import defined_codes, documented_codes


def test_the_module_documents_every_problem_with_its_code() -> None:
    documented = documented_codes(problems)
    assert documented.pop("CacheRecoveryNeeded") == "that of its cause"
    defined = defined_codes(problems, open_cache)
    del defined["CacheRecoveryNeeded"]
    assert documented.pop("PassphraseNeeded") == f"{defined.pop('PassphraseNeeded')}, or that of its cause"
    assert documented == defined
