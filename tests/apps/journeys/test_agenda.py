"""The calendar app of a phone: when to leave, what it asks of the car, and what nobody else gets to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from sim.apps.journeys.agenda import (
    CARD_AHEAD_MS,
    LOOK_EVERY_MS,
    MOVED_MAX,
    Agenda,
    AgendaPlan,
    AgreeToPlan,
    CancelAppointment,
    ReceiveCalendar,
    Reschedule,
    ShowAppointment,
)
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import (
    Act,
    Acted,
    Answer,
    Answered,
    Booted,
    Effect,
    Learned,
    Moment,
    Peer,
    Provision,
    Request,
    Sensed,
    Settle,
    StartTimer,
    Status,
    TimerFired,
)
from sim.core.roads import RoadMap
from sim.trust.derivation import box_key
from tests.documents.test_appointments import REVIEW, calendar
from tests.maps import TWO_WAYS, at, road
from tests.senses import FakeSenses

HOME, OFFICE = (40.0, 116.5), (40.1, 116.6)
PUBLIC = calendar(REVIEW)
PRIVATE = calendar(f"{REVIEW}\nCLASS:PRIVATE")
ELSEWHERE = calendar(REVIEW.replace("Office\\, third floor", "Atlantis"))
SEED = bytes(32)
BOX = box_key(bytes(31) + b"d").public_key().public_bytes_raw()


@dataclass
class Hand:
    """A phone with its calendar app in Lin's hand, and what it has heard.

    Attributes:
        app: the app as it is now.
        now_ms: when.
        place: where the phone is.
        outdoor_c: outdoor temperature.
        facts: what was heard of the car, by facet.
        dash: what was heard of its dashboard.
    """

    app: Agenda
    now_ms: int = field(default_factory=lambda: at("06:30"))
    place: tuple[float, float] = HOME
    outdoor_c: float = 0.0
    online: bool = True
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    distances_m: dict[str, float] = field(default_factory=dict)
    dash: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0

    def moment(self) -> Moment:
        """Return now."""
        minutes = (self.now_ms - at("00:00")) // 60_000
        wall = f"2026-01-{12 + minutes // 1440} {minutes % 1440 // 60:02}:{minutes % 60:02}:00"
        senses = FakeSenses(
            place=self.place, outdoor=self.outdoor_c, wall_clock=wall, distances_m=self.distances_m
        )
        beliefs = Beliefs()
        for name, values in self.facts.items():
            sender = "traffic" if name == "traffic_report" else "su7"
            beliefs = beliefs.heard(sender, name, Belief(values, self.now_ms, (1, 1), "last"))
        beliefs = beliefs.online("su7", online=self.online)
        if self.dash:
            beliefs = beliefs.heard("dash", "company", Belief(self.dash, self.now_ms, (1, 1), "unknown"))
            beliefs = beliefs.online("dash", online=True)
        return Moment(self.now_ms, senses, beliefs)

    def step(self, stimulus: Any) -> tuple[Effect, ...]:
        """Let something happen."""
        self.app, effects = self.app.step(self.moment(), stimulus)
        return effects

    def does(self, act: Act) -> tuple[Effect, ...]:
        """Let Lin do something."""
        return self.step(Acted(act, "act", "lin"))

    def told(self, act: Act) -> tuple[Status, str]:
        """Let Lin do something, and return what she is told."""
        settled = [one for one in self.does(act) if isinstance(one, Settle)]
        return settled[0].answer.status, settled[0].answer.reason

    def hears(self, facet: str = "battery", **values: Any) -> tuple[Effect, ...]:
        """Let the phone hear something else of the car."""
        self.facts[facet] = {**self.facts.get(facet, {}), **values}
        return self.step(Learned("su7"))

    def answers(self, effects: tuple[Effect, ...], status: Status = "done", reason: str = "") -> None:
        """Let everybody answer what was asked of them."""
        for one in requests(effects):
            self.step(Answered(one.ticket, one.target, Answer("accepted")))
            self.step(Answered(one.ticket, one.target, Answer(status, reason)))

    @property
    def plan(self) -> AgendaPlan:
        """The plan as it is reported."""
        (report,) = self.app.report()
        assert isinstance(report, AgendaPlan)
        return report

    def heating(self) -> str:
        """Return what has become of the wish for a warm cabin."""
        return self.plan.heating_wish

    def sort(self) -> str:
        """Return for what sort of appointment there is a plan."""
        return self.plan.plan_for


def requests(effects: tuple[Effect, ...], action: str | None = None) -> list[Request]:
    """Return what is asked of others."""
    return [one for one in effects if isinstance(one, Request) and action in {None, one.action}]


def hand(
    text: str = PUBLIC, *, plans: str = "act", paired: bool = True, roads: RoadMap = TWO_WAYS, **but: Any
) -> Hand:
    """Return the phone as it is switched on."""
    config = SimpleNamespace(owner="lin", calendar=None, plans="ask")
    provision = Provision(
        SEED,
        1,
        0,
        paired=("su7",) if paired else (),
        people={"lin": "owner"},
        boxes={"dash": BOX},
        peers={
            "dash": Peer("dashboard", None, shared=True, key=b""),
            "tv": Peer("tv", None, shared=True, key=b""),
        },
        map=roads,
    )
    app = Agenda.new("phone", config, {"calendar": text, "plans": plans}).provisioned(provision)
    facts: dict[str, dict[str, Any]] = {
        "battery": {"battery_percent": 60.0, "range_m": 359_000.0},
        "location": {"latitude_deg": HOME[0], "longitude_deg": HOME[1]},
        "motion": {"moving": False},
        "charging": {"plugged_in": False, "charge_limit_percent": 80.0},
        "traffic_report": {"closed": [], "slow": [], "slowed_to_kmh": []},
    }
    return Hand(app, facts=facts, **but)


def started(text: str = PUBLIC, **but: Any) -> tuple[Hand, tuple[Effect, ...]]:
    """Return the phone after it was switched on, and what it wanted."""
    made = hand(text, **but)
    return made, made.step(Booted())


# --- the plan ----------------------------------------------------------------------------------------


def test_it_says_when_to_leave_and_by_which_road() -> None:
    """To be there five minutes before nine."""
    lin, effects = started()

    assert effects[-1] == StartTimer("agenda", LOOK_EVERY_MS)
    assert lin.sort() == "public"
    assert (lin.plan.plan_begins, lin.plan.leave_by) == ("2026-01-12 09:00", "2026-01-12 08:27")
    assert lin.plan.plan_roads == ["west", "north"]
    assert lin.plan.plan_why.startswith(
        "west and north takes 28 m; the battery suffices: 60 % now, 55 % there"
    )


def test_a_scenario_gives_it_a_calendar_and_says_whether_it_acts() -> None:
    """By these two names."""
    assert list(Agenda.settable()) == ["calendar", "plans"]


def test_without_a_calendar_it_says_nothing_at_all() -> None:
    """And does nothing."""
    lin = hand("")

    assert lin.step(Booted()) == ()
    assert lin.step(Sensed()) == ()
    assert lin.app.report() == ()
    assert lin.told(Reschedule(uid="review", start_ms=0))[0] == "failed"


@pytest.mark.parametrize("text", [PRIVATE, PUBLIC])
def test_no_report_has_a_word_of_what_it_is_about(text: str) -> None:
    """Neither of a private appointment nor of any other; nor has a repr."""
    lin, effects = started(text)

    assert "Design" not in repr(lin.plan)
    assert "Design" not in repr(effects)
    assert "Design" not in repr(lin.app)


@pytest.mark.parametrize(
    ("text", "but", "why"),
    [
        (ELSEWHERE, {}, "there is no appointment with a place on the map in the next day"),
        (PUBLIC, {"plans": "off"}, "there is no appointment with a place"),
        (PUBLIC, {"paired": False}, "this phone opens no car that could be planned for"),
        (PUBLIC, {"roads": RoadMap(TWO_WAYS.positions)}, "no road leads from home to office"),
    ],
)
def test_without_a_plan_it_says_why(text: str, but: Mapping[str, Any], why: str) -> None:
    """And shows no time to leave."""
    lin, _ = started(text, **but)

    assert why in lin.plan.plan_why
    assert (lin.plan.leave_by, lin.plan.plan_roads) == (None, [])


def test_days_and_what_has_no_place_are_nothing_to_leave_for() -> None:
    """The next one with a time and a place is."""
    day = "UID:day\nDTSTART;VALUE=DATE:20260113\nLOCATION:Office"
    call = "UID:call\nDTSTART;TZID=Asia/Shanghai:20260112T080000\nSUMMARY:Call"
    lin, _ = started(calendar(day, call, REVIEW))

    assert lin.plan.plan_begins == "2026-01-12 09:00"


def test_a_way_that_no_battery_lasts_for_is_said_to_be_one() -> None:
    """2,000 km without a charger."""
    far = RoadMap(TWO_WAYS.positions, {}, {"long": road("home", "office", 999, 250)})
    lin, _ = started(roads=far)

    assert lin.plan.plan_why == "not even a full battery lasts that far"


def test_a_car_that_was_never_heard_of_cannot_be_planned_for() -> None:
    """Until it says where it is."""
    lin = hand()
    del lin.facts["location"]
    lin.step(Booted())

    assert lin.plan.plan_why == "nobody has heard where su7 is"
    lin.hears("location", latitude_deg=HOME[0], longitude_deg=HOME[1])
    assert lin.plan.leave_by == "2026-01-12 08:27"


def test_a_car_of_which_only_the_place_is_known_is_planned_for_as_far_as_it_goes() -> None:
    """Its battery is unknown."""
    lin = hand()
    del lin.facts["battery"]
    lin.step(Booted())

    assert (lin.plan.plan_charge, lin.plan.leave_by) == ("unknown", "2026-01-12 08:27")


def test_at_the_place_there_is_nothing_to_leave_for() -> None:
    """The car stands there."""
    lin = hand()
    lin.facts["location"] = {"latitude_deg": OFFICE[0], "longitude_deg": OFFICE[1]}
    lin.step(Booted())

    assert lin.plan.plan_why == "su7 is there already"


def test_a_walk_to_the_car_is_planned() -> None:
    """One kilometre away, a quarter of an hour by streets."""
    lin, _ = started(place=(40.009, 116.5))

    assert lin.plan.leave_by == "2026-01-12 08:12"
    assert "on foot to the car" in lin.plan.plan_why


def test_what_changes_what_a_plan_rests_on_changes_the_plan() -> None:
    """A closed road; a tenth of a percent does not even make it anew."""
    lin, _ = started()
    before = lin.app
    assert lin.hears(battery_percent=60.04) == ()
    assert lin.app is before
    lin.hears("traffic_report", closed=["north"])

    assert lin.plan.plan_roads == ["south", "east"]
    assert "north is closed" in lin.plan.plan_why


def test_on_the_way_nothing_is_planned() -> None:
    """The plan stays as it was when the car began to move."""
    lin, _ = started()
    lin.now_ms = at("08:40")
    lin.hears("motion", moving=True)

    assert lin.plan.leave_by == "2026-01-12 08:27"


def test_it_looks_again_every_ten_minutes() -> None:
    """Also when nothing is heard; other timers are not its own."""
    lin, _ = started()
    lin.now_ms = at("08:40")

    assert lin.step(TimerFired("screen")) == ()
    assert lin.step(TimerFired("agenda"))[-1] == StartTimer("agenda", LOOK_EVERY_MS)
    assert "late" in lin.plan.plan_why


def test_a_restart_keeps_calendar_changes_and_agreement() -> None:
    """What the flash has."""
    lin, _ = started(plans="ask")
    lin.does(Reschedule(uid="review", start_ms=10 * 3_600_000))
    lin.does(AgreeToPlan())
    config = SimpleNamespace(owner="lin", calendar=None, plans="ask")
    again = Agenda.new("phone", config, lin.app.kept())

    assert (again.calendar, again.plans) == (lin.app.calendar, "ask")
    assert (again.moved, again.agreed) == (lin.app.moved, lin.app.agreed)
    assert again.agreed is not None


# --- the calendar ------------------------------------------------------------------------------------


def test_a_moved_appointment_changes_the_plan() -> None:
    """After the rush it is the other road; back again it is as it was."""
    lin, _ = started()
    assert lin.told(Reschedule(uid="review", start_ms=11 * 3_600_000)) == ("done", "")
    assert (lin.plan.plan_begins, lin.plan.leave_by) == ("2026-01-12 11:00", "2026-01-12 10:33")
    assert lin.plan.plan_roads == ["south", "east"]
    lin.does(Reschedule(uid="review", start_ms=9 * 3_600_000))
    assert lin.plan.leave_by == "2026-01-12 08:27"


def test_a_cancelled_appointment_is_gone_and_a_new_calendar_brings_it_back() -> None:
    """The server's word counts."""
    lin, _ = started()
    lin.does(CancelAppointment(uid="review"))
    assert lin.sort() == "none"
    lin.does(ReceiveCalendar(calendar=PUBLIC))
    assert lin.sort() == "public"


