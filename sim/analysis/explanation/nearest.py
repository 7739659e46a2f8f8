"""The nearest request that the rules allow, beside one that they refuse.

Facts of the moment come first, then another asker. What is found is decided again by the engine before
it is offered, and says of each change which rule asks for it. Other actions that the same asker may do
are offered beside these.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Protocol, TypeAlias

from cedarpy import pst

from sim.analysis.evaluation.values import Store, value_text
from sim.analysis.explanation.neighbourhood import Neighbourhood, PreparedBook
from sim.analysis.question import Question, Uid
from sim.core.errors import PolicyError
from sim.policy.schema import CONVERSATION, UNKNOWN

ASKERS_MAX: Final = 64
"""How many other askers are tried."""

SUPPOSED_MAX: Final = 2
"""How many facts may be supposed of another action before it is no longer near."""

_WAYS: Final = {"authenticated": "send it signed", "fresh": "send a new one", "code": "let the check hold"}
"""What to do about facts that are nobody's to choose."""

_PLAIN: Final[Mapping[str, Any]] = {"Boolean": False, "Long": 0, "String": ""}
"""What is supposed of a required fact that a request does not tell."""

Outcome = Literal["found", "never", "unknown"]
"""An allowed request is near; there is none; or the search was cut short and nothing is proved."""

Proof = Literal["proved", "searched"]

_Trees: TypeAlias = Mapping[str, pst.Template]


class Finding(Protocol):
    """What a proof came to."""

    @property
    def outcome(self) -> Literal["proved", "refuted", "unknown"]:
        """Whether the claim holds."""
        ...


