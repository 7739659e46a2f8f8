"""Phone and dashboard observe what is done by hand, tell it once they may, and show what is suggested."""

from collections.abc import Mapping
from typing import Any

import pytest

from sim.apps.habits.estimates import Habit
from sim.apps.habits.messages import DismissHabit, LearnHabit, SuggestHabits
from sim.apps.habits.observing import (
    PART_TIMER,
    RETRY_MS,
    RETRY_TIMER,
    WAITING_MAX,
    AcceptSuggestion,
    CarHabits,
    DismissSuggestion,
    DriverSeat,
    Habits,
    HomeHabits,
    PhoneHabits,
    Suggested,
)
from sim.core.asking import MoveSeat, Precondition, SetCabin, SetClimate
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Booted,
    Config,
    Crashed,
    Draw,
    Effect,
    Learned,
    Linked,
    Moment,
    Peer,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    TimerFired,
)
from sim.devices.dashboard import Dashboard
from tests.apps.habitual import MONDAY
from tests.senses import START_MS, FakeSenses, acted, moment

PEOPLE: Any = {"lin": "owner", "mei": "member", "tao": "child", "jun": "guest"}
LIN = FakeSenses(holder="lin")


def peers(*, cloud: bool = True) -> dict[str, Peer]:
    """Return who there is, with a cloud or without."""
    kinds = {"phone": "phone", "dash": "dashboard", "su7": "car"} | ({"cloud": "cloud"} if cloud else {})
    return {name: Peer(kind, None, kind == "dashboard", bytes(32)) for name, kind in kinds.items()}


def phone(given: Mapping[str, Any] | None = None, *, cloud: bool = True, paired: bool = True) -> PhoneHabits:
    """Return the part of Lin's phone."""
    car = ("su7",) if paired else ()
    provision = Provision(bytes(32), 1, START_MS, car, people=PEOPLE, peers=peers(cloud=cloud))
    return PhoneHabits.new("phone", Config(owner="lin"), given or {}).provisioned(provision)


def dash() -> CarHabits:
    """Return the part of the car's screen."""
    provision = Provision(bytes(32), 1, START_MS, people=PEOPLE, peers=peers())
    return CarHabits.new("dash", Dashboard.Config(car="su7"), {}).provisioned(provision)


def beliefs(*consenting: str, online: bool = True, resets: int = 0, moving: bool | None = False) -> Beliefs:
    """Return what is known once the cloud and the car were heard."""
    use = {"learning_from": list(consenting), "advertising_to": [], "observations": 0, "resets": resets}
    known = Beliefs().heard("cloud", "data_use", Belief(use, START_MS, (1, 1), "last"))
    known = known.online("cloud", online=online)
    if moving is None:
        return known
    motion = Belief({"moving": moving}, START_MS, (1, 1), "unknown")
    return known.heard("su7", "motion", motion).online("su7", online=True)


CONSENTED = beliefs("lin")


def at(known: Beliefs = CONSENTED, senses: FakeSenses = LIN) -> Moment:
    """Return Monday at half past seven."""
    return moment(senses, beliefs=known)


def requests(effects: tuple[Effect, ...]) -> list[Request]:
    """Return what is asked."""
    return [one for one in effects if isinstance(one, Request)]


def told(effects: tuple[Effect, ...]) -> list[tuple[str, int, str]]:
    """Return the observations that are told: habit, value and place."""
    learned = [one for one in requests(effects) if one.action == LearnHabit.action]
    return [(one.arguments["habit"], one.arguments["value"], one.arguments["place"]) for one in learned]


def done(ticket: str, **data: Any) -> Answered:
    """Return the cloud's answer."""
    return Answered(ticket, "cloud", Answer("done", data=data))


def offering(part: Habits, **values: int) -> Habits:
    """Return the part after the cloud has suggested something for whoever uses the device."""
    part, effects = part.step(at(), Booted())
    (question,) = requests(effects)
    assert question.action == SuggestHabits.action
    found = [
        {"habit": habit, "value": value, "reason": f"{value}", "place": "heater"}
        for habit, value in values.items()
    ]
    part, effects = part.step(at(), done(question.ticket, suggestions=found))
    assert effects == (Draw(),)
    return part


# --- observing ---------------------------------------------------------------------------------------------

