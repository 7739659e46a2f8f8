"""A document held against a model: what does not fit is said in the user's words, at its place.

Pydantic finds what is wrong and names it by a path; here the path becomes a place in the file and the
finding a sentence. A path also holds the names of union branches, which stand nowhere in the file, so
it is walked through the model's schema, which knows where those occur.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from sim.core.errors import Place, SimError, did_you_mean, nearest
from sim.core.units import WRITTEN_BY_A_PERSON
from sim.documents.reading import Mistake, Node, short

Instance = TypeVar("Instance")
_Schema = Mapping[str, Any]

_MAPPING = "keys with values, such as `key: value`"
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "none_required": "nothing",
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "list_type": "a list",
    "tuple_type": "a list",
    "datetime_type": "a time such as `2026-01-12T17:40:00+08:00`",
    "datetime_parsing": "a time such as `2026-01-12T17:40:00+08:00`",
    "datetime_from_date_parsing": "a time such as `2026-01-12T17:40:00+08:00`",
    "timezone_aware": "a time with its zone, such as `2026-01-12T17:40:00+08:00`",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "text of the form `{pattern}`",
}
"""What was expected, by pydantic's name of what was found; braces are pydantic's context."""

_BUILT_IN = frozenset(get_args(ErrorType))
"""Findings that pydantic words itself; every other is a sentence of our own validators."""


def validate(
    node: Node,
    model: type[Instance] | TypeAdapter[Instance],
    error: type[SimError],
    *,
    key: Node | None = None,
    context: object = WRITTEN_BY_A_PERSON,
) -> Instance:
    """Return the instance of `model` that a part of a document describes.

    Args:
        node: the part.
        model: a pydantic model, or an adapter of any type.
        error: what to raise.
        key: the key that leads to the part; what the part lacks is reported there.
        context: handed to the validators; the default asks for a unit with every quantity.

    Raises:
        SimError: of the class `error`, for the first thing in the file that does not fit.
    """
    adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
    try:
        return adapter.validate_python(node.plain(), context=context)
    except ValidationError as refusal:
        details = refusal.errors(include_url=False, include_input=False)
    judge = _Judge(adapter.core_schema, node, key or node)
    raise _first([judge.finding(detail) for detail in details]).to_error(error)


def editor_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema (draft-07) of the files that a model describes, as editors read it.

    Args:
        model: what `validate` holds such a file against.
        title: what such a file is.
    """
    schema = model.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions = {"definitions": schema.pop("$defs")} if "$defs" in schema else {}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **schema,
        "title": title,
        **definitions,
    }


@dataclass(frozen=True, slots=True)
class _Finding:
    """One thing that does not fit.

    Attributes:
        path: keys and list positions that lead to it.
        place: what to underline.
        mistake: which sort it is.
        sentence: what is wrong; empty when `expected` says it.
        subject: what stands there, as the beginning of a sentence.
        expected: what would have been right; branches of a union add up.
        help_text: what to do about it.
        in_branch: whether one branch of a union refused the value as a whole.
    """

    path: tuple[str | int, ...]
    place: Place
    mistake: Mistake = Mistake.WRONG_VALUE
    sentence: str = ""
    subject: str = ""
    expected: tuple[str, ...] = ()
    help_text: str | None = None
    in_branch: bool = False

    def to_error(self, error: type[SimError]) -> SimError:
        """Return the error to raise."""
        sentence = self.sentence or self.subject
        if self.expected:
            sentence += ", or " if self.sentence else ", expected "
            sentence += " or ".join(dict.fromkeys(self.expected))
        return self.mistake.of(error, sentence, self.place, self.help_text)

    def joined(self, other: "_Finding") -> "_Finding":
        """Return what two branches of a union say of the same value."""
        return replace(
            self,
            sentence=self.sentence or other.sentence,
            expected=self.expected + other.expected,
            help_text=self.help_text or other.help_text,
        )


