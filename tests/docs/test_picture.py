import re

from lxml import etree
from textual.app import App, ComposeResult
from textual.widgets import Static

from docs.picture import self_contained

LINES = ("美国 1", "USA  1")


class TwoLines(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("\n".join(LINES), markup=False)


async def test_characters_of_one_column_stand_one_under_the_other() -> None:
    app = TwoLines()
    async with app.run_test(size=(20, 3)):
        picture = self_contained(app.export_screenshot())
    lines = [
        dict(zip(element.text, map(float, element.get("x", "").split()), strict=True))
        for element in etree.fromstring(picture.encode()).iter("{*}text")
        if element.text and element.text.endswith("1")
    ]
    assert [set(line) for line in lines] == [set(line.replace(" ", "\xa0")) for line in LINES]
    assert lines[0]["1"] == lines[1]["1"]
    assert lines[0]["国"] - lines[0]["美"] > lines[1]["S"] - lines[1]["U"]


async def test_a_picture_fetches_nothing() -> None:
    app = TwoLines()
    async with app.run_test(size=(20, 3)):
        picture = self_contained(app.export_screenshot())
    assert re.findall(r"url\((?!#)", picture) == []
    assert "font-face" not in picture