BY_HAND: list[tuple[Act, list[tuple[str, int, str]]]] = [
    (Precondition(car="su7", target_c=22.5), [("cabin_temperature", 225, "su7")]),
    (SetClimate(device="heater", mode="heat", target_c=22), [("home_temperature", 220, "heater")]),
    (SetClimate(device="heater", target_c=22), [("home_temperature", 220, "heater")]),
    (SetClimate(device="heater", mode="off", target_c=22), []),
    (SetClimate(device="heater", mode="heat"), []),
    (SetCabin(car="su7", target_c=23), [("cabin_temperature", 230, "su7")]),
    (SetCabin(car="su7", climate="off", target_c=23), []),
    (SetCabin(car="su7"), []),
    (MoveSeat(car="su7", position_percent=40), [("seat", 40, "su7")]),
    (MoveSeat(car="su7", seat="passenger", position_percent=40), []),
    (MoveSeat(car="su7", heating=2), []),
]


@pytest.mark.parametrize(("act", "observed"), BY_HAND, ids=str)
def test_what_is_set_by_hand_is_told(act: Act, observed: list[tuple[str, int, str]]) -> None:
    """As a value with what it was done to; by whoever is named, or who is there."""
    for by in ("lin", None):
        part, effects = dash().step(at(), acted(act, by=by))
        assert told(effects) == observed
        assert {one.by for one in requests(effects)} <= {"lin"}
        assert len(part.untold) == len(observed)


@pytest.mark.parametrize(
    ("known", "senses", "by"),
    [
        (beliefs(), LIN, "lin"),
        (Beliefs(), LIN, "lin"),
        (CONSENTED, FakeSenses(holder="jun"), "lin"),
        (CONSENTED, FakeSenses(holder="tao"), "lin"),
        (beliefs("jun"), FakeSenses(holder="jun"), "jun"),
        (CONSENTED, FakeSenses(), None),
    ],
)
def test_nothing_is_noted_of_whoever_may_not_be_learned_from(
    known: Beliefs, senses: FakeSenses, by: str | None
) -> None:
    """No consent, nothing heard of consent, a guest, or a guest at the wheel: not even for later."""
    for part in (dash(), phone()):
        after, effects = part.step(at(known, senses), acted(SetClimate(device="heater", target_c=22), by=by))
        assert (after.untold, effects) == ((), ())


def test_a_phone_in_somebody_elses_hand_learns_nothing_of_its_owner() -> None:
    """Not when they say that they are its owner either; a voice is nobody's hand."""
    act = SetClimate(device="heater", target_c=22)
    for senses, by in ((FakeSenses(holder="mei"), "lin"), (LIN, "mei")):
        assert phone().step(at(beliefs("lin", "mei"), senses), acted(act, by=by))[0].untold == ()
    assert phone().step(at(), Acted(act, "t", "lin", "inside")) == (phone(), ())


def test_the_seat_of_the_driver_is_that_of_whoever_sits_there() -> None:
    """What a passenger does to it is no habit of theirs; the cabin is everybody's."""
    known = beliefs("lin", "mei")
    assert told(dash().step(at(known), acted(MoveSeat(car="su7", position_percent=40), by="mei"))[1]) == []
    _, effects = dash().step(at(known), acted(SetCabin(car="su7", target_c=23), by="mei"))
    assert told(effects) == [("cabin_temperature", 230, "su7")]


def test_a_departure_is_seen_when_the_car_begins_to_move() -> None:
    """Once, by whoever drives; not while it is only heard of for the first time."""
    part, effects = dash().step(at(beliefs("lin", moving=True)), Learned("su7"))
    assert effects == ()
    part, effects = part.step(at(beliefs("lin", moving=None)), Learned("su7"))
    assert effects == ()
    part, _ = part.step(at(), Learned("su7"))
    assert part.step(at(), Learned("su7")) == (part, ())
    assert part.step(at(beliefs("lin", moving=True), FakeSenses()), Learned("su7"))[1] == ()
    assert part.step(at(beliefs("lin", moving=True), FakeSenses(holder="jun")), Learned("su7"))[1] == ()
    part, effects = part.step(at(beliefs("lin", moving=True)), Learned("su7"))

    assert told(effects) == [("departure", 450, "su7")]
    assert requests(effects)[0].arguments["day"] == MONDAY
    assert part.step(at(beliefs("lin", moving=True)), Learned("su7"))[1] == ()


