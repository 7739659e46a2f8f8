"""Rule files, read and checked: every rule with its id, reason and place, and all of them as Cedar's own."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import cedarpy
from cedarpy import pst

from sim.core.errors import Place, PolicyError, did_you_mean
from sim.policy.schema import Vocabulary
from sim.policy.source import Passage, anatomy, passages, policies_of, policy_set, syntax_error
from sim.policy.validation import check_depth, check_roles, schema_of, syntax_hint, validate

ANNOTATIONS = ("id", "reason", "article", "quote", "instead")
"""What may stand before a rule; the first two must."""

_ARTICLE = re.compile(r"\d{3}")
_ID = re.compile(r"[a-z][a-z0-9_-]{0,79}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        id: its name in decisions.
        effect: whether it permits or forbids; a forbid beats every permit.
        reason: one sentence for people.
        article: number of the article it comes from, or None.
        quote: the article's own words, or None.
        instead: what is allowed where this rule forbids, or None.
        place: where it begins.
        text: its Cedar text with its annotations.
        scope: what it says of principal, action and resource.
        conditions: clauses that must all be true for it to apply.
        added: whether it came from a folder of the user's, and not with the program.
    """

    id: str
    effect: Literal["permit", "forbid"]
    reason: str
    article: str | None
    quote: str | None
    instead: str | None
    place: Place
    text: str
    scope: tuple[str, str, str]
    conditions: tuple[str, ...]
    added: bool = False

    @property
    def absolute(self) -> bool:
        """Whether it forbids its actions to everybody, everywhere and always."""
        principal, _, resource = self.scope
        return (
            self.effect == "forbid"
            and not self.conditions
            and (principal, resource) == ("principal", "resource")
        )

    @property
    def weight(self) -> tuple[bool, bool]:
        """What sorts rules: first the absolute, then those about every action, then the rest."""
        return not self.absolute, self.scope[1] != "action"


@dataclass(frozen=True)
class RuleBook:
    """All rules together, checked against what devices declare.

    Attributes:
        rules: id to rule, the weightiest first, otherwise in the order of the files.
        vocabulary: the words they were checked against.
        schema: the same as the engine takes it.
        policies: the rules as the engine takes them, under their ids.
    """

    rules: Mapping[str, Rule]
    vocabulary: Vocabulary
    schema: cedarpy.Schema
    policies: cedarpy.PolicySet

    @classmethod
    def read(
        cls,
        files: Iterable[tuple[str, str]],
        vocabulary: Vocabulary,
        added: Iterable[tuple[str, str]] = (),
    ) -> "RuleBook":
        """Return the rules of some files.

        A rule that is added stands beside the others under an id of its own. It can permit what nothing
        forbids and forbid what it likes; as a forbid beats every permit, it takes nothing back.

        Args:
            files: name and text of each file; the order counts where two rules forbid the same.
            vocabulary: the words that rules may use.
            added: files of the user's, in the same way.

        Raises:
            PolicyError: when a rule cannot be parsed, has no id or reason of its own, or names what
                no device declares; with the place.
        """
        schema = schema_of(vocabulary)
        parts = [part for name, text in files for part in passages(name, text)]
        built_in = len(parts)
        parts += [part for name, text in added for part in passages(name, text)]
        rules: dict[str, Rule] = {}
        for position, part in enumerate(parts):
            rule = _rule(part, added=position >= built_in)
            if rule.id in rules:
                msg = f"rule `{rule.id}` is there already, at {rules[rule.id].place}"
                help_text = "give it another id: no rule takes the place of another"
                raise PolicyError(msg, place=_place_of(part, "id"), help_text=help_text)
            rules[rule.id] = rule
        validate(parts, schema, vocabulary)
        try:
            book = cls._of(rules.values(), vocabulary, schema)
            assert len(book.trees) == len(rules)  # INVARIANT
        except ValueError:
            deep = next((part for part in parts if not _has_tree(part)), None)
            assert deep is not None, "every rule can be taken, and all together cannot"  # INVARIANT
            raise _too_deep(deep) from None
        return book

    @classmethod
    def _of(cls, rules: Iterable[Rule], vocabulary: Vocabulary, schema: cedarpy.Schema) -> "RuleBook":
        """Return the book of some rules that have been checked."""
        ordered = sorted(rules, key=lambda rule: rule.weight)
        policies = policy_set({rule.id: rule.text for rule in ordered})
        return cls({rule.id: rule for rule in ordered}, vocabulary, schema, policies)

    @cached_property
    def built_in(self) -> "RuleBook":
        """The same without what the user has added."""
        return self._of(
            (rule for rule in self.rules.values() if not rule.added), self.vocabulary, self.schema
        )

    def about(self, action: str) -> cedarpy.PolicySet:
        """Return the rules that can apply to an action: the engine looks at every rule it is given.

        What is left out names other actions or groups in its scope, so it could neither match nor err.
        """
        if action not in self._about:
            known = self.vocabulary.actions.get(action)
            names = {action, *(known.groups if known else ())}
            trees = {name: rule for name, rule in self.trees.items() if _is_about(rule.action, names)}
            self._about[action] = policies_of(trees)
        return self._about[action]

    @cached_property
    def _about(self) -> dict[str, cedarpy.PolicySet]:
        return {}

    @cached_property
    def trees(self) -> Mapping[str, pst.Template]:
        """Every rule as the engine's syntax tree, by its id, the weightiest first."""
        return self.policies.to_pst().static_policies