def test_a_first_calendar_begins_the_looking() -> None:
    """A phone without one does not wake for it."""
    lin = hand("")
    assert StartTimer("agenda", LOOK_EVERY_MS) in lin.does(ReceiveCalendar(calendar=PUBLIC))
    assert lin.sort() == "public"


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (Reschedule(uid="revue", start_ms=0), "the next month has no appointment with the uid `revue`"),
        (CancelAppointment(uid="revue"), "the next month has no appointment with the uid `revue`"),
    ],
)
def test_what_is_not_in_the_calendar_cannot_be_moved(act: Act, why: str) -> None:
    """It says so."""
    lin, _ = started()
    assert lin.told(act) == ("failed", why)


def test_no_more_than_a_hundred_appointments_are_moved_by_hand() -> None:
    """A list that grows has an end."""
    lin, _ = started(
        calendar(*(f"UID:e{n}\nDTSTART:202601{13 + n % 9}T0100{n % 60:02}Z" for n in range(101)))
    )
    for number in range(MOVED_MAX):
        assert lin.told(CancelAppointment(uid=f"e{number}"))[0] == "done"
    assert lin.told(CancelAppointment(uid="e100")) == (
        "failed",
        "100 appointments were moved by hand already",
    )


# --- the car -----------------------------------------------------------------------------------------


