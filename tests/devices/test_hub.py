"""The hub: scenes with their authors' rights, and who comes and goes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Answer,
    Answered,
    Asked,
    Booted,
    CancelTimer,
    Command,
    Effect,
    Emit,
    Learned,
    Presence,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.scenes import DWELL_MS, EFFECTS_MAX, Crossing, SceneEffect, WrittenScene
from sim.devices.hub import RUNS_MAX, SCENES_MAX, Hub, RunScene, Scenes, Vicinity, WriteScene
from sim.devices.hub.fences import FRESH_MS, Fence, Fences, position_of
from sim.physics.travel import on_earth
from tests.senses import START_MS, FakeSenses, commanded, moment, settled

LAMP = SceneEffect(device="lamp", action="set_light", arguments={"power": "on"})
HEAT = SceneEffect(device="heater", action="set_climate", arguments={"mode": "heat"})
UNLOCK = SceneEffect(device="su7", action="unlock")
COMES = Crossing(device="su7", enters_m=500.0)
GOES = Crossing(device="su7", leaves_m=500.0)
SCENES = {
    "welcome": WrittenScene(author="lin", when=COMES, effects=(LAMP, UNLOCK)),
    "goodbye": WrittenScene(author="mei", when=GOES, effects=(HEAT,)),
    "cosy": WrittenScene(author="jun", effects=(LAMP,)),
}
TIMER = "dwell su7 500 60000"
HOME = (40.0, 116.5)


def new(scenes: Mapping[str, WrittenScene] = SCENES, **kept: Any) -> Hub:
    """Return a hub in its second life."""
    hub = Hub.new("hub", Hub.Config(home="home", room="hall", scenes=dict(scenes)), kept)
    return hub.provisioned(Provision(b"", 2, START_MS))


def where(
    away_m: float | None, sampled_ms: int = 0, device: str = "su7", before: Beliefs | None = None
) -> Beliefs:
    """Return what a hub believes that heard where something is; None for one that says nothing of it."""
    values: dict[str, Any] = {"asleep": False}
    if away_m is not None:
        latitude_deg, longitude_deg = on_earth((away_m, 0.0), HOME)
        values = {"latitude_deg": latitude_deg, "longitude_deg": longitude_deg}
    report = Belief(values, START_MS + sampled_ms, (1, 1 + max(sampled_ms, 0)), "last")
    return (before or Beliefs()).heard(device, "location", report)


def stepped(
    hub: Hub, stimulus: Stimulus, at_ms: int = 0, beliefs: Beliefs | None = None
) -> tuple[Hub, tuple[Effect, ...]]:
    """Return what becomes of a hub at home."""
    return hub.step(moment(FakeSenses(place=HOME), at_ms, beliefs or Beliefs()), stimulus)


def asked_for(effects: tuple[Effect, ...]) -> list[tuple[str, str, str | None]]:
    """Return what is asked of whom, on whose behalf."""
    return [(one.target, one.action, one.by) for one in effects if isinstance(one, Request)]


def answers(hub: Hub, effects: tuple[Effect, ...], *several: Answer) -> tuple[Hub, tuple[Effect, ...]]:
    """Return a hub whose effects were answered in turn, and what followed from the last."""
    last: tuple[Effect, ...] = ()
    for request, answer in zip([one for one in effects if isinstance(one, Request)], several, strict=True):
        hub, last = stepped(hub, Answered(request.ticket, request.target, answer))
    return hub, last


def scenes_of(hub: Hub) -> Scenes:
    """Return what a hub reports of its scenes."""
    (report,) = (one for one in hub.report() if isinstance(one, Scenes))
    return report


DONE = Answer("done")
DENIED = Answer("denied", "only a key", denial={"rules": ["key-in-range", "key-or-built-in"]})

# --- scenes ---------------------------------------------------------------------------------------


def test_scene_asks_for_each_effect_on_behalf_of_its_author() -> None:
    """Whoever runs it: Mei asks, and Lin's scene asks in Lin's name."""
    hub, effects = stepped(new(), commanded(RunScene(scene="welcome"), by="mei"))

    assert asked_for(effects) == [("lamp", "set_light", "lin"), ("su7", "unlock", "lin")]
    assert [one.ticket for one in effects if isinstance(one, Request)] == ["hub-2-1-0", "hub-2-1-1"]
    assert [one.arguments for one in effects if isinstance(one, Request)] == [{"power": "on"}, {}]
    assert scenes_of(hub).running == ["welcome"]


def test_scene_says_what_became_of_each_effect() -> None:
    """What was refused did not happen, and the rest did; whoever asked is told by which rules."""
    hub, effects = stepped(new(), commanded(RunScene(scene="welcome")))
    hub, ended = answers(hub, effects, DONE, DENIED)
    (settlement,) = (one for one in ended if isinstance(one, Settle))

    assert (settlement.ticket, settlement.answer.status) == ("t1", "done")
    assert settlement.answer.reason == "1 done, 1 denied"
    assert settlement.answer.data["results"] == [
        {"device": "lamp", "action": "set_light", "status": "done", "reason": "", "rules": []},
        {
            "device": "su7",
            "action": "unlock",
            "status": "denied",
            "reason": "only a key",
            "rules": ["key-in-range", "key-or-built-in"],
        },
    ]
    assert scenes_of(hub) == Scenes(
        scenes=["welcome", "goodbye", "cosy"],
        running=[],
        runs=1,
        last_scene="welcome",
        last_author="lin",
        last_cause="asked",
        last_result="1 done, 1 denied",
        last_rules=["key-in-range", "key-or-built-in"],
    )


def test_scene_of_which_nothing_was_done_has_failed() -> None:
    """A guest's scene that is refused as a whole is no success."""
    hub, effects = stepped(new(), commanded(RunScene(scene="welcome")))
    _, ended = answers(hub, effects, Answer("expired"), DENIED)

    assert settled(ended) == [("t1", "failed")]