def _is_about(constraint: pst.ActionConstraint, names: Collection[str]) -> bool:
    """Say whether what a rule says of the action fits one, given its name and those of its groups."""
    if isinstance(constraint, pst.ScopeAny):
        return True
    named = constraint.entities if isinstance(constraint, pst.ActionIn) else (constraint.entity,)
    return any(entity.id in names for entity in named)


def _rule(part: Passage, *, added: bool) -> Rule:
    """Return one rule with what its annotations say."""
    check_depth(part)
    parsed = _parsed(part)
    notes = {name: value or "" for name, value in parsed.get("annotations", {}).items()}
    _check_annotations(part, notes)
    check_roles(part)
    body = anatomy(part)
    return Rule(
        id=notes["id"],
        effect=parsed["effect"],
        reason=notes["reason"],
        article=notes.get("article"),
        quote=notes.get("quote"),
        instead=notes.get("instead"),
        place=part.place,
        text=part.text,
        scope=body.scope,
        conditions=body.conditions,
        added=added,
    )


def _parsed(part: Passage) -> dict[str, Any]:
    """Return a rule as the engine's JSON."""
    refused = syntax_error(part)
    if refused is not None:
        place, sentence = refused
        msg = f"the rule cannot be read: {sentence}"
        raise PolicyError(msg, place=place, help_text=syntax_hint(sentence))
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(part.text))
    except (ValueError, RecursionError):
        raise _too_deep(part) from None
    if parsed["templates"]:
        msg = "a rule has `?principal` or `?resource`, which nothing fills in here"
        raise PolicyError(msg, place=part.place, help_text="name the entity, or use a condition")
    if len(parsed["staticPolicies"]) != 1:
        # However that came to be: whatever stood behind it would be taken for another rule.
        msg = "this is not one rule"
        raise PolicyError(msg, place=part.place, help_text="write `permit (…);` or `forbid (…);`")
    policy: dict[str, Any] = parsed["staticPolicies"]["policy0"]
    return policy


def _has_tree(part: Passage) -> bool:
    """Say whether a rule that can be read is not deeper than the engine's trees go: a hundred levels."""
    try:
        policy_set({"rule": part.text}).to_pst()
    except ValueError:
        return False
    return True


def _too_deep(part: Passage) -> PolicyError:
    msg = "the rule has more parts within parts than the engine takes"
    help_text = "split it into several rules, or ask `[…].contains(…)` instead of many `||`"
    return PolicyError(msg, place=part.place, help_text=help_text)


def _check_annotations(part: Passage, notes: Mapping[str, str]) -> None:
    """Refuse a rule whose annotations are missing, empty, misspelt or malformed."""
    for name in notes:
        if name not in ANNOTATIONS:
            msg = f"annotation `@{name}` means nothing here"
            raise PolicyError(msg, place=_place_of(part, name), help_text=did_you_mean(name, ANNOTATIONS))
    for name in ("id", "reason"):
        if name not in notes:
            msg = f"a rule has no `@{name}`"
            raise PolicyError(msg, place=part.place, help_text=f'begin it with `@{name}("…")`')
    for name, value in notes.items():
        if not value.strip():
            msg = f"annotation `@{name}` is empty"
            raise PolicyError(msg, place=_place_of(part, name), help_text="say it, or leave it out")
    if _ID.fullmatch(notes["id"]) is None:
        msg = "an id is spelt with small letters, digits, `-` and `_`"
        raise PolicyError(msg, place=_place_of(part, "id"), help_text="such as `no-remote-driving`")
    if "article" in notes and _ARTICLE.fullmatch(notes["article"]) is None:
        msg = f"`{notes['article']}` is not the number of an article"
        raise PolicyError(msg, place=_place_of(part, "article"), help_text='write it as `@article("000")`')


def _place_of(part: Passage, annotation: str) -> Place:
    return (part.find(f"@{annotation}") or part).place
