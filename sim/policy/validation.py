"""Rules held against the words they may use, and what to do about what the engine says of them.

Cedar's strict validation names a rule and a type, and no place. Here its sentence gets the place of the
word it names, or of the clause without which it would not say it; and a hint.
"""

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import get_args

import cedarpy

from sim.core.device import Role
from sim.core.errors import Place, PolicyError, did_you_mean
from sim.policy.schema import Vocabulary
from sim.policy.source import Passage, anatomy, place_named, with_depth

TOKENS_MAX = 2_000
"""Most words and signs of a rule."""
NESTING_MAX = 30
"""Most brackets within brackets of a rule."""
ROLES: tuple[str, ...] = get_args(Role)
"""Every role a person can have."""
GRAMMAR = "https://docs.cedarpolicy.com/policies/syntax-policy.html"

_POLICY = re.compile(r"^for policy `policy\d+`, ")
_UNRECOGNIZED = re.compile(r'unrecognized (?:action `Action::"([^"]*)"|entity type `([^`]*))`')
_NOT_FOUND = re.compile(r"attribute `([^`]*)` in context .*not found")
_OPTIONAL = re.compile(r"optional attribute `([^`]*)` in context")
_NO_ACTION = "unable to find an applicable action"
_MISFIT = "no action of any device fits its scope"
_NEGATED = re.compile(r"!\((.*)\)", re.DOTALL)

_SYNTAX_HINTS = (
    ("valid operator", "compare with `==`, `!=`, `<`, `<=`, `>` or `>=`"),
    ("policy effect", "begin a rule with `permit` or `forbid`"),
    ("goes on after this", "end it with `;`"),
    ("unexpected token", "look at the brackets and operators before it"),
)
_TYPE_HINTS = (
    ("not compatible", "compare things of one type: texts in quotes, numbers and truths without"),
    (
        "unexpected type",
        "`<` and `+` take numbers, `like` takes a text, `&&` and `!` take what is true or false",
    ),
    (_MISFIT, "`carhome devices` says which kinds have which commands"),
)


def syntax_hint(sentence: str) -> str:
    """Return what to do about a sentence of the engine's parser."""
    hints = (hint for words, hint in _SYNTAX_HINTS if words in sentence)
    return next(hints, f"how rules are written: {GRAMMAR}")


def check_depth(rule: Passage) -> None:
    """Refuse a rule that is too long, or brackets within brackets that would end the engine's process.

    Raises:
        PolicyError: at the rule, or at the bracket that is one too many.
    """
    if len(rule.tokens) > TOKENS_MAX:
        msg = f"the rule has more than {TOKENS_MAX:,} words and signs"
        raise PolicyError(msg, place=rule.place, help_text="split it into several")
    for token, depth in with_depth(rule.tokens):
        if depth > NESTING_MAX:
            msg = f"brackets stand in more than {NESTING_MAX} others here"
            place = replace(rule, tokens=(token,)).place
            raise PolicyError(msg, place=place, help_text="split the rule into several")


def check_roles(rule: Passage) -> None:
    """Refuse a role that nobody can have: a rule about it would never apply.

    Raises:
        PolicyError: at its name.
    """
    for before, role in zip(rule.tokens, rule.tokens[2:], strict=False):
        if before.text == "Role" and role.text.startswith('"') and role.text.strip('"') not in ROLES:
            msg = f"there is no role `{role.text}`"
            place = replace(rule, tokens=(role,)).place
            raise PolicyError(msg, place=place, help_text=did_you_mean(role.text.strip('"'), ROLES))


def validate(parts: list[Passage], schema: cedarpy.Schema, vocabulary: Vocabulary) -> None:
    """Refuse the first rule that cannot be right, whatever is asked, by Cedar's strict validation.

    Args:
        parts: the rules, each readable by itself.
        schema: the words as the engine takes them, of `schema_of`.
        vocabulary: the same words.

    Raises:
        PolicyError: with its place and what to do.
    """
    result = _checked("\n".join(part.text for part in parts), schema)
    if result.validation_passed:
        return
    found = [(int(error.policy_id.removeprefix("policy")), error.error) for error in result.errors]
    position, sentence = min(found, key=lambda error: (error[0], _NO_ACTION in error[1], error[1]))
    sentence = _MISFIT if _NO_ACTION in sentence else _POLICY.sub("", sentence)
    msg = f"the rule can never be right: {sentence}"
    place = _place(parts[position], sentence, schema)
    raise PolicyError(msg, place=place, help_text=_suggestion(sentence, vocabulary))


def schema_of(vocabulary: Vocabulary) -> cedarpy.Schema:
    """Return the words of rules as the engine takes them: the same object for the same words."""
    return _parsed_schema(json.dumps(vocabulary.to_json()))


@lru_cache(maxsize=16)
def _parsed_schema(words: str) -> cedarpy.Schema:
    return cedarpy.Schema.from_json_str(words)


@lru_cache(maxsize=16)
def _checked(rules: str, schema: cedarpy.Schema) -> cedarpy.ValidationResult:
    """Return what Cedar finds in rules: to go through a hundred takes it longer than all else about them."""
    return cedarpy.validate_policies(rules, schema)


def _place(rule: Passage, sentence: str, schema: cedarpy.Schema) -> Place:
    """Return where a sentence points: at the word it names, the scope, or the clause that it is about."""
    body = anatomy(rule)
    if sentence == _MISFIT:
        scope = next((part for part in reversed(body.scope) if " " in part), "resource")
        return (rule.find(scope) or rule).place
    named = place_named(rule, sentence)
    if named != rule.place:
        return named
    clauses = [f" when {{ {condition} }}" for condition in body.conditions]
    begun = (
        f"permit ({', '.join(body.scope)}){''.join(clauses[: count + 1])};" for count in range(len(clauses))
    )
    fails = (not cedarpy.validate_policies(text, schema).validation_passed for text in begun)
    # Without any clause to blame, the beginning of the rule says as much as there is to say.
    blamed = next((one for one, failed in zip(body.conditions, fails, strict=True) if failed), "")
    negated = _NEGATED.fullmatch(blamed)
    return (rule.find(negated[1] if negated else blamed) or rule).place


def _suggestion(sentence: str, vocabulary: Vocabulary) -> str | None:
    """Return what to write instead: the nearest word of the vocabulary, a guard, or another type."""
    schema = vocabulary.to_json()[""]
    if (match := _UNRECOGNIZED.search(sentence)) is not None:
        action, entity_type = match.groups()
        known = schema["actions"] if action else schema["entityTypes"]
        return did_you_mean(action or entity_type, known)
    if (match := _OPTIONAL.search(sentence)) is not None:
        return f"say `context has {match[1]} &&` before it"
    if (match := _NOT_FOUND.search(sentence)) is not None:
        actions = schema["actions"].values()
        contexts = (action["appliesTo"]["context"]["attributes"] for action in actions if action)
        return did_you_mean(match[1], (name for attributes in contexts for name in attributes))
    return next(
        (hint for words, hint in _TYPE_HINTS if words in sentence), f"how rules are written: {GRAMMAR}"
    )
