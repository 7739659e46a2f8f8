"""Cedar, asked so that everything doubtful is a refusal.

Four habits of the engine would let a request through if they were not minded here:

- action groups exist only in entities that were parsed with the schema, otherwise a `forbid` over a
  group never applies;
- a rule that errs is skipped, a `forbid` too, so an Allow beside an error is worth nothing;
- without the schema on the call, a missing or mistyped fact of a request is such an error;
- what it cannot judge at all is neither Allow nor Deny but NoDecision, and no exception.

https://docs.cedarpolicy.com/auth/authorization.html says how the engine decides.
"""

from dataclasses import dataclass
from typing import Any, Literal

import cedarpy

Outcome = Literal["permitted", "forbidden", "not_permitted", "not_evaluated"]
"""A rule permits; a rule forbids; no rule permits; or something was in doubt, which is a refusal."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine makes of one request.

    Attributes:
        outcome: what it comes to.
        rules: ids of the rules that determined it, sorted; empty unless a rule did.
        errors: what went wrong in rules that were skipped, in the engine's words, sorted.
    """

    outcome: Outcome
    rules: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the request may be carried out."""
        return self.outcome == "permitted"


def judge(
    request: dict[str, Any],
    policies: cedarpy.PolicySet,
    entities: cedarpy.Entities,
    schema: cedarpy.Schema,
) -> Verdict:
    """Return the engine's answer, refusing whatever is in doubt.

    Args:
        request: principal, action and resource as dicts of `type` and `id`, the context as JSON text.
        policies: the rules.
        entities: what they may ask about; parsed WITH the schema, or action groups do not exist in them.
        schema: the words of the rules.
    """
    answer = cedarpy.is_authorized(request, policies, entities, schema)
    rules = tuple(sorted(answer.diagnostics.reasons))
    errors = tuple(sorted(answer.diagnostics.errors))
    if answer.decision is cedarpy.Decision.Deny and rules:
        return Verdict("forbidden", rules, errors)
    # An error may be a `forbid` that was skipped, or the very permit that was meant.
    if errors or answer.decision is cedarpy.Decision.NoDecision:
        return Verdict("not_evaluated", (), errors)
    if answer.decision is cedarpy.Decision.Allow:
        return Verdict("permitted", rules)
    return Verdict("not_permitted")