def test_scene_waits_for_its_last_effect() -> None:
    """News on the way and answers to nothing end nothing."""
    hub, effects = stepped(new(), commanded(RunScene(scene="welcome")))
    waking, nothing = stepped(hub, Answered("hub-2-1-1", "su7", Answer("waking")))
    strange, none = stepped(waking, Answered("hub-1-1-1", "su7", DONE))
    half, still = stepped(strange, Answered("hub-2-1-1", "su7", DENIED))
    again, twice = stepped(half, Answered("hub-2-1-1", "su7", DONE))

    assert (nothing, none, still, twice) == ((), (), (), ())
    assert (waking, strange, again) == (hub, hub, half)
    assert len([one for one in effects if isinstance(one, Request)]) == 2


def test_scene_that_is_not_there_cannot_run() -> None:
    """It says so, with the name."""
    hub, effects = stepped(new(), commanded(RunScene(scene="party")))

    assert [one.answer.reason for one in effects if isinstance(one, Settle)] == ["hub has no scene `party`"]
    assert hub == new()


def test_hub_runs_a_few_scenes_at_once() -> None:
    """What is too much fails at once; the others go on beside each other."""
    hub = new()
    for number in range(RUNS_MAX):
        hub, _ = stepped(hub, commanded(RunScene(scene="cosy"), f"t{number}"))
    full, effects = stepped(hub, commanded(RunScene(scene="cosy"), "t9"))
    rest, ended = stepped(full, Answered("hub-2-2-0", "lamp", DONE))

    assert settled(effects) == [("t9", "failed")]
    assert (full, settled(ended)) == (hub, [("t1", "done")])
    assert [run.ticket for run in rest.running] == ["t0", "t2", "t3"]


# --- writing --------------------------------------------------------------------------------------


def write(hub: Hub, by: str | None = "mei", **wish: Any) -> tuple[Hub, tuple[Effect, ...]]:
    """Let somebody write a scene."""
    return stepped(hub, commanded(WriteScene(**wish), by=by))


def test_author_is_whoever_the_node_says_asks() -> None:
    """A message has no field for it."""
    hub, effects = write(new(), scene="reading", effects=[LAMP])

    assert settled(effects) == [("t1", "done")]
    assert hub.scenes["reading"] == WrittenScene(author="mei", effects=(LAMP,))
    assert scenes_of(hub).scenes == ["welcome", "goodbye", "cosy", "reading"]
    with pytest.raises(ValidationError):
        WriteScene.model_validate({"scene": "reading", "effects": [], "author": "lin"})


def test_scene_that_is_written_anew_has_another_author() -> None:
    """The owner takes a scene over; what waits for the car waits on."""
    hub, _ = write(new(), by="lin", scene="goodbye", when=GOES, effects=[LAMP])

    assert hub.scenes["goodbye"] == WrittenScene(author="lin", when=GOES, effects=(LAMP,))


def test_scene_without_effects_is_taken_away() -> None:
    """Once; a second time there is nothing to take."""
    hub, effects = write(new(), scene="cosy")
    _, again = write(hub, scene="cosy")

    assert (settled(effects), settled(again)) == ([("t1", "done")], [("t1", "failed")])
    assert "cosy" not in hub.scenes


