"""The shipped rules over the small home, as the prover takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cedarpy import pst

from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from tests.policy.small_home import KINDS, shipped_rules


def role(name: str, *above: str) -> dict[str, Any]:
    """Return a role as an entity."""
    parents = [{"type": "Role", "id": other} for other in above]
    return {"uid": {"type": "Role", "id": name}, "attrs": {}, "parents": parents}


ROLES = (role("owner", "member"), role("member"), role("child"), role("guest"))
"""Who is what in every household."""


@dataclass(frozen=True)
class SmallBook:
    """The rules of the small home: their schema, their trees under their ids, and their texts."""

    schema: Mapping[str, Any]
    rules: Mapping[str, pst.Template]
    texts: Sequence[str]


def small_book() -> SmallBook:
    """Read the shipped rules that are about the kinds of the small home."""
    book = RuleBook.read(shipped_rules(), Vocabulary.of(KINDS))
    return SmallBook(
        book.vocabulary.to_json(),
        book.policies.to_pst().static_policies,
        [rule.text for rule in book.rules.values()],
    )
