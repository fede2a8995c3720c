"""The rule for a new passphrase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.actions.passphrase import MAX_LENGTH, MIN_LENGTH, passphrase_weakness, propose_passphrase

GOOD = "kmxt-93pd-rw7q"


@pytest.mark.parametrize("text", [GOOD, GOOD.upper(), "x" + GOOD, "Hai8Guan!Chu3Kou"])
def test_a_long_mixed_passphrase_is_accepted(text: str) -> None:
    assert passphrase_weakness(text, ("12345678", "JJ0G900000001")) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "不到 12 个字符"),
        (GOOD[:11], "不到 12 个字符"),
        (GOOD * 3, "超过 32 个字符"),
        ("hai guan 2026 x9", "有英文字母、数字、符号以外的字符"),
        ("海关出口报关单一二三四", "有英文字母、数字、符号以外的字符"),
        ("kmxt-gupd-rwaq", "没有同时用字母和数字"),
        ("93582-71640-28", "没有同时用字母和数字"),
        ("a1b2a1b2a1b2", "不同的字符不到 8 个"),
        ("km-123456789-xt", "有连续或重复的一串字符"),
        ("rt7-qwerty-9bmk", "有连续或重复的一串字符"),
        ("km9-dcba-7xtqpw", "有连续或重复的一串字符"),
        ("km9-7777-xtqpwz", "有连续或重复的一串字符"),
        ("x7-Zq7#kW2!-mb", "含有卡的密码、卡号或单位代码"),
        ("jj0g900400001-kx", "含有卡的密码、卡号或单位代码"),
    ],
)
def test_what_can_be_guessed_is_refused_with_its_reason(text: str, why: str) -> None:
    assert passphrase_weakness(text, ("zq7#kw2!", "JJ0G900400001", "")) == why


def test_what_is_proposed_follows_the_rule_and_is_new_each_time() -> None:
    proposals = [propose_passphrase() for _ in range(50)]
    assert not any(passphrase_weakness(proposal, ()) for proposal in proposals)
    assert len(set(proposals)) == len(proposals)
    assert all(MIN_LENGTH <= len(proposal) <= MAX_LENGTH for proposal in proposals)


@given(st.text(max_size=60), st.lists(st.text(max_size=10), max_size=3))
def test_any_text_is_judged(text: str, forbidden: list[str]) -> None:
    weakness = passphrase_weakness(text, forbidden)
    assert weakness or (MIN_LENGTH <= len(text) <= MAX_LENGTH and text.isascii())