def test_hub_keeps_so_many_scenes_and_no_more() -> None:
    """One of them can still be written anew."""
    full = new({f"s{number}": SCENES["cosy"] for number in range(SCENES_MAX)})

    assert settled(write(full, scene="more", effects=[LAMP])[1]) == [("t1", "failed")]
    assert settled(write(full, scene="s0", effects=[HEAT])[1]) == [("t1", "done")]


def test_scene_asks_nothing_of_its_own_hub() -> None:
    """Or it could call itself for ever."""
    loop = SceneEffect(device="hub", action="run_scene", arguments={"scene": "loop"})
    hub, effects = write(new(), scene="loop", effects=[LAMP, loop])

    assert settled(effects) == [("t1", "failed")]
    assert hub == new()


def test_scene_that_nobody_writes_is_not_kept() -> None:
    """The rules permit it to nobody, and the hub would not know whose it is."""
    assert write(new(), by=None, scene="ghost", effects=[LAMP]) == (new(), ())


def test_scene_has_its_limits() -> None:
    """Too many effects, two directions or none, a border in the living room: none of it is a scene."""
    for wrong in (
        {"scene": "s", "effects": [LAMP] * (EFFECTS_MAX + 1)},
        {"scene": "S!", "effects": [LAMP]},
        {"scene": "s", "when": {"device": "su7"}, "effects": [LAMP]},
        {"scene": "s", "when": {"device": "su7", "enters_m": 500.0, "leaves_m": 500.0}, "effects": [LAMP]},
        {"scene": "s", "when": {"device": "su7", "enters_m": 20.0}, "effects": [LAMP]},
        {"scene": "s", "when": {"device": "su7", "leaves_m": 500.0, "dwell_ms": 10}, "effects": [LAMP]},
    ):
        with pytest.raises(ValidationError):
            WriteScene.model_validate(wrong, by_name=True)


@pytest.mark.parametrize(
    ("command", "by", "own"),
    [
        (RunScene(scene="welcome"), "lin", True),
        (RunScene(scene="welcome"), "mei", False),
        (RunScene(scene="welcome"), None, False),
        (RunScene(scene="party"), "lin", None),
        (WriteScene(scene="welcome"), "lin", True),
        (WriteScene(scene="welcome"), "mei", False),
        (WriteScene(scene="party"), "mei", True),
        (None, "lin", None),
    ],
)
def test_hub_tells_the_rules_whose_scene_it_is(
    command: Command | None,
    by: str | None,
    own: bool | None,  # noqa: FBT001  # a column of the table
) -> None:
    """Two rules weigh it, "scene-is-its-authors" and "authors-run-their-scenes"; absent is not known."""
    asked = Asked("run_scene", command, "phone", by, Presence())

    assert new().circumstances(moment(FakeSenses()), asked).own is own


# --- coming and going -----------------------------------------------------------------------------


def heard(hub: Hub, away_m: float, at_ms: int, late_ms: int = 0) -> tuple[Hub, tuple[Effect, ...]]:
    """Let a hub hear where the car was a while ago."""
    return stepped(hub, Learned("su7"), at_ms, where(away_m, at_ms - late_ms))


def away(at_ms: int = 0) -> Hub:
    """Return a hub that knows that the car is far away."""
    return heard(new(), 5_000, at_ms)[0]


def near(hub: Hub) -> list[str]:
    """Return what a hub says is near."""
    (report,) = (one for one in hub.report() if isinstance(one, Vicinity))
    return report.near


def test_car_that_comes_near_and_stays_has_arrived() -> None:
    """It is told, the scene that waits for it runs on behalf of its author, and no other."""
    hub, seen = heard(away(), 400, 10_000)
    hub, effects = stepped(hub, TimerFired(TIMER), 70_000, where(100, 20_000))

    assert seen == (StartTimer(TIMER, DWELL_MS),)
    assert effects[0] == Emit("arrived", {"device": "su7", "within_m": 500.0})
    assert asked_for(effects) == [("lamp", "set_light", "lin"), ("su7", "unlock", "lin")]
    assert near(hub) == ["su7"]
    hub, ended = answers(hub, effects, DONE, DENIED)
    assert ended == ()
    assert (scenes_of(hub).last_cause, scenes_of(hub).last_result) == ("arrived", "1 done, 1 denied")


