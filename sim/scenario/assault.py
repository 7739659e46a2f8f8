"""A friendly story with an attacker in it, and what its records say of him: held, noticed, or broke.

A story is played twice: once as it is, and once with an attacker added who acts by himself all through
it; who needs hands or a history gets steps of his own before and after the story. Whatever differs in
what was asserted, in what moved, or in what the attacker was granted or given to read, he has achieved.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, Literal

from sim.core.device import Act, Device
from sim.core.errors import Place
from sim.core.household import DeviceEntry, Household, Person
from sim.core.topics import (
    Topic,
    command_topic,
    decision_topic,
    online_topic,
    parse_topic,
    reply_topic,
    state_topic,
)
from sim.scenario.flowing import STRANGER
from sim.scenario.model import Advance, Case, Do, Say, Scenario, Step
from sim.scenario.run import CaseResult
from sim.world.trace import Record

Kinds = Mapping[str, type[Device]]
Outcome = Literal["held", "noticed", "broke"]
"""What became of an attack: nothing came of it; nothing, and it is in the audit trail; or something did."""

AFTERMATH_MS = 80_000
"""How long a story is played on: what was captured at its end is still sent again 40 s later, and
whoever asks a household of nineteen devices for everything comes to the end of it."""
ATTACKER_KINDS = frozenset({"stranger", "eavesdropper", "relay", "thief", "noisy"})
REFUSED = frozenset({"denied", "expired", "failed"})
"""How an attacker's command may end."""
KEY_TALK = frozenset({"key_hello", "key_session"})
"""What anybody may say to a car: being challenged opens nothing."""
BUTTONS = ("unlock", "open_boot", "start")
"""What a thief and an ex-friend press."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A household with an attacker in it; it serves every story of that household.

    Attributes:
        household: with him.
        actor: his device.
        before: his history, acted out before a story, as (device, act).
        after: what he does once it is over, likewise.
    """

    household: Household
    actor: str
    before: tuple[tuple[str, Act], ...] = ()
    after: tuple[tuple[str, Act], ...] = ()