def _first(found: Sequence[_Finding]) -> _Finding:
    """Return the first finding in the file, after dropping what only follows from another one.

    A missing key follows from a misspelt one beside it; a union's branch of another shape follows
    from the branch that looked inside the value.
    """
    misspelt = [one.path[:-1] for one in found if one.mistake is Mistake.UNKNOWN_KEY]
    kept = [
        one
        for one in found
        if not (one.mistake is Mistake.MISSING_KEY and one.path[:-1] in misspelt)
        and not (one.in_branch and any(_is_inside(other.path, one.path) for other in found))
    ]
    first = min(kept, key=lambda one: (one.place.line, one.place.column))
    branches = [one for one in kept if one.in_branch and one.path == first.path]
    return reduce(_Finding.joined, branches) if first.in_branch else first


def _is_inside(path: tuple[str | int, ...], outer: tuple[str | int, ...]) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


# --- one finding of pydantic ------------------------------------------------------------------------


class _Judge:
    """Turns what pydantic found in a part of a document into places and sentences."""

    def __init__(self, schema: _Schema, root: Node, key: Node) -> None:
        self._schema = schema
        self._root = root
        self._key = key

    def finding(self, detail: ErrorDetails) -> _Finding:
        """Return one thing that pydantic found, in our words."""
        location = detail["loc"]
        field = _FIELD.fullmatch(detail.get("ctx", {}).get("discriminator", ""))
        match detail["type"]:
            case "extra_forbidden":
                return self._unknown_key(location)
            case "missing":
                return self._missing(location)
            case "union_tag_not_found" if field:
                return self._missing((*location, field[1]))
            case "union_tag_invalid" if field:
                trail = walk(self._schema, location)
                found = self._at(replace(trail, path=(*trail.path, field[1])))
                return _not_one_of(found, self._value(found.path), _words(detail["ctx"]["expected_tags"]))
            case _:
                found = self._at(walk(self._schema, location))
                return _worded(found, detail, self._value(found.path))

    def _value(self, path: Sequence[str | int]) -> Node:
        return self._root.at(path)

    def _at(self, trail: "Trail") -> _Finding:
        """Return a finding about the value, or the key, at the end of a trail, still without its words."""
        entry = self._root.entry_at(trail.path)
        place = entry.key.place if trail.at_key else entry.value.place
        subject = f"{self._name(trail.path)} {_what_stands_there(entry.value)}"
        return _Finding(trail.path, place, subject=subject, in_branch=trail.in_branch)

    def _name(self, path: Sequence[str | int]) -> str:
        """Return how a sentence calls the value at a path."""
        if not path:
            return f"`{self._key.value}`" if isinstance(self._key.value, str) else "the document"
        if isinstance(path[-1], int):
            return f"entry {path[-1] + 1} of {self._name(path[:-1])}"
        return f"`{short(path[-1])}`"

    def _unknown_key(self, location: Sequence[str | int]) -> _Finding:
        parent, name = walk(self._schema, location[:-1]), str(location[-1])
        path = (*parent.path, name)
        return _Finding(
            path,
            self._root.entry_at(path).key.place,
            Mistake.UNKNOWN_KEY,
            f"unknown key `{short(name)}`",
            help_text=did_you_mean(name, parent.keys()),
        )

    def _missing(self, location: Sequence[str | int]) -> _Finding:
        parent, part = walk(self._schema, location[:-1]), location[-1]
        if isinstance(part, int):
            return replace(self._at(parent), expected=(f"at least {part + 1}",))
        place = self._root.entry_at(parent.path).key.place if parent.path else self._key.place
        sentence = f"key `{part}` is missing in {self._name(parent.path)}"
        return _Finding((*parent.path, part), place, Mistake.MISSING_KEY, sentence)