def test_in_the_cold_the_car_is_asked_to_be_warm_when_one_leaves() -> None:
    """By its clock: 8:27."""
    lin, effects = started()
    (asked,) = requests(effects, "precondition")

    assert (asked.target, asked.by) == ("su7", "lin")
    assert asked.arguments == {"ready_by_ms": (8 * 60 + 27) * 60_000, "target_c": 21.0}
    assert lin.heating() == "asked"
    lin.answers(effects)
    assert lin.heating() == "accepted"


def test_on_a_mild_day_it_is_asked_for_nothing() -> None:
    """The battery suffices as well."""
    lin, effects = started(outdoor_c=15.0)

    assert requests(effects, "precondition") == []
    assert (lin.plan.heating_wish, lin.plan.charging_wish) == ("none", "none")


def test_a_battery_that_is_too_empty_is_charged_in_time() -> None:
    """With a higher limit where the car's own is too low."""
    lin = hand(outdoor_c=15.0)
    lin.facts["battery"]["battery_percent"] = 12.0
    lin.facts["battery"]["range_m"] = 71_800.0
    lin.facts["charging"]["plugged_in"] = True
    (asked,) = requests(lin.step(Booted()), "schedule_charging")
    assert asked.arguments == {"ready_by_ms": (8 * 60 + 27) * 60_000}

    again = hand(outdoor_c=15.0)
    again.facts = {**lin.facts, "charging": {"plugged_in": True, "charge_limit_percent": 40.0}}
    (asked,) = requests(again.step(Booted()), "schedule_charging")
    assert asked.arguments["limit_percent"] == 50


