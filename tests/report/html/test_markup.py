"""Elements: whatever comes from outside stays text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.folding import visible
from sim.report.html.markup import element, escaped, joined, table, verbatim

HOSTILE = [
    "</script><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onload='x",
    "<svg/onload=alert(1)>",
    "&lt;b&gt;",
    "]]><!--",
    "\x00\x1b[2J\u202e\u2028\ud800",
]


class Reader(HTMLParser):
    """Takes HTML apart, as a browser would, as far as these elements go."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def read(markup: str) -> Reader:
    """Return what a reader sees in markup."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_in_content_and_attributes(text: str) -> None:
    """It makes no element and no attribute, and nothing in it is invisible."""
    reader = read(element("p", text, title=text))

    assert [(tag, set(attributes)) for tag, attributes in reader.tags] == [("p", {"title"})]
    assert reader.tags[0][1]["title"] == reader.text
    assert reader.text.isprintable()


@given(st.text(), st.text())
def test_any_text_is_read_back_as_it_is_shown(content: str, attribute: str) -> None:
    """Escaping loses nothing that can be seen, and adds no element."""
    reader = read(element("p", content, title=attribute))

    assert [tag for tag, _ in reader.tags] == ["p"]
    assert read(escaped(content)).text == reader.text
    assert reader.text == visible(content)
    assert reader.tags[0][1]["title"] == visible(attribute)


def test_markup_is_nested_and_text_beside_it_is_not() -> None:
    """An element in an element stays one; None is nothing."""
    inner = element("b", "a<b")

    assert joined(inner, "<i>", None, 5) == "<b>a&lt;b</b>&lt;i&gt;5"
    assert element("p", inner, class_="x", data_head="<", id=None) == (
        '<p class="x" data-head="&lt;"><b>a&lt;b</b></p>'
    )


def test_elements_are_closed_as_html_closes_them() -> None:
    """What has no end tag gets none, and a shape with a title gets one."""
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert element("rect", x=1) == '<rect x="1"/>'
    assert element("rect", element("title", "a"), x=1) == '<rect x="1"><title>a</title></rect>'
    assert element("p") == "<p></p>"
    assert verbatim("a>b") == "a>b"


def test_cells_of_a_table_carry_their_heads() -> None:
    """A narrow screen shows them beside each cell."""
    reader = read(table(("when", "who"), [("1 s", "<lin>")]))

    heads = [attributes["data-head"] for tag, attributes in reader.tags if tag == "td"]
    assert heads == ["when", "who"]
    assert reader.text == "whenwho1 s<lin>"