def test_car_that_goes_far_and_stays_has_left() -> None:
    """The other scene runs, for another author."""
    home, _ = heard(new(), 0, 0)
    hub, seen = heard(home, 700, 10_000)
    hub, effects = stepped(hub, TimerFired(TIMER), 70_000, where(900, 20_000))

    assert near(home) == ["su7"]
    assert seen == (StartTimer(TIMER, DWELL_MS),)
    assert effects[0] == Emit("left", {"device": "su7", "within_m": 500.0})
    assert asked_for(effects) == [("heater", "set_climate", "mei")]
    assert near(hub) == []


def test_car_that_passes_by_has_not_arrived() -> None:
    """It is out again before the dwell is over: the timer is stopped, and a late one does nothing."""
    hub, _ = heard(away(), 400, 10_000)
    hub, effects = heard(hub, 900, 40_000)

    assert effects == (CancelTimer(TIMER),)
    assert stepped(hub, TimerFired(TIMER), 70_000, where(900, 40_000)) == (hub, ())


def test_car_at_the_border_does_not_flap() -> None:
    """Between 500 and 600 m everything stays as it was, and a dwell that has begun does not go on."""
    hub, effects = heard(away(), 550, 10_000)
    assert (near(hub), effects) == ([], ())
    hub, _ = heard(hub, 499, 20_000)
    hub, effects = heard(hub, 550, 30_000)
    assert effects == (CancelTimer(TIMER),)

    home, _ = heard(new(), 0, 0)
    still, effects = heard(home, 550, 10_000)
    assert (near(still), effects) == (["su7"], ())


def test_car_that_goes_on_coming_starts_no_second_dwell() -> None:
    """The clock runs from when it came."""
    hub, _ = heard(away(), 400, 10_000)

    assert heard(hub, 200, 20_000)[1] == ()


def test_first_position_tells_where_and_not_that_it_came() -> None:
    """A hub that is new does not greet who has been there for hours."""
    hub, effects = heard(new(), 0, 0)

    assert (near(hub), effects) == (["su7"], ())


@pytest.mark.parametrize("late_ms", [FRESH_MS + 1, -FRESH_MS - 1])
def test_old_position_starts_nothing(late_ms: int) -> None:
    """It says where the car is; also one from a clock that is far ahead."""
    hub, effects = heard(away(), 0, 600_000, late_ms)

    assert (near(hub), effects) == (["su7"], ())
    assert heard(away(), 0, 600_000, FRESH_MS)[1] == (StartTimer(TIMER, DWELL_MS),)


def test_old_position_ends_a_dwell() -> None:
    """Whatever comes late, what was about to happen is not news any more."""
    hub, _ = heard(away(), 400, 10_000)
    hub, effects = heard(hub, 400, 600_000, FRESH_MS + 1)

    assert (near(hub), effects) == (["su7"], (CancelTimer(TIMER),))


def test_dwell_without_news_for_too_long_ends_in_nothing() -> None:
    """A timer that fires hours later, because the hub slept, greets nobody."""
    hub, _ = heard(away(), 400, 10_000)
    late_ms = 10_000 + FRESH_MS + DWELL_MS + 1
    hub, effects = stepped(hub, TimerFired(TIMER), late_ms, where(400, 10_000))
    assert (near(hub), effects) == ([], ())

    hub, _ = heard(away(), 400, 10_000)
    assert stepped(hub, TimerFired(TIMER), 70_000)[1] == ()


def test_news_that_is_not_about_the_place_changes_nothing() -> None:
    """The same position again, another device, or one that says nothing of it."""
    hub = away()

    assert stepped(hub, Learned("su7"), 5_000, where(5_000)) == (hub, ())
    assert stepped(hub, Learned("phone"), 5_000, where(5_000)) == (hub, ())
    assert stepped(hub, Learned("su7"), 5_000, where(None)) == (hub, ())
    other, effects = stepped(hub, Learned("phone"), 5_000, where(0, 5_000, "phone"))
    assert (near(other), effects) == ([], ())


def test_each_scene_has_its_own_border() -> None:
    """One waits at 2 km for two seconds, the other at 500 m; a phone has borders like a car."""
    early = Crossing(device="su7", enters_m=2_000.0, dwell_ms=2_000)
    walks = Crossing(device="phone", enters_m=100.0)
    hub = new(
        {
            "warm": WrittenScene(author="lin", when=early, effects=(HEAT,)),
            "light": WrittenScene(author="lin", when=COMES, effects=(LAMP,)),
            "door": WrittenScene(author="lin", when=walks, effects=(LAMP,)),
        }
    )
    hub, _ = heard(hub, 5_000, 0)
    hub, seen = heard(hub, 1_500, 10_000)
    hub, effects = stepped(hub, TimerFired("dwell su7 2000 2000"), 12_000, where(1_500, 10_000))

    assert seen == (StartTimer("dwell su7 2000 2000", 2_000),)
    assert asked_for(effects) == [("heater", "set_climate", "lin")]
    assert near(hub) == ["su7"]
    _, seen = heard(hub, 400, 20_000)
    assert seen == (StartTimer(TIMER, DWELL_MS),)


