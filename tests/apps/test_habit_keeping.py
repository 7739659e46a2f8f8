"""The cloud keeps what somebody consented to and nothing else, suggests, forgets, and lists what was used."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from sim.apps.advertising import UseForAdvertising
from sim.apps.habits.estimates import Habit
from sim.apps.habits.keeping import KEPT_DAYS, MUTED_DAYS, OBSERVATIONS_MAX, Keeping
from sim.apps.habits.messages import (
    USES_MAX,
    DataUse,
    DismissHabit,
    ForgetHabits,
    LearnHabit,
    ListAdvertisingUse,
    SetDataConsent,
    SuggestHabits,
    Use,
)
from sim.core.beliefs import Beliefs
from sim.core.device import Answer, Asked, Booted, Command, Commanded, Peer, Presence, Provision, Settle
from sim.services.cloud import Cloud
from tests.apps.habitual import MONDAY, MORNING
from tests.senses import START_MS, FakeSenses, heard, moment

ADVERTISEMENTS = {"charging": "Night tariff at home", "media": "Films for half the price"}
KINDS = {"cloud": "cloud", "dash": "dashboard", "phone": "phone"}


def keeping(given: Mapping[str, Any] | None = None) -> Keeping:
    """Return what the cloud of a household with a car and a phone keeps."""
    peers = {name: Peer(kind, None, kind == "dashboard", bytes(32)) for name, kind in KINDS.items()}
    config = Cloud.Config.model_validate({"advertisements": ADVERTISEMENTS})
    part = Keeping.new("cloud", config, given or {})
    return part.provisioned(Provision(bytes(32), 1, START_MS, peers=peers))


def clock(day: int, minute: int = MORNING) -> str:
    """Return the clock on the wall, so many days after Monday 12 January 2026."""
    return f"2026-{1 + (11 + day) // 31:02}-{(11 + day) % 31 + 1:02} {minute // 60:02}:{minute % 60:02}:00"


def ask(
    part: Keeping, command: Command, *, day: int = 0, by: str | None = "lin", sender: str = "phone", **at: int
) -> tuple[Keeping, Answer]:
    """Let somebody ask something that the rules permit, and return both."""
    senses = FakeSenses(wall_clock=clock(day, at.get("minute", MORNING)))
    after, (settle,) = part.step(moment(senses), Commanded(command, "t", sender, by, START_MS + 30_000))
    assert isinstance(settle, Settle)
    return after, settle.answer


def consenting(use: Use = "learning", person: str = "lin", granted: bool = True) -> SetDataConsent:  # noqa: FBT001, FBT002  # as the command has it
    """Return the command by which somebody consents."""
    return SetDataConsent(person=person, use=use, granted=granted)


def learned(day: int, value: int = 230, habit: Habit = "cabin_temperature", **more: Any) -> LearnHabit:
    """Return what a device observes, so many days after that Monday."""
    told = {"id": f"dash-{habit}-{day}", "minute": MORNING, "place": "su7", **more}
    return LearnHabit(day=MONDAY + day, habit=habit, value=value, **told)


def taught(days: int = 4, habit: Habit = "cabin_temperature", value: int = 230) -> Keeping:
    """Return what is kept of Lin after some mornings."""
    part, _ = ask(keeping(), consenting())
    for day in range(days):
        part, answer = ask(part, learned(day, value, habit), day=day, sender="dash")
        assert answer.status == "done"
    return part


def suggested(part: Keeping, *habits: Habit, day: int = 4) -> list[dict[str, Any]]:
    """Return what is suggested to Lin."""
    _, answer = ask(part, SuggestHabits(habits=list(habits or ("cabin_temperature",))), day=day)
    found: list[dict[str, Any]] = answer.data["suggestions"]
    return found


def report(part: Keeping) -> DataUse:
    """Return what the cloud says of it."""
    (told,) = part.report()
    assert isinstance(told, DataUse)
    return told


def test_what_was_learned_is_suggested_with_its_reason() -> None:
    """A habit of three days or more, at such a time of such a day."""
    (found,) = suggested(taught())

    reason = "23 °C on 4 of your last 4 workday mornings, set at dash"
    assert found == {"habit": "cabin_temperature", "value": 230, "reason": reason, "place": "su7"}
    assert suggested(taught(2)) == []
    assert suggested(taught(), day=5) == []


def test_what_is_learned_at_home_serves_in_a_car_that_was_never_set() -> None:
    """And not the other way round: what a cabin is set to says nothing of a room."""
    (found,) = suggested(taught(habit="home_temperature", value=220), "cabin_temperature", "seat")
    assert (found["habit"], found["value"]) == ("cabin_temperature", 220)
    assert suggested(taught(), "home_temperature") == []


def test_the_same_observation_twice_counts_once() -> None:
    """Whoever did not hear the answer tells it again."""
    part = taught(1)
    again, answer = ask(part, learned(0), sender="dash")

    assert answer.status == "done"
    assert again.people == part.people
    assert report(again).observations == 1


def test_nothing_is_kept_from_before_the_consent_or_of_days_to_come() -> None:
    """What waited at a device through a withdrawal does not come back."""
    part, _ = ask(keeping(), consenting(), day=3)

    for told in (learned(2), learned(3, minute=MORNING - 1), learned(5)):
        after, answer = ask(part, told, day=3)
        assert answer.status == "failed"
        assert after.people == part.people
    assert ask(part, learned(4), day=3)[1].status == "done"


def test_consent_once_more_changes_nothing() -> None:
    """It counts from when it was first given."""
    part = taught()
    assert ask(part, consenting(), day=5)[0].people == part.people


def test_a_withdrawn_consent_takes_everything_with_it() -> None:
    """Nothing is left of that person: not a name."""
    part, _ = ask(taught(), DismissHabit(habit="seat"), day=4)
    part, answer = ask(part, consenting(granted=False), day=4)

    assert answer.status == "done"
    assert part.people == {}
    assert report(part) == DataUse(learning_from=[], advertising_to=[], observations=0, resets=0)


def test_one_consent_is_not_the_other() -> None:
    """Withdrawing one leaves what rests on the other."""
    part, _ = ask(taught(), consenting("advertising"))
    part, _ = ask(part, UseForAdvertising(category="media", day=MONDAY))
    without_habits, _ = ask(part, consenting(granted=False))
    without_advertising, _ = ask(part, consenting("advertising", granted=False))

    assert (report(without_habits).observations, without_habits.people["lin"].used) == (
        0,
        part.people["lin"].used,
    )
    assert (report(without_advertising).observations, without_advertising.people["lin"].used) == (4, ())
    assert report(part).advertising_to == report(part).learning_from == ["lin"]


def test_a_reset_forgets_and_stays_consented() -> None:
    """One habit or all; what was observed until that minute does not come back, what comes later counts."""
    part, _ = ask(taught(), learned(4, 40, "seat", minute=MORNING - 1), day=4)
    part, _ = ask(part, DismissHabit(habit="seat"), day=4)
    one, _ = ask(part, ForgetHabits(habit="cabin_temperature"), day=4)
    all_, _ = ask(part, ForgetHabits(), day=4)

    assert [seen.habit for seen in one.people["lin"].observations] == ["seat"]
    assert len(one.people["lin"].muted) == 1
    assert (report(all_).observations, report(all_).resets, report(all_).learning_from) == (0, 1, ["lin"])
    assert all_.people["lin"].muted == {}
    assert ask(all_, learned(4), day=4)[1].status == "failed"
    assert ask(all_, learned(4, minute=MORNING + 1), day=4)[1].status == "done"


def test_whoever_consented_to_nothing_can_reset_all_the_same() -> None:
    """It changes nothing, and gives no consent."""
    part, answer = ask(keeping(), ForgetHabits())
    assert (answer.status, part.people) == ("done", {})
    part, _ = ask(keeping(), consenting("advertising"))
    assert report(ask(part, ForgetHabits())[0]).learning_from == []


def test_what_was_dismissed_comes_back_after_a_week() -> None:
    """Only that habit, only at such times."""
    part, _ = ask(taught(), DismissHabit(habit="cabin_temperature"), day=4)

    assert suggested(part) == []
    assert suggested(part, day=3 + MUTED_DAYS) == []
    assert len(suggested(part, day=4 + MUTED_DAYS)) == 1


def test_old_observations_and_too_many_go() -> None:
    """After a season, and beyond so many of one habit; other habits are not touched by that."""
    part, _ = ask(taught(1), learned(0, 40, "seat"), day=0)
    for number in range(OBSERVATIONS_MAX + 5):
        part, _ = ask(part, learned(1, id=f"x{number:03}", minute=400 + number), day=1)
    observations = part.people["lin"].observations
    assert sum(one.habit == "cabin_temperature" for one in observations) == OBSERVATIONS_MAX
    assert observations[0].habit == "seat"

    later = Keeping(part.people)
    after, _ = later.people["lin"].observed(observations[-1], MONDAY + 1), None
    assert after is later.people["lin"]
    told = observations[-1]
    fresh = part.people["lin"].observed(
        type(told)(MONDAY + KEPT_DAYS + 1, 500, "new", "seat", 45, "dash", "su7"), MONDAY + KEPT_DAYS + 1
    )
    assert [one.id for one in fresh.observations] == ["new"]


def test_advertising_is_one_a_day_and_is_listed() -> None:
    """What was used is kept by category, device and day; only some of it brings an advertisement."""
    part, _ = ask(keeping(), consenting("advertising"))
    part, none = ask(part, UseForAdvertising(category="reservations", day=MONDAY))
    part, first = ask(part, UseForAdvertising(category="media", day=MONDAY))
    part, second = ask(part, UseForAdvertising(category="charging", day=MONDAY), sender="dash")
    part, tomorrow = ask(part, UseForAdvertising(category="charging", day=MONDAY), day=1, sender="dash")
    _, listed = ask(part, ListAdvertisingUse())

    assert (none.data, second.data) == ({}, {})
    assert first.data == {"category": "media", "text": "Films for half the price"}
    assert tomorrow.data == {"category": "charging", "text": "Night tariff at home"}
    assert [(one["category"], one["device"], one["day"]) for one in listed.data["used"]] == [
        ("charging", "dash", "2026-01-12"),
        ("media", "phone", "2026-01-12"),
        ("reservations", "phone", "2026-01-12"),
        ("charging", "dash", "2026-01-13"),
    ]
    for day in range(2, USES_MAX + 4):
        part, _ = ask(part, UseForAdvertising(category="media", day=MONDAY), day=day % 40, sender=f"d{day}")
    assert len(part.people["lin"].used) == USES_MAX


def test_what_is_no_category_is_not_used() -> None:
    """The rules refuse it already; nothing is kept of it either way."""
    part, _ = ask(keeping(), consenting("advertising"))
    after, answer = ask(part, UseForAdvertising(category="camera", day=MONDAY))
    assert (answer.status, after.people) == ("failed", part.people)


def test_nobody_is_answered_and_nothing_is_done_otherwise() -> None:
    """A command in nobody's name is about nobody; what is no command is none of its business."""
    assert ask(keeping(), SuggestHabits(habits=["seat"]), by=None)[1].status == "failed"
    assert keeping().step(moment(FakeSenses()), Booted()) == (keeping(), ())


