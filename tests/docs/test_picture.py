import re

from lxml import etree
from textual.app import App, ComposeResult
from textual.widgets import Static

from docs.picture import self_contained

LINES = ("美国  1x", "USA   1x")


class TwoLines(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("\n".join(LINES), markup=False)


async def _picture() -> str:
    app = TwoLines()
    async with app.run_test(size=(20, 3)):
        return self_contained(app.export_screenshot())


async def test_words_of_one_column_start_one_under_the_other() -> None:
    root = etree.fromstring((await _picture()).encode())
    words = [(word.text, float(word.get("x", "nan"))) for word in root.iter("{*}tspan")]
    assert [text for text, _ in words] == ["美国", "1x", "USA", "1x"]
    places = [x for _, x in words]
    assert places[1] == places[3]
    assert 0 <= places[0] - places[2] < 5, "a Chinese character is drawn in the middle of its two cells"


async def test_a_picture_fetches_nothing() -> None:
    picture = await _picture()
    assert re.findall(r"url\((?!#)", picture) == []
    assert "font-face" not in picture