def test_written_scene_begins_with_what_is_known() -> None:
    """A scene that is written while the car is at home does not greet it; old borders have no timer left."""
    hub = new({"welcome": SCENES["welcome"]})
    hub, _ = heard(hub, 5_000, 0)
    hub, _ = heard(hub, 400, 10_000)
    wide = Crossing(device="su7", enters_m=3_000.0)
    wish = commanded(WriteScene(scene="welcome", when=wide, effects=[LAMP]))
    hub, effects = stepped(hub, wish, 20_000, where(400, 10_000))

    assert (near(hub), effects) == (["su7"], (CancelTimer(TIMER), Settle("t1", DONE)))
    unheard, _ = stepped(new({}), wish)
    assert near(unheard) == []


def test_restart_greets_nobody_twice() -> None:
    """Scenes and whereabouts are kept; what the car says next finds it where it was."""
    hub, _ = heard(away(), 400, 10_000)
    hub, _ = stepped(hub, TimerFired(TIMER), 70_000, where(100, 20_000))
    hub, _ = write(hub, scene="reading", effects=[LAMP])
    again, effects = stepped(new({}, **hub.kept()), Booted(), 80_000)
    again, heard_again = heard(again, 100, 90_000)

    assert (effects, heard_again) == ((), ())
    assert (near(again), again.running, again.scenes) == (["su7"], (), hub.scenes)


def test_restart_while_the_car_comes_greets_it_once() -> None:
    """The dwell begins anew: it had not arrived yet."""
    hub, _ = heard(away(), 400, 10_000)
    again, _ = stepped(new({}, **hub.kept()), Booted(), 20_000)

    assert heard(again, 300, 30_000)[1] == (StartTimer(TIMER, DWELL_MS),)


@pytest.mark.parametrize("stimulus", [Sensed(), TimerFired("look")])
def test_hub_ignores_what_does_not_concern_it(stimulus: Stimulus) -> None:
    """It senses nothing and has no other timer."""
    assert stepped(new(), stimulus) == (new(), ())


# --- every drive ----------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 3_000), st.integers(1_000, 200_000)), max_size=40))
def test_arrivals_and_departures_take_turns(drive: list[tuple[float, int]]) -> None:
    """However a car wanders, it arrives only after it has left, and each time has dwelt there."""
    hub, now_ms, due_ms = away(), 0, None
    beliefs = where(5_000)
    told: list[str] = []
    for away_m, passed_ms in drive:
        if due_ms is not None and due_ms <= now_ms + passed_ms:
            hub, effects = stepped(hub, TimerFired(TIMER), due_ms, beliefs)
            told += [one.name for one in effects if isinstance(one, Emit)]
            hub = replace(hub, running=())
            due_ms = None
        now_ms += passed_ms
        beliefs = where(away_m, now_ms, before=beliefs)
        hub, effects = stepped(hub, Learned("su7"), now_ms, beliefs)
        for one in effects:
            assert one in (StartTimer(TIMER, DWELL_MS), CancelTimer(TIMER))
            due_ms = now_ms + DWELL_MS if isinstance(one, StartTimer) else None

    assert told == [("arrived", "left")[number % 2] for number in range(len(told))]
    assert (near(hub) == ["su7"]) is (len(told) % 2 == 1)


def test_fence_is_in_within_and_out_well_beyond() -> None:
    """A fifth farther, and 50 m at least."""
    wide, small = Fence("su7", 1_000.0, 1), Fence("su7", 100.0, 1)

    assert [wide.side(at_m) for at_m in (0, 1_000, 1_001, 1_199, 1_200)] == ["in", "in", None, None, "out"]
    assert [small.side(at_m) for at_m in (100, 149, 150)] == ["in", None, "out"]


def test_position_needs_both_angles() -> None:
    """Half a position is none, and so is one whose sensor is blind."""
    half = Beliefs().heard("su7", "location", Belief({"latitude_deg": 40.0}, 0, (1, 1), "last"))
    blind = where(None)

    assert position_of(half, "su7") is None
    assert position_of(blind, "su7") is None
    assert position_of(Beliefs(), "su7") is None
    assert Fences.restored({}) == Fences()