class Prover(Protocol):
    """Whatever can prove that rules never allow what an area matches."""

    def never(self, rules: _Trees, area: _Trees) -> Finding:
        """Return whether no request in the area is allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have to be otherwise.

    Attributes:
        fact: what it is, as rules write it: `context.distance_cm`, `principal` or `action`.
        before: its value in the request that was refused, as JSON; None when it was absent.
        after: its value in the one that is allowed, likewise.
        phrase: the same for people, on one line.
        rule: id of the weightiest rule that refuses without this change, else of one that permits with
            it; None where no rule is the reason.
    """

    fact: str
    before: Any
    after: Any
    phrase: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Another action of the same device that its asker may do.

    Attributes:
        action: its name.
        changes: what is supposed, as the refused request does not tell it of this action; empty when it
            is allowed as things stand.
        question: the request, as the engine allows it.
    """

    action: str
    changes: tuple[Change, ...]
    question: Question


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest allowed request, or that there is none.

    Attributes:
        outcome: whether there is one.
        changes: what it changes, the fewest possible; empty unless found.
        question: the request, as the engine allows it; None unless found.
        proof: whether `never` is proved for all requests, or only searched.
        note: what a reader must know to trust this, one sentence, or empty.
        others: other actions that are allowed, the nearest first.
    """

    outcome: Outcome
    changes: tuple[Change, ...]
    question: Question | None
    proof: Proof
    note: str = ""
    others: tuple[Offer, ...] = ()

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values; requests stand without their entities."""
        return {
            "outcome": self.outcome,
            "changes": [asdict(change) for change in self.changes],
            "question": None if self.question is None else request_record(self.question),
            "proof": self.proof,
            "note": self.note,
            "others": [
                {
                    "action": offer.action,
                    "changes": [asdict(change) for change in offer.changes],
                    "question": request_record(offer.question),
                }
                for offer in self.others
            ],
        }


def nearest(prepared: PreparedBook, question: Question, prover: Prover | None = None) -> Nearest:
    """Return the nearest allowed request beside one that is refused.

    Args:
        prepared: the rules.
        question: the refused request; one that is allowed is its own nearest.
        prover: proves what is never allowed; without it that is only searched, and said so.

    Raises:
        PolicyError: when the request or its entities do not conform to the schema.
    """
    store = prepared.compiled.store(question.entities)
    others = tuple(_others(prepared, question, store))
    if question.action == UNKNOWN or not prepared.knows(question):
        note = f"`{question.resource.type}` has no such command"
        return Nearest("never", (), None, "searched", note, others)
    around = Neighbourhood(prepared, question, store)
    found = around.search()
    if found is not None:
        return Nearest("found", _changes(prepared, question, found), found, "searched", others=others)
    elsewhere = _AmongOthers(prepared, question, store)
    found = elsewhere.search()
    if found is not None:
        note = f"nothing about the moment would be enough for {entity_label(question.principal, question)}"
        return Nearest("found", _changes(prepared, question, found), found, "searched", note, others)
    if prover is not None:
        return replace(_proved(prepared, question, prover), others=others)
    tried = f"none of {around.tried + elsewhere.tried:,} requests that were tried is allowed"
    if around.exhausted and elsewhere.exhausted:
        note = f"{tried}: searched over boundary values, not proved"
        if around.barrier is not None:
            note = f"rule `{around.barrier}` weighs nothing of the moment, and {note}"
        return Nearest("never", (), None, "searched", note, others)
    return Nearest("unknown", (), None, "searched", f"{tried}, and the search was cut short", others)


# --- other askers and other actions -------------------------------------------------------------------


class _AmongOthers:
    """The same request by everybody else who could ask it.

    Attributes:
        tried: how many requests were looked at.
        exhausted: whether those were all that a search can reach.
    """

    def __init__(self, prepared: PreparedBook, question: Question, store: Store) -> None:
        self.tried = 0
        self._prepared = prepared
        self._question = question
        self._store = store
        askers = (Uid(**entity["uid"]) for entity in question.entities)
        asked = (replace(question, principal=asker) for asker in askers if asker != question.principal)
        self._asked = [other for other in asked if prepared.knows(other)]
        self.exhausted = len(self._asked) <= ASKERS_MAX

    def search(self) -> Question | None:
        """Return the nearest that is allowed: fewest facts, then the asker with the fewest roles."""
        best: Question | None = None
        least: tuple[int, int] | None = None
        for other in self._asked[:ASKERS_MAX]:
            around = Neighbourhood(self._prepared, other, self._store)
            found = around.search(None if least is None else least[0])
            self.tried += around.tried
            self.exhausted = self.exhausted and around.exhausted
            if found is not None:
                facts = len(_differing(self._question.context, found.context))
                cost = facts, len(roles_of(other.principal, other))
                if least is None or cost < least:
                    best, least = found, cost
        return best


def _others(prepared: PreparedBook, question: Question, store: Store) -> Iterator[Offer]:
    """Yield other actions of the same device that the same asker may do, the nearest first.

    What the request does not tell about another action may be supposed, if it is little. What a check
    found about this action says nothing of another, so that it would hold may be supposed as well.
    """
    known = prepared.words.context(question.action)
    groups = prepared.words.groups(question.action) if prepared.knows(question) else ()
    offers = []
    for action, known_as in prepared.book.vocabulary.actions.items():
        if action == question.action or not prepared.knows(replace(question, action=action)):
            continue
        if not known_as.kinds or set(known_as.groups) & set(CONVERSATION):
            continue  # No device has it yet, or no person asks for it.
        other = _for_action(prepared, question, action)
        untold = {name for name in prepared.words.context(action) if name not in known}
        try:
            around = Neighbourhood(prepared, other, store, only={*untold, "code"})
        except PolicyError:  # what the request tells does not conform there
            continue
        found = around.search(SUPPOSED_MAX)
        if found is not None:
            supposed = tuple(_supposed(prepared, question, other, found))
            shared = sum(group in groups for group in prepared.words.groups(action))
            offers.append((len(supposed), -shared, Offer(action, supposed, found)))
    for _, _, offer in sorted(offers, key=lambda one: one[:2]):
        yield offer


def _for_action(prepared: PreparedBook, question: Question, action: str) -> Question:
    """Return the request for another action; required facts that it does not tell are as plain as can be."""
    context: dict[str, Any] = {}
    for name, attribute in prepared.words.context(action).items():
        if name in question.context:
            context[name] = question.context[name]
        elif attribute["required"] and attribute["type"] in _PLAIN:
            context[name] = _PLAIN[attribute["type"]]
    return replace(question, action=action, context=context)


def _supposed(
    prepared: PreparedBook, question: Question, other: Question, found: Question
) -> Iterator[Change]:
    """Yield what an offer supposes and could be refused without."""
    for name in found.context:
        if name not in question.context:
            values = prepared.boundaries.values(found.action, name)
            without = (_with(found, name, value) for value in values)
            if name not in other.context or not all(prepared.compiled.answer(one).allowed for one in without):
                value = found.context[name]
                phrase = f"`context.{name}` is {_wanted(prepared, found, name)}"
                yield Change(f"context.{name}", None, value, phrase)
    if "code" in question.context and "code" not in found.context:
        code = question.context["code"]
        yield Change("context.code", code, None, f"`context.code` is not {value_label(code)}")


# --- proving ------------------------------------------------------------------------------------------


def _proved(prepared: PreparedBook, question: Question, prover: Prover) -> Nearest:
    """Return that a request is never allowed, as far as that can be proved."""
    command = f"`{question.action}` on any `{question.resource.type}`"
    whole = pst.Template(
        "area",
        "permit",
        pst.ScopeAny(),
        pst.ActionEq(_entity(Uid("Action", question.action))),
        pst.ScopeIs(pst.EntityType(question.resource.type)),
        (),
        pst.FrozenMap(),
    )
    if prover.never(prepared.trees, {"area": whole}).outcome == "proved":
        note = f"the rules allow {command} to nobody, whatever the moment: proved for all requests"
        return Nearest("never", (), None, "proved", note)
    who, what = (entity_label(one, question) for one in (question.principal, question.resource))
    mine = replace(
        whole,
        principal=pst.ScopeEq(_entity(question.principal)),
        resource=pst.ScopeEq(_entity(question.resource)),
    )
    command = f"`{question.action}` on {what}"
    finding = prover.never(prepared.trees, {"area": mine})
    if finding.outcome == "proved":
        note = f"the rules never allow {command} to {who}, whatever the moment: proved for all requests"
        return Nearest("never", (), None, "proved", note)
    but = "in another household they may" if finding.outcome == "refuted" else "neither is it proved"
    note = f"no moment was found at which the rules allow {command} to {who}, but {but}"
    return Nearest("unknown", (), None, "searched", note)


def _entity(uid: Uid) -> pst.EntityUid:
    return pst.EntityUid(pst.EntityType(uid.type), uid.id)


# --- saying it ----------------------------------------------------------------------------------------


def _changes(prepared: PreparedBook, question: Question, found: Question) -> tuple[Change, ...]:
    """Return what is otherwise in the request that was found."""
    changes = [] if found.principal == question.principal else [_other_asker(prepared, question, found)]
    said: list[str] = []
    for name in _differing(question.context, found.context):
        before, after = question.context.get(name), found.context.get(name)
        rule, hint = _reason(prepared, found, _with(found, name, before), name)
        way = _WAYS.get(name, hint)
        phrase = f"`context.{name}` from {value_label(before)} to {_wanted(prepared, found, name)}"
        if way is not None and way not in said:
            said.append(way)
            phrase = f"{way}: {phrase}"
        changes.append(Change(f"context.{name}", before, after, phrase, rule))
    return tuple(changes)


def _other_asker(prepared: PreparedBook, question: Question, found: Question) -> Change:
    rule, hint = _reason(prepared, found, replace(found, principal=question.principal))
    way = hint or "let somebody else ask"
    before, after = (entity_label(one.principal, one) for one in (question, found))
    return Change(
        fact="principal",
        before={"__entity": question.principal.to_json()},
        after={"__entity": found.principal.to_json()},
        phrase=f"{way}: `principal` from {before} to {after}",
        rule=rule,
    )


def _reason(
    prepared: PreparedBook, found: Question, back: Question, name: str | None = None
) -> tuple[str | None, str | None]:
    """Return which rule makes a change necessary, and what it says is allowed instead.

    Args:
        prepared: the rules.
        found: the allowed request.
        back: the same with one change undone.
        name: the fact of the moment that changed, if it is one.
    """
    refused = prepared.compiled.answer(back)
    deciding = refused if refused.outcome == "forbidden" else prepared.compiled.answer(found)
    rules = [rule for rule in prepared.trees if rule in deciding.rules]
    weighing = [rule for rule in rules if name in prepared.facts[rule]] or rules
    if name is None and refused.outcome == "forbidden":
        return weighing[0], None  # What is allowed instead to whoever asks says nothing of another.
    hints = (prepared.book.rules[rule].instead for rule in weighing)
    return weighing[0], next((hint for hint in hints if hint), None)


def _with(question: Question, name: str, value: Any) -> Question:
    """Return a request with one fact of the moment otherwise; None is absent."""
    context = {**question.context, name: value}
    return replace(question, context={key: one for key, one in context.items() if one is not None})


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the facts that are not alike, in the order of the second, then of the first."""
    names = dict.fromkeys((*after, *before))
    return [name for name in names if before.get(name) != after.get(name)]