def test_everything_survives_a_restart() -> None:
    """Consents above all."""
    part = taught()
    assert keeping(part.kept()).people == part.people
    assert Keeping.new("cloud", None, {}).advertisements == {}


# --- what the rules are told ------------------------------------------------------------------------------


def facts(command: Command | None, by: str | None = "lin", part: Keeping | None = None, **at: Beliefs) -> Any:
    """Return what the rules are told of a command."""
    asked = Asked("x", command, "phone", by, Presence())
    beliefs = at.get("beliefs", heard("dash", "driver_seat", at_the_wheel="nobody"))
    return (part or keeping()).told(moment(FakeSenses(), beliefs=beliefs), asked)


def test_consent_is_about_oneself_or_somebody_else() -> None:
    """A list names nobody: it is the asker's."""
    assert facts(consenting()) == {"own": True}
    assert facts(consenting(person="mei")) == {"own": False}
    assert facts(ListAdvertisingUse()) == {"own": True}
    assert facts(ListAdvertisingUse(), by=None) == {"own": False}
    assert facts(ForgetHabits()) == facts(None) == {}


@pytest.mark.parametrize("command", [learned(0), SuggestHabits(habits=["seat"]), DismissHabit(habit="seat")])
def test_learning_tells_consent_and_who_drives(command: Command) -> None:
    """Whoever has said nothing has not consented."""
    assert facts(command) == {"consented": False, "guest_drives": False}
    assert facts(command, part=taught()) == {"consented": True, "guest_drives": False}
    assert facts(command, by="mei", part=taught()) == {"consented": False, "guest_drives": False}