def test_without_agreement_it_only_proposes() -> None:
    """Until its owner agrees to this plan."""
    lin, effects = started(plans="ask")
    assert requests(effects, "precondition") == []
    assert lin.heating() == "proposed"

    asked = lin.does(AgreeToPlan())
    assert len(requests(asked, "precondition")) == 1
    assert lin.heating() == "asked"


def test_there_must_be_a_plan_to_agree_to() -> None:
    """And to show."""
    lin, _ = started(ELSEWHERE)
    assert lin.told(AgreeToPlan()) == ("failed", "there is no plan to agree to")
    assert lin.told(ShowAppointment(on="dash")) == ("failed", "there is no plan that could be shown")


def test_it_is_not_asked_twice_for_the_same_time() -> None:
    """But again when the time moves by five minutes or more."""
    lin, effects = started()
    lin.answers(effects)
    assert requests(lin.hears(battery_percent=59.0), "precondition") == []
    moved = lin.does(Reschedule(uid="review", start_ms=10 * 3_600_000))
    assert len(requests(moved, "precondition")) == 1


def test_a_car_that_does_not_answer_is_asked_again_when_it_is_back() -> None:
    """Once it is heard."""
    lin, effects = started()
    lin.online = False
    lin.answers(effects, "expired")
    assert lin.heating() == "unanswered"
    assert requests(lin.step(TimerFired("agenda")), "precondition") == []
    lin.online = True
    assert len(requests(lin.step(Learned("su7")), "precondition")) == 1


