"""Enough of JSON Schema draft 7 to hold a document against the schemas of the project.

Only the words that those schemas use are known; any other one fails the test that meets it, so that
nothing is taken for checked that is not.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "null": lambda value: value is None,
}
_NOTES = {"$schema", "title", "description", "default", "definitions", "format", "if", "then"}
"""Words that refuse nothing by themselves."""


def fits(schema: Schema | bool, value: Any, root: Schema) -> bool:  # noqa: FBT001  # any JSON; a schema may be a boolean
    """Say whether a value fits a schema; references lead into `root`."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema:
        return fits(root["definitions"][schema["$ref"].removeprefix("#/definitions/")], value, root)
    if "if" in schema and fits(schema["if"], value, root) and not fits(schema["then"], value, root):
        return False
    return all(_word(word, wanted, value, schema, root) for word, wanted in schema.items())


def _word(word: str, wanted: Any, value: Any, schema: Schema, root: Schema) -> bool:
    """Say whether a value fulfils one word of a schema."""
    checks: Mapping[str, Callable[[], bool]] = {
        "type": lambda: _TYPES[wanted](value),
        "const": lambda: bool(value == wanted),
        "enum": lambda: value in wanted,
        "anyOf": lambda: any(fits(one, value, root) for one in wanted),
        "allOf": lambda: all(fits(one, value, root) for one in wanted),
        "pattern": lambda: not isinstance(value, str) or re.search(wanted, value) is not None,
        "minLength": lambda: not isinstance(value, str) or len(value) >= wanted,
        "maxLength": lambda: not isinstance(value, str) or len(value) <= wanted,
        "minimum": lambda: not _TYPES["number"](value) or value >= wanted,
        "maximum": lambda: not _TYPES["number"](value) or value <= wanted,
        "minItems": lambda: not isinstance(value, list) or len(value) >= wanted,
        "maxItems": lambda: not isinstance(value, list) or len(value) <= wanted,
        "minProperties": lambda: not isinstance(value, dict) or len(value) >= wanted,
        "maxProperties": lambda: not isinstance(value, dict) or len(value) <= wanted,
        "required": lambda: not isinstance(value, dict) or all(name in value for name in wanted),
        "items": lambda: not isinstance(value, list) or _items(wanted, value, root),
        "properties": lambda: (
            not isinstance(value, dict)
            or all(fits(wanted[name], one, root) for name, one in value.items() if name in wanted)
        ),
        "patternProperties": lambda: (
            not isinstance(value, dict)
            or all(
                fits(inner, one, root)
                for pattern, inner in wanted.items()
                for name, one in value.items()
                if re.search(pattern, name)
            )
        ),
        "additionalProperties": lambda: (
            not isinstance(value, dict)
            or all(fits(wanted, one, root) for name, one in value.items() if not _named(name, schema))
        ),
        "propertyNames": lambda: (
            not isinstance(value, dict) or all(fits(wanted, name, root) for name in value)
        ),
    }
    assert word in checks or word in _NOTES, f"the word `{word}` of a schema is not known here"
    return word in _NOTES or checks[word]()


def _items(wanted: Schema | Sequence[Schema], value: list[Any], root: Schema) -> bool:
    if isinstance(wanted, Mapping):
        return all(fits(wanted, one, root) for one in value)
    return all(fits(schema, one, root) for schema, one in zip(wanted, value, strict=False))


def _named(name: str, schema: Schema) -> bool:
    """Say whether a schema speaks of a property by its name or by a pattern."""
    patterns = schema.get("patternProperties", ())
    return name in schema.get("properties", ()) or any(re.search(one, name) for one in patterns)