def test_what_could_not_be_told_waits_and_is_told_in_order() -> None:
    """One at a time; an answer that never came is followed by another attempt."""
    away = beliefs("lin", online=False)
    part, effects = phone().step(at(away), acted(SetClimate(device="heater", target_c=22)))
    assert effects == ()
    part, _ = part.step(at(away), acted(SetClimate(device="heater", target_c=23)))
    part, (first,) = part.step(at(), Linked(up=True))
    assert isinstance(first, Request)
    assert part.step(at(), Linked(up=True)) == (part, ())

    part, effects = part.step(at(), Answered(first.ticket, "cloud", Answer("expired")))
    assert effects == (StartTimer(RETRY_TIMER, RETRY_MS),)
    part, (again,) = part.step(at(), TimerFired(RETRY_TIMER))
    assert isinstance(again, Request)
    assert again.arguments == first.arguments
    assert part.step(at(), Answered(again.ticket, "cloud", Answer("accepted"))) == (part, ())
    part, (second,) = part.step(at(), done(again.ticket))
    assert isinstance(second, Request)
    assert second.arguments["value"] == 230
    part, effects = part.step(at(), Answered(second.ticket, "cloud", Answer("denied")))
    assert (part.untold, effects) == ((), ())


def test_what_waits_survives_a_restart_and_is_forgotten_with_the_consent() -> None:
    """As long as nobody knows of a withdrawal it waits; so much of it at most."""
    away = beliefs("lin", online=False)
    part: Habits = phone()
    for _ in range(WAITING_MAX + 2):
        part, _ = part.step(at(away), acted(SetClimate(device="heater", target_c=22)))
    (report,) = part.report()
    assert report == Suggested(suggested=[], habits_untold=WAITING_MAX)

    again = phone(part.kept())
    assert again.untold == part.untold
    assert again.step(at(Beliefs()), Learned("cloud"))[0].untold == part.untold
    assert again.step(at(beliefs()), Learned("cloud"))[0].untold == ()
    _, effects = again.step(at(), Learned("cloud"))
    assert len(told(effects)) == 1


# --- suggesting --------------------------------------------------------------------------------------------


def test_suggestions_are_asked_for_once_for_each_user_and_part_of_the_day() -> None:
    """And again when nobody answered, as soon as there is news of the cloud."""
    part, effects = phone().step(at(), Booted())
    (question,) = requests(effects)
    assert StartTimer(PART_TIMER, 12_600_000) in effects  # from 07:30 to 11:00
    assert question.arguments["habits"] == ["departure", "home_temperature", "cabin_temperature"]
    assert part.step(at(), Learned("cloud")) == (part, ())
    assert part.step(at(), Sensed()) == (part, ())
    part, _ = part.step(at(), Answered(question.ticket, "cloud", Answer("expired")))
    part, effects = part.step(at(), Learned("cloud"))
    assert len(requests(effects)) == 1
    part, effects = part.step(at(), TimerFired(PART_TIMER))
    assert len(requests(effects)) == 1
    late = FakeSenses(holder="lin", wall_clock="2026-01-12 23:59:30")
    assert StartTimer(PART_TIMER, 30_000) in part.step(at(senses=late), TimerFired(PART_TIMER))[1]


def test_a_screen_asks_for_whoever_sits_down() -> None:
    """And takes away what it suggested to the one before; a guest is asked nothing and told nothing."""
    part = offering(dash(), cabin_temperature=230)
    assert [card.lines[0].text for card in part.cards(at(), "passenger")] == ["230"]
    assert all(line.private for card in part.cards(at(), "driver") for line in card.lines)
    assert part.cards(at(beliefs("lin", moving=True)), "driver") == ()
    assert len(part.cards(at(beliefs("lin", moving=True)), "passenger")) == 1

    guest, effects = part.step(at(senses=FakeSenses(holder="jun")), Sensed())
    assert (guest.suggestions, effects) == ((), (Draw(),))
    assert DriverSeat(at_the_wheel="others") in guest.report()
    assert guest.cards(at(), "passenger") == ()
    back, effects = guest.step(at(), Sensed())
    assert len(requests(effects)) == 1
    assert DriverSeat(at_the_wheel="household") in back.report()
    nobody, _ = back.step(at(senses=FakeSenses()), Sensed())
    assert DriverSeat(at_the_wheel="nobody") in nobody.report()


def test_a_phone_in_another_hand_shows_no_habit_of_its_owner() -> None:
    """On the table it does."""
    part = offering(phone(), home_temperature=220)
    assert part.cards(at(senses=FakeSenses(holder="jun")), "phone") == ()
    assert len(part.cards(at(senses=FakeSenses()), "phone")) == 1


@pytest.mark.parametrize("known", [beliefs(), beliefs("lin", resets=1)], ids=["withdrawn", "reset"])
def test_suggestions_go_with_the_consent_and_with_a_reset(known: Beliefs) -> None:
    """At once, on every screen."""
    part, effects = offering(phone(), home_temperature=220).step(at(known), Learned("cloud"))
    assert part.suggestions == ()
    assert Draw() in effects


