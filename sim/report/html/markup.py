"""HTML and SVG from elements, so that no text can become markup.

Every text and every value of an attribute goes through `escaped`; what is markup already is `Markup`, and
only this module makes it out of text. Escapes: HTML Living Standard, section 13.3, "escaping a string".
"""

from html import escape
from typing import Final

from sim.report.folding import visible

VOID: Final = frozenset({"meta", "br"})
"""Elements without an end tag (HTML Living Standard, section 13.1.2)."""
SHAPES: Final = frozenset({"line", "rect", "circle", "path", "polyline", "polygon"})
"""Elements of SVG that are closed at once when nothing is in them."""


class Markup(str):
    """Text that is markup: made of elements, and escaped wherever it came from outside."""

    __slots__ = ()


Content = str | int | float | None
"""What can stand in an element: markup as it is, anything else as escaped text; None is nothing."""


def escaped(text: object) -> Markup:
    """Return text as markup that shows it: also control characters, which no reader could see, as escapes."""
    return Markup(escape(visible(str(text)), quote=True))


def element(name: str, /, *content: Content, **attributes: Content) -> Markup:
    """Return an element.

    Args:
        name: of the element; from the program, never from a record.
        content: what is in it.
        attributes: a trailing `_` is left out of a name, any other becomes `-`; None leaves one out.
    """
    pairs = [
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    ]
    begun = f"<{name}{''.join(pairs)}"
    if name in VOID:
        return Markup(f"{begun}>")
    if name in SHAPES and not content:
        return Markup(f"{begun}/>")
    return Markup(f"{begun}>{joined(*content)}</{name}>")


def joined(*content: Content) -> Markup:
    """Return several pieces one after the other."""
    return Markup(
        "".join(one if isinstance(one, Markup) else escaped(one) for one in content if one is not None)
    )


def verbatim(text: str) -> Markup:
    """Return a text of the program itself as markup, such as its style sheet; never one of a record."""
    return Markup(text)


def table(heads: tuple[str, ...], rows: list[tuple[Content, ...]]) -> Markup:
    """Return a table: on a narrow screen each row is a card, with the heads beside its cells."""
    head = element("tr", *(element("th", one, scope="col") for one in heads))
    body = [
        element("tr", *(element("td", cell, data_head=one) for one, cell in zip(heads, row, strict=True)))
        for row in rows
    ]
    inner = element("table", element("thead", head), element("tbody", *body))
    return element("div", inner, class_="wide", tabindex="0")
