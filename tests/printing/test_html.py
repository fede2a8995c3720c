"""The HTML document as an HTML parser reads it."""

from dataclasses import replace

from hypothesis import given, settings
from lxml import html

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.printing.form import lay_out
from jiacha_tui.printing.html import render
from tests.printing.samples import DECLARATIONS, HEAD, ITEM, declaration

_ELEMENTS = {"html", "head", "meta", "title", "style", "body", "section", "div", "br", "svg", "rect", "path"}
_ATTRIBUTES = {"lang", "charset", "class", "style", "viewbox", "preserveaspectratio", "x", "y", "width", "height", "d"}


def document(any_declaration: Declaration) -> html.HtmlElement:
    return html.document_fromstring(render(lay_out(any_declaration)).encode())


def test_a_value_is_text_and_never_markup() -> None:
    evil = '</div><img src="file:///etc/passwd" onerror=alert(1)>{{ 7 * 7 }}<!--'
    tree = document(declaration(1, replace(HEAD, contract_no=evil), replace(ITEM, name=evil)))
    assert tree.xpath("//img") == []
    text = "".join(tree.xpath("//div//text()"))
    assert text.count("onerror=alert(1)") == 2
    assert "{{ 7 * 7 }}" in text


@given(DECLARATIONS)
@settings(max_examples=30)
def test_no_value_adds_elements_or_attributes(any_declaration: Declaration) -> None:
    tree = document(any_declaration)
    assert {element.tag for element in tree.iter()} <= _ELEMENTS
    assert {name for element in tree.iter() for name in element.attrib} <= _ATTRIBUTES


def test_each_page_is_a_section() -> None:
    assert len(document(declaration(50)).xpath("//section")) == 5


def test_a_mark_that_the_font_lacks_is_spelled_out() -> None:
    (page,) = lay_out(declaration(1, replace(HEAD, contract_no="A\x1bB\nC\u202eD")))
    assert "A&lt;U+001B&gt;B&lt;U+000A&gt;C&lt;U+202E&gt;D" in render([page])


def test_the_zoom_is_set_only_where_it_is_not_one() -> None:
    pages = lay_out(declaration(1))
    assert "zoom" not in render(pages)
    assert "zoom: 1.5" in render(pages, 1.5)