def _wanted(prepared: PreparedBook, found: Question, name: str) -> str:
    """Return the value that a fact has to have; of a text also whether many others would do."""
    value = found.context.get(name)
    if not isinstance(value, str):
        return value_label(value)
    texts = [text for text in prepared.boundaries.values(found.action, name) if text is not None]
    if all(prepared.compiled.answer(_with(found, name, text)).allowed for text in texts):
        return f"any text, such as {value_label(value)}"
    if value not in prepared.literals.of(("context", name)):
        return f"any text that no rule names, such as {value_label(value)}"
    return value_label(value)


def value_label(value: Any) -> str:
    """Return a JSON value as Cedar writes it; None is `nothing`."""
    match value:
        case None:
            return "nothing"
        case {"__entity": {"type": type_name, "id": name}}:
            return f"`{Uid(type_name, name)}`"
        case {}:
            return json.dumps(value, ensure_ascii=False)
        case _:
            return value_text(value)


def entity_label(uid: Uid, question: Question) -> str:
    """Return an entity with the roles it has: `Person::"jun"` in `guest`."""
    roles = " and ".join(f"`{role.id}`" for role in roles_of(uid, question))
    return f"`{uid}`" + (f" in {roles}" if roles else "")


def roles_of(uid: Uid, question: Question) -> tuple[Uid, ...]:
    """Return everything an entity is in, the nearest first."""
    parents = {
        Uid(**entity["uid"]): [Uid(**parent) for parent in entity["parents"]] for entity in question.entities
    }
    found: dict[Uid, None] = {}
    waiting = list(parents.get(uid, ()))
    while waiting:
        role = waiting.pop(0)
        if role not in found:
            found[role] = None
            waiting += parents.get(role, ())
    return tuple(found)


def request_record(question: Question) -> dict[str, Any]:
    """Return a request as JSON values, without the entities."""
    return {name: value for name, value in question.to_record().items() if name != "entities"}
