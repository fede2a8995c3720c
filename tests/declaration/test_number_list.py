"""Lists of numbers as people paste them."""

from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.number_list import NumberList, entry_ids_of, is_full_number, items_of, read_number_list

NUMBER = st.from_regex(r"[0-9]{18}(0([0-9][1-9]|[1-9]0))?", fullmatch=True)
BETWEEN = st.sampled_from(["\n", "\r\n", "\t", " ", "、", "，", ",", "；", "; ", "|", " 、 ", "\u3000", "\n\n"])


@given(st.lists(st.tuples(NUMBER, BETWEEN), max_size=30))
def test_every_number_is_read_once_and_in_its_order(pairs: list[tuple[str, str]]) -> None:
    listed = read_number_list("".join(f"{number}{between}" for number, between in pairs))
    numbers = [number for number, _ in pairs]
    assert listed.numbers == tuple(dict.fromkeys(numbers))
    assert (listed.repeated, listed.others) == (len(numbers) - len(listed.numbers), ())


@given(st.text(max_size=80))
def test_nothing_of_a_text_is_lost_in_silence(text: str) -> None:
    listed = read_number_list(text)
    assert all(map(is_full_number, listed.numbers))
    assert not any(map(is_full_number, listed.others))


def test_what_copying_puts_around_a_number_is_left_out() -> None:
    number = "223320250000012345"
    text = f"报关单号\n'{number}\n“{number}”\n\ufeff{number}\u200e\n２２３３２０２５００００００００１７\n2.2332E+17"
    assert read_number_list(text) == NumberList((number, "223320250000000017"), 2, ("报关单号", "2.2332E+17"))


def test_the_number_of_an_item_names_its_declaration() -> None:
    numbers = read_number_list("223320250000012345012 223320250000012345002 223320250000012346").numbers
    assert entry_ids_of(numbers) == ("223320250000012345", "223320250000012346")
    assert items_of(numbers) == {"223320250000012345": 12}


def test_twenty_one_digits_of_another_form_are_no_number() -> None:
    assert read_number_list("223320250000012345112 223320250000012345000").numbers == ()
