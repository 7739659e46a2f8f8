"""Cases: one document with `$name` in it becomes one document per row of values."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from sim.core.errors import ScenarioError, did_you_mean
from sim.documents.reading import Entry, Mistake, Node, short

MASK = "•••"
"""Stands for what is private wherever a scenario is shown."""
CASES_MAX = 1_000
"""Most cases of one scenario."""

_PLACEHOLDER = re.compile(r"\$([a-z][a-z0-9_]*)")


def placeholders(node: Node) -> dict[str, Node]:
    """Return every `$name` used in a document, with the first node that uses it."""
    found: dict[str, Node] = {}
    if isinstance(node.value, str):
        for name in _PLACEHOLDER.findall(node.value):
            found.setdefault(name, node)
    for entry in node.entries.values():
        for name, where in (placeholders(entry.key) | placeholders(entry.value)).items():
            found.setdefault(name, where)
    for item in node.items:
        for name, where in placeholders(item).items():
            found.setdefault(name, where)
    return found


def fill(node: Node, row: Mapping[str, Node]) -> Node:
    """Return a document with every `$name` replaced.

    A value that is nothing but `$name` becomes the row's value, whatever that is; inside a longer text
    the row's value must be text or a number.

    Raises:
        ScenarioError: for a `$name` that the row does not have.
    """
    if isinstance(node.value, str):
        whole = _PLACEHOLDER.fullmatch(node.value)
        return replace(node, value=_filled(node, row)) if whole is None else _value_of(whole[1], node, row)
    if isinstance(node.value, Mapping):
        entries: dict[str, Entry] = {}
        for entry in node.entries.values():
            key = _filled(entry.key, row)
            if key in entries:
                sentence = f"key `{key}` comes twice once every `$name` is filled in"
                raise Mistake.DUPLICATE_KEY.of(ScenarioError, sentence, entry.key.place)
            entries[key] = Entry(replace(entry.key, value=key), fill(entry.value, row))
        return replace(node, value=entries)
    if isinstance(node.value, tuple):
        return replace(node, value=tuple(fill(item, row) for item in node.items))
    return node


def case_name(row: Mapping[str, Node], hidden: Collection[str] = ()) -> str:
    """Return what a case is called: `sender=phone, action=steer`.

    Args:
        row: its values.
        hidden: names of those that are private.
    """
    return ", ".join(
        f"{name}={MASK if name in hidden else short(_text_of(value))}" for name, value in row.items()
    )


def _filled(node: Node, row: Mapping[str, Node]) -> str:
    """Return a text with the values of a row in it."""

    def inside(match: re.Match[str]) -> str:
        value = _value_of(match[1], node, row)
        if value.value is None or value.entries or value.items:
            sentence = f"`${match[1]}` stands inside a text, where only text or a number can be"
            raise Mistake.WRONG_VALUE.of(ScenarioError, sentence, value.place)
        return _text_of(value)

    return _PLACEHOLDER.sub(inside, str(node.value))


def _value_of(name: str, node: Node, row: Mapping[str, Node]) -> Node:
    if name not in row:
        sentence = f"`${name}` has no value in `cases` or `matrix`"
        raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, node.place, did_you_mean(name, row))
    return row[name]


def _text_of(value: Node) -> str:
    """Return text as it is meant, and anything else as it is written."""
    return value.value if isinstance(value.value, str) else value.written