@pytest.mark.parametrize(
    ("seat", "online", "guest"),
    [
        ("others", True, True),
        ("household", True, False),
        ("nobody", True, False),
        ("others", False, None),
        ("household", False, None),
    ],
)
def test_who_drives_is_known_or_not(seat: str, online: bool, guest: bool | None) -> None:  # noqa: FBT001  # columns of a table
    """Of a car whose screen is gone nobody knows."""
    beliefs = heard("dash", "driver_seat", online=online, at_the_wheel=seat)
    assert facts(learned(0), beliefs=beliefs)["guest_drives"] is guest
    assert facts(learned(0), beliefs=Beliefs())["guest_drives"] is None
    assert facts(learned(0), part=Keeping(), beliefs=beliefs)["guest_drives"] is False


def test_advertising_tells_its_category_and_consent() -> None:
    """Of what is to be used, as it is said."""
    part, _ = ask(keeping(), consenting("advertising"))
    wish = UseForAdvertising(category="camera", day=MONDAY)

    assert facts(wish, part=part) == {"category": "camera", "consented": True}
    assert facts(wish, part=taught()) == {"category": "camera", "consented": False}


@pytest.mark.parametrize(
    ("habit", "value"),
    [("cabin_temperature", 159), ("home_temperature", 301), ("seat", -1), ("departure", 1_440)],
)
def test_an_observation_that_cannot_be_is_refused_with_its_limits(habit: Habit, value: int) -> None:
    """In one sentence that says what to write."""
    with pytest.raises(ValidationError, match=r"is .* to .*: write a number within"):
        learned(0, value, habit)