def test_what_the_car_refuses_is_said_with_its_reason() -> None:
    """And not asked again for the same time."""
    lin, effects = started()
    lin.answers(effects, "denied", "the battery is too low")

    assert lin.heating() == "refused"
    assert lin.plan.plan_why.endswith("su7 does not warm up or cool down: the battery is too low")
    assert requests(lin.step(TimerFired("agenda")), "precondition") == []


def test_a_cancelled_appointment_takes_the_warm_cabin_back() -> None:
    """Not what was only proposed, nor what has not been asked for."""
    lin, effects = started()
    lin.answers(effects)
    stopped = lin.does(CancelAppointment(uid="review"))
    assert len(requests(stopped, "stop_preconditioning")) == 1

    other, _ = started(plans="ask")
    assert requests(other.does(CancelAppointment(uid="review")), "stop_preconditioning") == []


def test_an_answer_to_an_earlier_wish_is_not_taken_for_the_later_one() -> None:
    """The meeting was moved while the car woke."""
    lin, effects = started()
    lin.does(Reschedule(uid="review", start_ms=10 * 3_600_000))
    lin.answers(effects, "denied", "too late")
    assert lin.heating() == "asked"
    lin.step(Answered("somebody-elses", "su7", Answer("done")))
    assert lin.heating() == "asked"


def test_when_one_is_about_to_leave_the_car_is_asked_for_nothing_more() -> None:
    """A time of the day that has passed would be tomorrow's."""
    lin, effects = started(now_ms=at("08:26"))
    assert requests(effects, "precondition") == []
    assert lin.heating() == "none"


# --- the card ----------------------------------------------------------------------------------------


def test_two_hours_before_one_leaves_the_card_is_on_the_cars_screen() -> None:
    """Without a title as long as nobody sits there."""
    lin, effects = started(now_ms=at("06:00"))
    assert requests(effects, "show_calendar") == []
    lin.now_ms = at("08:27") - CARD_AHEAD_MS
    (card,) = requests(lin.step(TimerFired("agenda")), "show_calendar")

    assert (card.target, card.arguments) == ("dash", {"leave_by": "2026-01-12 08:27"})
    lin.step(Answered(card.ticket, "dash", Answer("done")))
    assert requests(lin.step(TimerFired("agenda")), "show_calendar") == []


def test_a_screen_that_did_not_answer_gets_the_card_again() -> None:
    """Not while the first is under way, nor one that has refused it."""
    lin, effects = started(now_ms=at("07:00"))
    (card,) = requests(effects, "show_calendar")
    assert requests(lin.step(TimerFired("agenda")), "show_calendar") == []
    lin.step(Answered(card.ticket, "dash", Answer("expired")))
    (again,) = requests(lin.step(TimerFired("agenda")), "show_calendar")
    lin.step(Answered(again.ticket, "dash", Answer("denied")))
    assert requests(lin.step(TimerFired("agenda")), "show_calendar") == []


def test_the_card_goes_when_the_plan_does() -> None:
    """An empty card takes it away."""
    lin, effects = started(now_ms=at("07:00"))
    lin.answers(effects)
    (card,) = requests(lin.does(CancelAppointment(uid="review")), "show_calendar")
    assert card.arguments == {}


@pytest.mark.parametrize(("text", "sealed"), [(PUBLIC, True), (PRIVATE, False)])
def test_a_public_title_goes_sealed_to_the_screen_one_sits_before(text: str, sealed: bool) -> None:  # noqa: FBT001  # a table
    """A private one never by itself."""
    lin = hand(text, now_ms=at("07:00"), distances_m={"dash": 0.5})
    lin.dash = {"whose": None, "takes_private": True, "visit": 1}
    (card,) = requests(lin.step(Booted()), "show_calendar")

    assert ("letter" in card.arguments) is sealed
    assert "Design" not in str(card.arguments)


def test_its_owner_can_have_it_shown_and_the_screen_knows_whether_it_is_private() -> None:
    """Whether that is allowed, the rules of the screen say."""
    lin, _ = started(PRIVATE)
    (card,) = requests(lin.does(ShowAppointment(on="dash")))
    assert (card.ticket, card.arguments["private"]) == ("act", True)
    assert "letter" in card.arguments
    (plain,) = requests(lin.does(ShowAppointment(on="dash", title=False)))
    assert plain.arguments == {"leave_by": "2026-01-12 08:27"}


def test_a_screen_that_takes_no_letters_gets_no_title() -> None:
    """It says so."""
    lin, _ = started()
    assert lin.told(ShowAppointment(on="tv"))[0] == "failed"
