"""The calendar app of a phone: when to leave for the next appointment, by which road, in a car that is ready.

It plans with what it has heard of the car and of the roads, plans anew when that changes, and says why. On
its owner's behalf it asks the car to charge and to warm up in time, once the owner has agreed: to everything
(`plans: act`), or to this plan (`do: phone.agree`). No report has a word of what an appointment is about; a
title leaves the phone sealed, and a private one for no screen that others see.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from sim.apps.app import App, done, refused
from sim.apps.journeys.appointment_card import ShowCalendar
from sim.apps.journeys.departures import EARLY_MS, Charge, Plan, Setting, plan_departure
from sim.apps.journeys.navigation import (
    NoSuchPlaceError,
    clock,
    find_place,
    heard_news,
    whereabouts,
    why_not,
    zone_offset_ms,
)
from sim.apps.marketplace_messages import TakeBooking
from sim.core.declarations import FileText
from sim.core.device import (
    Act,
    Acted,
    Answered,
    Booted,
    Carries,
    Commanded,
    Effect,
    Facet,
    Learned,
    Moment,
    Provision,
    Refers,
    Request,
    StartTimer,
    Stimulus,
    TimerFired,
)
from sim.core.roads import DAY_MS, NO_MAP, RoadMap, TimeOfDay
from sim.documents.appointments import Appointment, read_calendar
from sim.documents.calendar_writing import with_appointment, without_appointment
from sim.documents.vehicles import vehicle_of
from sim.physics.car_energy import Car, car_of
from sim.physics.roads import CIRCUITY, RoadNetwork
from sim.physics.travel import WALKING_M_PER_S, distance_m, local_plane
from sim.physics.trips import Vehicle
from sim.trust.letters import LetterError

AHEAD_MS = DAY_MS
"""How far ahead is planned; a car takes a time of the day, so not more than a day."""
LOOK_EVERY_MS = 600_000
"""How often the plan is made anew while nothing is heard (assumption)."""
MATTERS_MS = 300_000
"""By how much a time to leave must move for the car to be asked again (assumption)."""
CARD_AHEAD_MS = 7_200_000
"""How long before one leaves the card is on the car's screen (assumption)."""
BESIDE_M = 30.0
"""Within this distance of the car no walk is planned (assumption)."""
TYPICAL = "su7-base"
"""What a car is taken for as long as its range is not known, and for how fast it charges (assumption)."""
MOVED_MAX = 100
"""Most appointments that are moved by hand."""
TIMER = "agenda"

CALENDAR_FILE = FileText(".ics", read_calendar)
CalendarText = Annotated[str, CALENDAR_FILE]
"""The text of an iCalendar file."""
Plans = Literal["off", "ask", "act"]
"""Whether it plans, and whether it asks its owner before it asks the car for anything."""
Wish = Literal["none", "proposed", "asked", "accepted", "refused", "unanswered"]
"""How far a wish to the car has come."""


class Reschedule(Act):
    """Move the next day of an appointment to another time of that day, as its organiser would."""

    uid: str = Field(min_length=1, max_length=255)
    start_ms: TimeOfDay


class CancelAppointment(Act):
    """Take the next day of an appointment out of the calendar."""

    uid: str = Field(min_length=1, max_length=255)


class ReceiveCalendar(Act):
    """Get the calendar anew from its server, in place of the old one."""

    calendar: CalendarText = Field(repr=False)


class AgreeToPlan(Act, verb="agree"):
    """Let the phone ask the car for what the plan proposes."""


class ShowAppointment(Act):
    """Show the next appointment on a screen, with its title or only that one is busy."""

    on: Annotated[str, Refers("device")]
    title: bool = True