def _worded(found: _Finding, detail: ErrorDetails, value: Node) -> _Finding:
    """Return a finding about a value with its sentence, or with what was expected instead."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        return _not_one_of(found, value, _words(context["expected"]))
    if kind in _EXPECTED:
        is_number = kind == "string_type" and isinstance(value.value, int | float)
        help_text = f'put it in quotes: `"{value.written}"`' if is_number else None
        bounds = {name: f"{it:g}" if isinstance(it, float) else it for name, it in context.items()}
        return replace(found, expected=(_EXPECTED[kind].format(**bounds),), help_text=help_text)
    if kind in {"value_error", "assertion_error"}:
        return replace(found, sentence=str(context["error"]))
    if kind not in _BUILT_IN:
        return replace(found, sentence=detail["msg"])
    return replace(found, sentence=f"{found.subject}, which does not fit here")


def _not_one_of(found: _Finding, value: Node, words: Sequence[str]) -> _Finding:
    near = nearest(str(value.value), words)
    shown = ", ".join(f"`{word}`" for word in words)
    expected = shown if len(words) == 1 else f"one of {shown}"
    return replace(found, expected=(expected,), help_text=f"did you mean `{near}`?" if near else None)


def _what_stands_there(value: Node) -> str:
    if isinstance(value.value, Mapping):
        return f"has {_count(len(value.value), 'key')}"
    if isinstance(value.value, tuple):
        return f"is a list of {len(value.value)}"
    if value.value is None:
        return "is empty"
    return f"is `{short(value.value if isinstance(value.value, str) else value.written)}`"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


_FIELD = re.compile(r"'(.*)'")  # how pydantic names the key that tells the branches of a union apart


def _words(expected: str) -> list[str]:
    """Return the choices in pydantic's `'a', 'b' or 'c'`."""
    return [word.strip("'") for word in re.split(r", | or ", expected)]


# --- a path through a schema ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a location of pydantic's leads.

    Attributes:
        path: keys and list positions only, without the names of union branches.
        schemas: what the model allows there.
        in_branch: whether a union branch was the last thing named.
        at_key: whether the key is meant, not its value.
    """

    path: tuple[str | int, ...]
    schemas: tuple[_Schema, ...]
    in_branch: bool = False
    at_key: bool = False

    def keys(self) -> list[str]:
        """Return every key the model knows there, as files spell them."""
        return [
            str(field.get("validation_alias", name))
            for schema in self.schemas
            for name, field in schema.get("fields", {}).items()
        ]


def walk(schema: _Schema, location: Sequence[str | int]) -> Trail:
    """Return where a location leads, by following it through the schema."""
    definitions: dict[str, _Schema] = {}
    schemas = [_bare(schema, definitions)]
    path: list[str | int] = []
    in_branch = False
    for part in location:
        if part == "[key]":
            return Trail(tuple(path), (), at_key=True)
        unions = [one for one in schemas if one["type"] in {"union", "tagged-union"}]
        if unions:
            inner = [branch for union in unions for branch in _branches(union, str(part), definitions)]
        else:
            path.append(part)
            inner = [child for one in schemas for child in _children(one, part)]
        in_branch = bool(unions)
        schemas = [_bare(one, definitions) for one in inner]
    return Trail(tuple(path), tuple(schemas), in_branch)


def _bare(schema: _Schema, definitions: dict[str, _Schema]) -> _Schema:
    """Return the schema inside defaults, validators, models and references."""
    while True:
        for definition in schema.get("definitions", ()):
            definitions[definition["ref"]] = definition
        if schema["type"] == "definition-ref":
            schema = definitions[schema["schema_ref"]]
        elif isinstance(schema.get("schema"), Mapping):
            schema = schema["schema"]
        else:
            return schema


def _branches(union: _Schema, name: str, definitions: dict[str, _Schema]) -> list[_Schema]:
    """Return the branch of a union that pydantic calls `name`; all of them when it cannot be told."""
    choices = union["choices"]
    if isinstance(choices, Mapping):
        return [choices[name]] if name in choices else list(choices.values())
    plain = [choice[0] if isinstance(choice, tuple) else choice for choice in choices]
    word = name.partition("[")[0]
    named = [choice for choice in plain if _is_called(choice, word, definitions)]
    return named or plain


def _is_called(schema: _Schema, name: str, definitions: dict[str, _Schema]) -> bool:
    if schema["type"] == "definition-ref":
        schema = definitions[schema["schema_ref"]]
    own_name: str = schema["cls"].__name__ if schema["type"] == "model" else schema["type"]
    return name == own_name


def _children(schema: _Schema, part: str | int) -> list[_Schema]:
    """Return what the schema allows one key or one list position further."""
    for name, field in schema.get("fields", {}).items():
        if part in {name, field.get("validation_alias")}:
            return [field["schema"]]
    for inner in ("values_schema", "items_schema"):
        if isinstance(schema.get(inner), Mapping):
            return [schema[inner]]
    return list(schema.get("items_schema", ()))