@pytest.mark.parametrize(
    "answer",
    [
        Answer("denied"),
        Answer("done", data={"suggestions": [{"habit": "seat"}]}),
        Answer("done", data={"suggestions": [{"habit": "seat", "value": 1, "reason": "", "place": "su7"}]}),
        Answer("done", data={"suggestions": []}),
    ],
)
def test_what_is_no_suggestion_for_this_device_is_not_shown(answer: Answer) -> None:
    """Refused, malformed, none of its business, or nothing."""
    part, effects = phone().step(at(), Booted())
    (question,) = requests(effects)
    after, effects = part.step(at(), Answered(question.ticket, "cloud", answer))
    assert (after.suggestions, effects) == ((), ())


def test_an_answer_after_the_withdrawal_shows_nothing() -> None:
    """Nor does the answer to a question that nobody asked."""
    part, effects = phone().step(at(), Booted())
    found = {"habit": "departure", "value": 460, "reason": "x", "place": "su7"}
    late = done(requests(effects)[0].ticket, suggestions=[found])
    assert part.step(at(beliefs()), late)[0].suggestions == ()
    assert part.step(at(), done("another", suggestions=[found])) == (part, ())


ACCEPTED: list[tuple[Habits, Habit, int, str, str, dict[str, Any]]] = [
    (dash(), "cabin_temperature", 230, "su7", "set_cabin", {"climate": "on", "target_c": 23.0}),
    (dash(), "seat", 40, "su7", "move_seat", {"seat": "driver", "position_percent": 40.0}),
    (dash(), "home_temperature", 220, "heater", "set_climate", {"mode": "heat", "target_c": 22.0}),
    (phone(), "home_temperature", 220, "heater", "set_climate", {"mode": "heat", "target_c": 22.0}),
    (phone(), "cabin_temperature", 230, "su7", "precondition", {"target_c": 23.0}),
    (phone(), "departure", 460, "su7", "precondition", {"target_c": 21.0, "ready_by_ms": 27_600_000}),
]


@pytest.mark.parametrize(("part", "habit", "value", "target", "action", "arguments"), ACCEPTED)
def test_accepting_asks_for_it_and_is_an_observation(  # columns of a table
    part: Habits, habit: Habit, value: int, target: str, action: str, arguments: dict[str, Any]
) -> None:
    """Under the rules of whoever touched it; what became of it is told. A departure is only seen."""
    part, effects = offering(part, **{habit: value}).step(at(), acted(AcceptSuggestion(habit=habit)))
    wish, *rest = requests(effects)

    assert (wish.target, wish.action, wish.arguments, wish.by) == (target, action, arguments, "lin")
    assert [one.action for one in rest] == ([] if habit == "departure" else ["learn_habit"])
    assert part.suggestions == ()
    part, effects = part.step(at(), Answered(wish.ticket, target, Answer("failed", "no")))
    assert effects == (Settle("t1", Answer("failed", "no")),)
    assert part.accepting == {}


def test_a_departure_is_made_ready_for_at_the_usual_warmth() -> None:
    """If that is known; and a room that is too warm is cooled."""
    part = offering(phone(), departure=460, cabin_temperature=235)
    _, effects = part.step(at(), acted(AcceptSuggestion(habit="departure")))
    assert requests(effects)[0].arguments["target_c"] == 23.5

    for room_c, mode in ((25.0, "cool"), (20.0, "heat"), (None, "heat")):
        room = Belief({"room_c": room_c}, START_MS, (1, 1), "unknown")
        known = CONSENTED.heard("heater", "climate_report", room)
        part = offering(phone(), home_temperature=220)
        _, effects = part.step(at(known), acted(AcceptSuggestion(habit="home_temperature")))
        assert requests(effects)[0].arguments["mode"] == mode


def test_whoever_else_accepts_is_not_observed() -> None:
    """They may have it; it is no habit of the owner."""
    for senses, by in ((FakeSenses(holder="mei"), None), (FakeSenses(), None)):
        part = offering(phone(), home_temperature=220)
        act = acted(AcceptSuggestion(habit="home_temperature"), by=by)
        _, effects = part.step(at(senses=senses), act)
        assert [one.action for one in requests(effects)] == ["set_climate"]


def test_what_is_dismissed_is_gone_and_the_cloud_knows() -> None:
    """So that no other screen suggests it."""
    part, effects = offering(dash(), seat=40).step(at(), acted(DismissSuggestion(habit="seat")))
    (dismissal,) = requests(effects)

    assert part.suggestions == ()
    assert (dismissal.action, dismissal.ticket) == (DismissHabit.action, "t1")