class AgendaPlan(Facet):
    """The plan for the next appointment with a place; times are by the clock on the wall."""

    plan_for: Literal["none", "public", "private"]
    plan_begins: Annotated[str | None, Carries("calendar")]
    leave_by: Annotated[str | None, Carries("calendar")]
    plan_roads: list[str]
    plan_charge: Charge | None
    charging_wish: Wish
    heating_wish: Wish
    plan_why: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What was asked of the car.

    Attributes:
        ticket: of the command; empty for what was only proposed.
        ready_ms: for when.
        became: how far it has come.
        reason: why not, in the car's words.
    """

    ticket: str
    ready_ms: int
    became: Wish
    reason: str = ""


@dataclass(frozen=True)
class Agenda(App):
    """The calendar app.

    Attributes:
        calendar: text of the calendar; empty without one.
        plans: whether it plans and acts by itself.
        moved: appointments that were moved or cancelled by hand, by uid and when they were to begin; None
            for a cancelled one.
        map: places, roads and chargers.
        its_car: the car it plans for; None without one.
        screens: screens of cars, which get the card.
        next: the appointment it plans for.
        begins: when that begins, by the clock on the wall.
        plan: the plan, or None when there is none.
        leave_by: when to leave, by the clock on the wall.
        why: why the plan is as it is, or why there is none.
        agreed: the appointment for which its owner has agreed, by uid and when it was to begin.
        askings: what was asked of the car, by the command's name.
        card: what was last shown on each screen, and whether it has arrived.
        tickets: commands under way, each with what it was for.
        believed: what the plan rests on.
    """

    purpose: ClassVar[str] = "calendar"
    acts: ClassVar = (Reschedule, CancelAppointment, ReceiveCalendar, AgreeToPlan, ShowAppointment)
    commands: ClassVar = (TakeBooking,)
    facets: ClassVar = (AgendaPlan,)
    reads: ClassVar = ("car", "traffic", "dashboard")
    asks: ClassVar = ("car", "dashboard", "phone")

    calendar: str = field(default="", repr=False)
    plans: Plans = "ask"
    moved: Mapping[tuple[str, int], int | None] = field(default_factory=dict)
    map: RoadMap = field(default=NO_MAP, repr=False)
    its_car: str | None = None
    screens: tuple[str, ...] = ()
    next: Appointment | None = None
    begins: str | None = None
    plan: Plan | None = None
    leave_by: str | None = None
    why: str = ""
    agreed: tuple[str, int] | None = None
    askings: Mapping[str, Asking] = field(default_factory=dict)
    card: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    tickets: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    believed: tuple[Any, ...] = field(default=(), repr=False)

    @classmethod
    def settable(cls) -> Mapping[str, Any]:
        """A scenario may give it a calendar, and say whether it acts by itself."""
        return {"calendar": CalendarText, "plans": Plans}

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the app with the calendar it is given, or has kept."""
        return replace(
            super().new(device, config, given),
            calendar=given.get("calendar", config.calendar or ""),
            plans=given.get("plans", config.plans),
            moved=given.get("agenda_moved", {}),
            agreed=given.get("agenda_agreed"),
        )

    def provisioned(self, provision: Provision) -> Self:
        """Return the app with its map, its car and the screens it may write to."""
        app = super().provisioned(provision)
        screens = provision.of_kind("dashboard")
        car = provision.paired[0] if provision.paired else None
        return replace(app, map=provision.map, its_car=car, screens=screens)

    def kept(self) -> Mapping[str, Any]:
        """Keep the calendar, and what its owner has moved in it and agreed to."""
        own = {"calendar": self.calendar, "plans": self.plans}
        return {**super().kept(), **own, "agenda_moved": self.moved, "agenda_agreed": self.agreed}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Plan when something has changed that a plan rests on."""
        match stimulus:
            case Booted() | TimerFired(name="agenda") if self.calendar:
                app, effects = self._planned(at)
                return app, (*effects, StartTimer(TIMER, LOOK_EVERY_MS))
            case Learned() if self.calendar and self._believes(at) != self.believed:
                return self._planned(at)
            case Acted(act=ShowAppointment() as act, ticket=ticket, by=by):
                return self._showing(act, ticket, by)
            case Acted(act=act, ticket=ticket):
                app, why_not_done = self._edited(at, act)
                if why_not_done:
                    return self, (refused(ticket, why_not_done),)
                app, effects = app._planned(at)
                timer = () if self.calendar else (StartTimer(TIMER, LOOK_EVERY_MS),)
                return app, (done(ticket), *effects, *timer)
            case Answered() if stimulus.ticket in self.tickets and stimulus.answer.final:
                return self._answered(stimulus), ()
            case Commanded(command=TakeBooking(sort="table") as news):
                return self._booked(at, news)
            case _:
                return self, ()

    def report(self) -> tuple[Facet, ...]:
        """Report the plan; nothing as long as there never was a calendar."""
        if not self.calendar:
            return ()
        plan = self.plan
        sort: Literal["none", "public", "private"] = "none"
        if self.next is not None:
            sort = "private" if self.next.private else "public"
        told = AgendaPlan(
            plan_for=sort,
            plan_begins=self.begins,
            leave_by=self.leave_by,
            plan_roads=[] if plan is None else [lane.road for lane in plan.trip.lanes],
            plan_charge=None if plan is None else plan.charge,
            charging_wish=self._became("schedule_charging"),
            heating_wish=self._became("precondition"),
            plan_why="; ".join([self.why, *(one.reason for one in self.askings.values() if one.reason)]),
        )
        return (told,)

    def _became(self, action: str) -> Wish:
        return self.askings[action].became if action in self.askings else "none"

    # --- the calendar ---------------------------------------------------------------------------

    def _edited(self, at: Moment, act: Act) -> tuple[Self, str]:
        """Return the app after its owner has changed something, or why that cannot be."""
        match act:
            case ReceiveCalendar(calendar=text):
                return replace(self, calendar=text, moved={}), ""
            case AgreeToPlan():
                if self.next is None:
                    return self, "there is no plan to agree to"
                return replace(self, agreed=_which(self.next)), ""
            case _:  # the two that move an appointment; there are no others
                return self._rescheduled(at, act)

    def _booked(self, at: Moment, news: TakeBooking) -> tuple[Self, tuple[Effect, ...]]:
        """Write a reserved table into the calendar, or take it out; `errands` answers the marketplace."""
        uid = f"{news.booking}@marketplace"
        if news.state == "confirmed":
            spans = news.starts_ms, news.ends_ms
            text = with_appointment(self.calendar, uid, *spans, news.title, news.place, at.now_ms)
        else:
            text = without_appointment(self.calendar, uid)
        timer = () if self.calendar else (StartTimer(TIMER, LOOK_EVERY_MS),)
        app, effects = replace(self, calendar=text)._planned(at)
        return app, (*effects, *timer)

    def _rescheduled(self, at: Moment, act: Act) -> tuple[Self, str]:
        """Return the app after an appointment's next day was moved or cancelled, or why that cannot be."""
        assert isinstance(act, Reschedule | CancelAppointment)  # INVARIANT: no other act moves one
        offset_ms = zone_offset_ms(at)
        found = next((one for one in self._coming(at.now_ms, offset_ms) if one.uid == act.uid), None)
        if found is None:
            return self, f"the next month has no appointment with the uid `{act.uid[:60]}`"
        if len(self.moved) >= MOVED_MAX and _which(found) not in self.moved:
            return self, f"{MOVED_MAX} appointments were moved by hand already"
        starts_ms = None
        if isinstance(act, Reschedule):
            local_ms = found.starts_ms + offset_ms
            starts_ms = local_ms - local_ms % DAY_MS + act.start_ms - offset_ms
        return replace(self, moved={**self.moved, _which(found): starts_ms}), ""

    def _coming(self, now_ms: int, offset_ms: int, ahead_ms: int = 31 * DAY_MS) -> list[Appointment]:
        """Return the appointments that begin after now, as they were moved by hand, by time."""
        if not self.calendar:
            return []
        # A day back, for what was put off; by whole days, so that a list serves every plan of a day.
        begin_ms = now_ms - now_ms % DAY_MS - DAY_MS
        listed = _listed(self.calendar, begin_ms, begin_ms + DAY_MS + ahead_ms + DAY_MS, offset_ms)
        coming = []
        for one in listed:
            starts_ms = self.moved.get(_which(one), one.starts_ms)
            if starts_ms is not None and now_ms < starts_ms <= now_ms + ahead_ms:
                coming.append(
                    replace(one, starts_ms=starts_ms, ends_ms=starts_ms + one.ends_ms - one.starts_ms)
                )
        return sorted(coming, key=lambda one: one.starts_ms)

    def _next(self, now_ms: int, offset_ms: int) -> tuple[Appointment | None, str]:
        """Return the next appointment one has to drive to, and where that is."""
        for one in self._coming(now_ms, offset_ms, AHEAD_MS):
            # `Office, third floor` is at the office.
            for said in (one.location, one.location.partition(",")[0]):
                if said and not one.all_day:
                    try:
                        return one, find_place(self.map, said)
                    except NoSuchPlaceError:
                        continue
        return None, ""

    # --- the plan -------------------------------------------------------------------------------

    def _believes(self, at: Moment) -> tuple[Any, ...]:
        """Return what a plan rests on, as far as it matters: not every tenth of a percent."""
        car, raw = self.its_car or "", at.beliefs.raw
        percent = raw(car, "battery_percent")
        place = (raw(car, "latitude_deg"), raw(car, "longitude_deg"))
        news = heard_news(at.beliefs, at.now_ms)
        return (
            at.beliefs.is_online(car),
            at.beliefs.shown(car, "moving"),
            at.beliefs.shown(car, "plugged_in"),
            None if percent is None else round(percent[0]),
            tuple(None if one is None else one[0] for one in place),
            (tuple(sorted(news.traffic.closed)), tuple(sorted(news.traffic.slow_kmh.items()))),
            tuple(screen for screen in self.screens if self.serves(at, screen, self.owner)),
        )

    def _planned(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Plan anew, and ask for what the plan needs; on the way nothing is planned."""
        app = replace(self, believed=self._believes(at))
        if at.beliefs.shown(self.its_car or "", "moving") is True:
            return app, ()
        offset_ms = zone_offset_ms(at)
        following, goal = (None, "") if self.plans == "off" else self._next(at.now_ms, offset_ms)
        if following is None:
            why = "there is no appointment with a place on the map in the next day"
            return app._without_plan(None, None, why)._asked(at)
        begins = clock(following.starts_ms, offset_ms)
        network = RoadNetwork(self.map, offset_ms)
        setting, why = self._setting(at, following, goal, network)
        if setting is None:
            return app._without_plan(following, begins, why)._asked(at)
        plan = plan_departure(network, setting)
        if plan is None:
            traffic = setting.news.traffic
            why = why_not(network, setting.place, goal, traffic) or "not even a full battery lasts that far"
            return app._without_plan(following, begins, why)._asked(at)
        leave_by = clock(plan.leave_ms, offset_ms)
        app = replace(app, next=following, begins=begins, plan=plan, leave_by=leave_by, why=plan.why)
        return app._asked(at, setting.ready_c, offset_ms)

    def _without_plan(self, following: Appointment | None, begins: str | None, why: str) -> Self:
        return replace(self, next=following, begins=begins, plan=None, leave_by=None, why=why)

    def _setting(
        self, at: Moment, following: Appointment, goal: str, network: RoadNetwork
    ) -> tuple[Setting | None, str]:
        """Return what the plan is made of, or why none can be made."""
        raw, car = at.beliefs.raw, self.its_car
        if car is None:
            return None, "this phone opens no car that could be planned for"
        latitude, longitude = raw(car, "latitude_deg"), raw(car, "longitude_deg")
        if latitude is None or longitude is None:
            return None, f"nobody has heard where {car} is"
        position = (latitude[0], longitude[0])
        news = heard_news(at.beliefs, at.now_ms)
        here = whereabouts(network, position, at.now_ms, (), news.traffic)
        if here.place == goal and here.at_ms == at.now_ms:
            return None, f"{car} is there already"
        away_m = distance_m(local_plane(at.senses.location(), position), (0.0, 0.0))
        walk_s = away_m * CIRCUITY / WALKING_M_PER_S if away_m > BESIDE_M else 0.0
        percent, left_m = raw(car, "battery_percent"), raw(car, "range_m")
        plugged_in = at.beliefs.shown(car, "plugged_in")
        return Setting(
            now_ms=at.now_ms,
            due_ms=following.starts_ms - EARLY_MS,
            goal=goal,
            place=here.place,
            until_roads_ms=here.at_ms - at.now_ms,
            walk_ms=round(walk_s * 1000),
            percent=None if percent is None else percent[0],
            plugged_in=plugged_in if isinstance(plugged_in, bool) else None,
            vehicle=_vehicle(percent, left_m, at.senses.outdoor_c()),
            news=news,
        ), ""

    # --- what is asked of others ----------------------------------------------------------------

    def _asked(
        self, at: Moment, ready_c: float | None = None, offset_ms: int = 0
    ) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the car for what the plan needs, take back what it needs no more, and show the card."""
        plan, app = self.plan, self
        wanted: dict[str, dict[str, Any]] = {}
        # A time of the day that has passed would be tomorrow's.
        due = plan is not None and plan.leave_ms > at.now_ms + MATTERS_MS
        if plan is not None:
            ready_by_ms = (plan.leave_ms + offset_ms) % DAY_MS
            if plan.charge_to_percent is not None:
                wanted["schedule_charging"] = {"ready_by_ms": ready_by_ms, **self._limit(at, plan)}
            if ready_c is not None:
                wanted["precondition"] = {"ready_by_ms": ready_by_ms, "target_c": ready_c}
        effects: tuple[Effect, ...] = ()
        for action, arguments in wanted.items():
            app, more = app._wished(at, action, arguments) if due else (app, ())
            effects += more
        for action in [one for one in app.askings if one not in wanted]:
            app, more = app._withdrawn(at, action)
            effects += more
        app, shown = app._carded(at)
        return app, (*effects, *shown)

    def _limit(self, at: Moment, plan: Plan) -> dict[str, Any]:
        """Return a higher limit for the charge, where the car's own is too low for the trip."""
        limit = at.beliefs.shown(self.its_car or "", "charge_limit_percent")
        target = plan.charge_to_percent
        return (
            {"limit_percent": float(target)} if target and isinstance(limit, float) and limit < target else {}
        )

    def _wished(self, at: Moment, action: str, arguments: dict[str, Any]) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the car for something, or propose it; not again for nearly the same time."""
        assert self.plan is not None and self.next is not None and self.its_car is not None  # noqa: PT018  # INVARIANT: only a plan wishes
        known, ready_ms = self.askings.get(action), self.plan.leave_ms
        same = known is not None and abs(known.ready_ms - ready_ms) < MATTERS_MS
        may_act = self.plans == "act" or self.agreed == _which(self.next)
        if known is not None and same:
            lost = known.became == "unanswered" and at.beliefs.is_online(self.its_car)
            if not lost and not (known.became == "proposed" and may_act):
                return self, ()
        if not may_act:
            return replace(self, askings={**self.askings, action: Asking("", ready_ms, "proposed")}), ()
        app, ticket = self.ticket()
        askings = {**self.askings, action: Asking(ticket, ready_ms, "asked")}
        tickets = {**self.tickets, ticket: ("car", action)}
        request = Request(ticket, self.its_car, action, arguments, self.owner)
        return replace(app, askings=askings, tickets=tickets), (request,)

    def _withdrawn(self, at: Moment, action: str) -> tuple[Self, tuple[Effect, ...]]:
        """Forget a wish, and let the car forget the warm cabin that nobody will sit in."""
        known = self.askings[action]
        rest = {one: asking for one, asking in self.askings.items() if one != action}
        app = replace(self, askings=rest)
        in_vain = known.became in {"asked", "accepted"} and known.ready_ms > at.now_ms
        if action != "precondition" or not in_vain or self.its_car is None:
            return app, ()
        app, ticket = app.ticket()
        return app, (Request(ticket, self.its_car, "stop_preconditioning", {}, self.owner),)

    def _answered(self, told: Answered) -> Self:
        """Note what has become of a wish, or of a card."""
        about, what = self.tickets[told.ticket]
        rest = {ticket: one for ticket, one in self.tickets.items() if ticket != told.ticket}
        app, answer = replace(self, tickets=rest), told.answer
        if about == "card":
            content = self.card[what][0] if what in self.card else ""
            return replace(app, card={**self.card, what: (content, answer.status != "expired")})
        asking = self.askings.get(what)
        if asking is None or asking.ticket != told.ticket:
            return app
        became: Wish = "refused"
        if answer.status == "done":
            became = "accepted"
        elif answer.status == "expired":
            became = "unanswered"
        reason = "" if became == "accepted" else f"{self.its_car} does not {_VERBS[what]}: {answer.reason}"
        return replace(app, askings={**self.askings, what: replace(asking, became=became, reason=reason)})

    def _showing(self, act: ShowAppointment, ticket: str, by: str | None) -> tuple[Self, tuple[Effect, ...]]:
        """Show the next appointment where its owner wants it; the screen's rules decide."""
        if self.next is None or self.leave_by is None:
            return self, (refused(ticket, "there is no plan that could be shown"),)
        try:
            app, wish = self._card_for(act.on, ticket, titled=act.title)
        except LetterError as error:
            return self, (refused(ticket, error.sentence),)
        return app, (Request.of(wish, ticket=ticket, target=act.on, by=by),)

    def _card_for(self, screen: str, ticket: str, *, titled: bool) -> tuple[Self, ShowCalendar]:
        assert self.next is not None  # INVARIANT: only a planned appointment has a card
        if not titled:
            return self, ShowCalendar(leave_by=self.leave_by)
        app, letter = self.sealed(screen, ticket, {"title": self.next.title})
        return app, ShowCalendar(letter=letter, private=self.next.private, leave_by=self.leave_by)

    def _carded(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        """Keep the card on the screens of the car as the plan is; private titles stay here."""
        app, effects = self, tuple[Effect, ...]()
        for screen in self.screens:
            soon = self.plan is not None and self.plan.leave_ms - at.now_ms <= CARD_AHEAD_MS
            public = self.next is not None and not self.next.private and bool(self.next.title)
            titled = soon and public and screen in self.letters.boxes and self.serves(at, screen, self.owner)
            content = f"{self.leave_by} {titled}" if soon else ""
            if app.card.get(screen, ("", True)) == (content, True) or self._under_way(screen):
                continue
            app, ticket = app.ticket()
            app, wish = app._card_for(screen, ticket, titled=titled) if soon else (app, ShowCalendar())
            cards = {**app.card, screen: (content, False)}
            app = replace(app, card=cards, tickets={**app.tickets, ticket: ("card", screen)})
            effects += (Request.of(wish, ticket=ticket, target=screen, by=self.owner),)
        return app, effects

    def _under_way(self, screen: str) -> bool:
        return ("card", screen) in self.tickets.values()


_VERBS = {"precondition": "warm up or cool down", "schedule_charging": "charge in time"}


@lru_cache(maxsize=256)
def _listed(text: str, from_ms: int, until_ms: int, offset_ms: int) -> tuple[Appointment, ...]:
    """Return the appointments of a window, as the calendar has them."""
    return read_calendar("calendar", text).between(from_ms, until_ms, offset_ms)


def _which(one: Appointment) -> tuple[str, int]:
    """Return what tells a day of a series from all others, also when it is moved."""
    return one.uid, one.planned_ms


def _vehicle(percent: tuple[Any, int] | None, left_m: tuple[Any, int] | None, outdoor_c: float) -> Vehicle:
    """Return what a drive takes out of a car that says how full it is and how far it goes with that."""
    car = _typical()
    if percent is None or left_m is None or percent[0] <= 0 or left_m[0] <= 0:
        return Vehicle(car, outdoor_c)
    # The car has counted in its heating and what the cold withholds.
    kwh_per_km = percent[0] / 100 * car.pack.capacity_kwh / (left_m[0] / 1000)
    return Vehicle(car, outdoor_c, kwh_per_km=kwh_per_km)


@cache
def _typical() -> Car:
    """Return what a phone takes the car for, which tells its charge and its range but not its model."""
    return car_of(vehicle_of(TYPICAL))