@dataclass(frozen=True, slots=True)
class Attacker:
    """Somebody who can be sent into any story.

    Attributes:
        name: how reports call him.
        what: one sentence.
        join: puts him into a household; None where there is nothing he could attack.
    """

    name: str
    what: str
    join: Callable[[Household, Kinds], Joined | None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of an attack.

    Attributes:
        outcome: held, noticed or broke.
        why: for `broke` one sentence.
        record: the record that shows it, if one does.
        refusals: layer and reason code of every refusal that the story alone does not have, with how many.
    """

    outcome: Outcome
    why: str = ""
    record: Record | None = None
    refusals: Mapping[tuple[str, str | None], int] = field(default_factory=dict)


# --- which stories, and how they are extended -------------------------------------------------------


def unfriendly(scenario: Scenario, case: Case) -> bool:
    """Say whether a case is about attackers already: no more than half of what is done in it is friendly."""
    devices = scenario.household.devices
    hostile = friendly = 0
    for step in case.steps:
        if isinstance(step, Do):
            attacks = step.actor in devices and devices[step.actor].kind in ATTACKER_KINDS
        elif isinstance(step, Say):
            attacks = step.by == STRANGER
        else:
            continue
        hostile += attacks
        friendly += not attacks
    return hostile > 0 and hostile >= friendly


def played_on(case: Case) -> Case:
    """Return a case that goes on for a while after its end, to be compared with one with an attacker."""
    return replace(case, steps=(*case.steps, _aftermath(case)))


def with_attacker(joined: Joined, scenario: Scenario, case: Case) -> tuple[Scenario, Case]:
    """Return a story with an attacker in it.

    Args:
        joined: the scenario's household with him.
        scenario: the story's file.
        case: one of its cases.
    """
    with_him, story = remembered(joined, scenario, case)
    place = case.steps[-1].place
    after = tuple(_step(place, "after the story", *one) for one in joined.after)
    return with_him, replace(story, steps=(*story.steps[:-1], *after, story.steps[-1]))


def remembered(joined: Joined, scenario: Scenario, case: Case) -> tuple[Scenario, Case]:
    """Return a story with an attacker's history before it, but nothing of what he does after it."""
    place = case.steps[0].place
    before = tuple(_step(place, "before the story", *one) for one in joined.before)
    steps = (*before, *case.steps, _aftermath(case))
    return replace(scenario, household=joined.household), replace(case, steps=steps)


def _aftermath(case: Case) -> Step:
    return Advance(case.steps[-1].place, "after the story", duration_ms=AFTERMATH_MS)


def _step(place: Place, when: str, device: str, act: Act) -> Step:
    return Do(place, f"{when}: {device}.{act.verb}", device, act)


# --- the attackers ----------------------------------------------------------------------------------


def _stranger(household: Household, kinds: Kinds) -> Joined | None:
    known = (name for name, entry in household.devices.items() if entry.kind == "stranger")
    name = next(known, None) or _free("mallory", household)
    return Joined(_with(household, name, "stranger", kinds), name)


def _eavesdropper(household: Household, kinds: Kinds) -> Joined | None:
    name = _free("eve", household)
    owners = [one for one, person in household.people.items() if person.role == "owner"]
    config = {
        "against": tuple(one for one, entry in household.devices.items() if kinds[entry.kind].commands),
        "claims": tuple(owners[:1]),
        "topics": tuple(_topics_of_others(household, kinds)),
    }
    return Joined(_with(household, name, "eavesdropper", kinds, **config), name)


def _topics_of_others(household: Household, kinds: Kinds) -> Iterator[str]:
    """Yield topics that only others may write on: states, presence, commands, answers and decisions."""
    home = household.name
    keys = _keys(household, kinds)
    for device, entry in household.devices.items():
        kind = kinds[entry.kind]
        yield online_topic(home, device)
        yield from (state_topic(home, device, facet.facet) for facet in kind.facets)
        if kind.commands:
            yield decision_topic(home, device)
            yield from (command_topic(home, device, key, kind.commands[0].action) for key in keys)
            yield from (reply_topic(home, device, key, f"{key}-act-1") for key in keys)


def _relay(household: Household, kinds: Kinds) -> Joined | None:
    name, cars, keys = _free("relay", household), _cars(household, kinds), _keys(household, kinds)
    if not cars or not keys:
        return None
    return Joined(_with(household, name, "relay", kinds, against=cars, keys=keys), name)


def _thief(household: Household, kinds: Kinds) -> Joined | None:
    name, cars, keys = _free("thief", household), _cars(household, kinds), _keys(household, kinds)
    if not cars or not keys:
        return None
    acts = [
        (name, act)
        for car in cars
        for key in keys
        for act in (
            _act(kinds, "thief", "take", device=key, to=car),
            *(_act(kinds, "thief", "press", device=key, car=car, button=button) for button in BUTTONS),
        )
    ]
    return Joined(_with(household, name, "thief", kinds), name, after=tuple(acts))


def _ex_friend(household: Household, kinds: Kinds) -> Joined | None:
    """Return a household with a guest's phone; the owner shares a key with it, and takes it back."""
    owners = [
        name
        for name, entry in household.devices.items()
        if entry.kind == "phone" and household.role_of(entry.name) == "owner"
    ]
    cars = _cars(household, kinds)
    if not owners or not cars:
        return None
    friend = _free("ex_friend", household)
    people = {**household.people, friend: Person(role="guest")}
    name = _free("ex_phone", household)
    joined = _with(replace(household, people=people), name, "phone", kinds, owner=friend)
    car, phone = cars[0], owners[0]
    before = (
        (phone, _act(kinds, "phone", "share_key", car=car, to=name)),
        (phone, _act(kinds, "phone", "revoke_key", car=car, device=name)),
    )
    after = tuple((name, _act(kinds, "phone", button, car=car)) for button in (*BUTTONS, "lock"))
    return Joined(joined, name, before, after)


def _noisy(household: Household, kinds: Kinds) -> Joined | None:
    name = _free("noisy", household)
    asked = kinds["noisy"].asks
    against = [one for one in household.others(name, asked) if kinds[household.devices[one].kind].commands]
    return Joined(_with(household, name, "noisy", kinds, against=tuple(against)), name) if against else None


ATTACKERS: dict[str, Attacker] = {
    one.name: one
    for one in (
        Attacker("mallory", "a stranger in the line, who copies and changes every command", _stranger),
        Attacker("eve", "a compromised device with a valid key, which asks, forges and reads", _eavesdropper),
        Attacker("relay", "two radios that carry the car's call to its keys", _relay),
        Attacker("thief", "takes every key to the car, and presses its buttons", _thief),
        Attacker("ex-friend", "has a phone with a key that was revoked", _ex_friend),
        Attacker("noisy", "a device of the household that floods the others", _noisy),
    )
}
"""Every attacker, by name, in the order of reports."""


def _with(household: Household, name: str, kind: str, kinds: Kinds, **config: Any) -> Household:
    """Return a household with one device more; it is relentless if its kind can be."""
    model = kinds[kind].Config
    if "relentless" in model.model_fields:
        config["relentless"] = True
    entry = DeviceEntry(name, kind, model(**config), enrolled=kinds[kind].trusted)
    devices = {**household.devices, name: entry}
    # Strangers come last in every household.
    ordered = sorted(devices.items(), key=lambda item: not item[1].enrolled)
    return replace(household, devices=dict(ordered))


def _free(name: str, household: Household) -> str:
    taken = {*household.people, *household.homes, *household.devices}
    candidates = (name if number == 1 else f"{name}_{number}" for number in range(1, len(taken) + 2))
    return next(one for one in candidates if one not in taken)


def _cars(household: Household, kinds: Kinds) -> tuple[str, ...]:
    return tuple(one for one, entry in household.devices.items() if kinds[entry.kind].opens_to_keys)


def _keys(household: Household, kinds: Kinds) -> tuple[str, ...]:
    return tuple(one for one, entry in household.devices.items() if kinds[entry.kind].holds_keys)


def _act(kinds: Kinds, kind: str, verb: str, **arguments: Any) -> Act:
    return next(act for act in kinds[kind].acts if act.verb == verb)(**arguments)


# --- what became of it ------------------------------------------------------------------------------


def judge(alone: CaseResult, attacked: CaseResult, actor: str) -> Judgement:
    """Say what an attack achieved.

    Args:
        alone: the story without the attacker's doing, played on for the same while.
        attacked: the story with him.
        actor: his device.
    """
    refusals = dict(_refusals(attacked) - _refusals(alone))
    breach = next(_breaches(alone, attacked, actor), None)
    if breach is not None:
        return Judgement("broke", *breach, refusals)
    return Judgement("noticed" if refusals else "held", refusals=refusals)


def _breaches(alone: CaseResult, attacked: CaseResult, actor: str) -> Iterator[tuple[str, Record | None]]:
    """Yield what the attacker has achieved, the worst first."""
    if attacked.verdict != alone.verdict:
        why = f": {attacked.failure.sentence}" if attacked.failure is not None else ""
        yield f"the story ended with {attacked.verdict} instead of {alone.verdict}{why}", None
    yield from _moved(alone, attacked)
    yield from _permitted(alone, attacked)
    for record in attacked.records:
        if record["kind"] != "message" or actor not in record["to"]:
            continue
        match parse_topic(record["topic"]):
            case Topic(channel="reply", device=device, words=(asker, command)) if asker == actor:
                status = record.get("signed", {}).get("status")
                if status not in REFUSED:
                    yield f"{device} answered {actor} that {command} is {status}", record
            case Topic(device=device, words=words) if actor in {device, *words[:1]}:
                pass  # It reads what it has written itself.
            case _:
                yield f"{actor} was given `{record['topic']}` to read", record


def _permitted(alone: CaseResult, attacked: CaseResult) -> Iterator[tuple[str, Record | None]]:
    """Yield what the rules permitted in one story and not in the other, also where something else held."""
    usual = Counter(_permits(alone))
    for asked, record in ((_asked(one), one) for one in attacked.records if _is_permit(one)):
        usual[asked] -= 1
        if usual[asked] < 0:
            sender, device, action = asked
            yield f"{device} permitted {sender}'s {action}, which it does not in the story alone", record


def _permits(result: CaseResult) -> Iterator[tuple[str, str, str]]:
    return (_asked(record) for record in result.records if _is_permit(record))


def _asked(record: Record) -> tuple[str, str, str]:
    return record["sender"], record["device"], record["action"]


def _is_permit(record: Record) -> bool:
    """Say whether a decision permitted something beside a talk about keys, which opens nothing."""
    return bool(
        record["kind"] == "decision" and record["decision"]["allowed"] and record["action"] not in KEY_TALK
    )


def _moved(alone: CaseResult, attacked: CaseResult) -> Iterator[tuple[str, Record | None]]:
    """Yield what moved in one story and not in the other, the first time first."""
    for wanted, got in zip_longest(_movements(alone), _movements(attacked)):
        if wanted is None:
            (device, *what), record = got
            yield f"{device} did {_told(*what)}, which it does not in the story alone", record
        elif got is None:
            (device, *what), record = wanted
            yield f"{device} did not do {_told(*what)}, which it does in the story alone", record
        elif wanted[0] != got[0]:
            (device, *what), record = got
            (other, *instead), _ = wanted
            yield f"{device} did {_told(*what)}, and {other} {_told(*instead)} in the story alone", record


def _movements(result: CaseResult) -> Iterator[tuple[tuple[str, str, Any], Record]]:
    """Yield every physical change, and everything a device says that it did, in order."""
    for record in result.records:
        match record:
            case {"kind": "change", "device": device, "changes": changes}:
                yield (device, "change", changes), record
            case {"kind": "message", "device": device, "type": "carhome.event", "topic": topic}:
                yield (device, "event", topic.rpartition("/")[2]), record
            case _:
                pass


def _told(sort: str, what: Any) -> str:
    return f"`{what}`" if sort == "event" else ", ".join(f"{name}: {value}" for name, value in what.items())


def _refusals(result: CaseResult) -> Counter[tuple[str, str | None]]:
    """Return how often each layer refused for each reason code."""
    found: Counter[tuple[str, str | None]] = Counter()
    for record in result.records:
        match record:
            case {"kind": "refused"}:
                found["broker", "0x87"] += 1
            case {"kind": "decision", "decision": {"allowed": False, "layer": layer, "code": code}}:
                found[layer, code] += 1
            case _:
                pass
    return found