def test_what_is_not_suggested_can_be_neither_accepted_nor_dismissed() -> None:
    """It says so in a sentence; a phone that opens no car cannot ask one."""
    for act in (AcceptSuggestion(habit="seat"), DismissSuggestion(habit="seat")):
        sentence = "phone suggests nothing about seat"
        assert phone().step(at(), acted(act)) == (phone(), (Settle("t1", Answer("failed", sentence)),))
    part = offering(phone(paired=False), departure=460)
    _, (settle,) = part.step(at(), acted(AcceptSuggestion(habit="departure")))
    assert settle == Settle("t1", Answer("failed", "phone has no car it could ask"))


def test_without_a_cloud_nothing_happens() -> None:
    """No timer, no question, no observation."""
    part = phone(cloud=False)
    for stimulus in (Booted(), Sensed(), Learned("cloud"), Linked(up=True), Crashed("body", up=False)):
        assert part.step(at(), stimulus) == (part, ())
    assert part.step(at(), acted(SetClimate(device="heater", target_c=22)))[1] == ()
    assert phone().step(at(), Learned("su7")) == (phone(), ())


def watch(owner: str | None = "lin") -> HomeHabits:
    """Return the part of a watch or a tablet."""
    provision = Provision(bytes(32), 1, START_MS, people=PEOPLE, peers=peers())
    return HomeHabits.new("watch", Config(owner=owner), {}).provisioned(provision)


WISH = acted(SetClimate(device="heater", mode="heat", target_c=22))


def test_a_watch_and_a_tablet_tell_how_warm_their_owner_wants_the_home() -> None:
    """As a phone does; they suggest nothing, ask for nothing, and report nothing."""
    part, effects = watch().step(at(), WISH)
    assert told(effects) == [("home_temperature", 220, "heater")]
    part, effects = part.step(at(), Booted())
    assert requests(effects) == []
    assert part.report() == ()
    assert part.cards(at(), "watch") == ()


@pytest.mark.parametrize(
    ("owner", "wearer", "known"),
    [
        ("lin", "mei", beliefs("lin", "mei")),
        ("lin", None, CONSENTED),
        ("jun", "jun", beliefs("jun")),
        ("tao", "tao", beliefs("tao")),
        ("lin", "lin", beliefs("mei")),
        ("lin", "lin", Beliefs()),
        (None, "lin", CONSENTED),
    ],
)
def test_a_watch_tells_of_its_owner_only_and_only_with_their_consent(
    owner: str | None, wearer: str | None, known: Beliefs
) -> None:
    """Nothing of whoever else wears it, a guest or a child, on nobody's device, or without consent."""
    part, effects = watch(owner).step(at(known, FakeSenses(holder=wearer)), WISH)

    assert requests(effects) == []
    assert part.untold == ()


@pytest.mark.parametrize(
    ("mode", "room_c", "wanted"),
    [
        ("heat", 22.5, "heat"),
        ("heat", 23.5, "cool"),
        ("cool", 21.5, "cool"),
        ("cool", 20.5, "heat"),
        ("off", 22.5, "cool"),
        ("off", 21.5, "heat"),
        ("heat", None, "heat"),
    ],
)
def test_a_unit_at_work_goes_on_as_it_does_near_the_suggestion(
    mode: str, room_c: float | None, wanted: str
) -> None:
    """A heater that has just heated is half a degree too warm, and is not made to cool in winter."""
    report = {"mode": mode, "target_c": 20.0, "working": False, "room_c": room_c}
    known = CONSENTED.heard("heater", "climate_report", Belief(report, START_MS, (1, 1), "last"))
    part = offering(phone(), home_temperature=220)
    _, effects = part.step(at(known), acted(AcceptSuggestion(habit="home_temperature")))

    assert requests(effects)[0].arguments == {"mode": wanted, "target_c": 22.0}


def test_what_waits_is_deleted_with_a_consent_that_was_withdrawn_here() -> None:
    """At once, whatever the cloud still reports; an answer under way says nothing of what comes after it."""
    known = beliefs("lin")
    part, effects = phone().step(at(known), acted(SetClimate(device="heater", target_c=22)))
    telling = told(effects)
    assert (len(part.untold), len(telling)) == (1, 1)

    after, effects = part.refused_by(at(known), frozenset({"lin"}))
    assert (after.untold, after.telling, effects) == ((), "", ())
    assert after.step(at(known), acted(SetClimate(device="heater", target_c=23)))[0].untold == ()
    assert after.refused_by(at(known), frozenset({"lin"})) == (after, ())
    again, _ = after.refused_by(at(known), frozenset())
    again, _ = again.step(at(known), acted(SetClimate(device="heater", target_c=24)))
    late, _ = again.step(at(known), Answered(part.telling, "cloud", Answer("done")))
    assert len(late.untold) == 1
