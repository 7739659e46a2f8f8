"""The calendar of a phone and its key: what the app asks of the car, the key vouches for."""

from typing import Any

from sim.apps.journeys.agenda import AgendaPlan
from sim.core.beliefs import Belief, Beliefs
from sim.core.device import Answer, Answered, Booted, Effect, Moment, Provision, Request, Settle
from sim.devices.phone import Phone
from sim.trust.derivation import digital_key
from tests.documents.test_appointments import REVIEW, calendar
from tests.maps import TWO_WAYS, at
from tests.senses import FakeSenses

CAR_KEY = digital_key("su7", bytes(31) + b"c").key.public_key().public_bytes_raw()
FACTS: dict[str, dict[str, Any]] = {
    "battery": {"battery_percent": 60.0, "range_m": 359_000.0},
    "location": {"latitude_deg": 40.0, "longitude_deg": 116.5},
    "motion": {"moving": False},
}


def moment() -> Moment:
    """Return half past six on a cold morning, with a car that was heard of."""
    beliefs = Beliefs().online("su7", online=True)
    for facet, values in FACTS.items():
        beliefs = beliefs.heard("su7", facet, Belief(values, at("06:30"), (1, 1), "last"))
    senses = FakeSenses(
        {"carrier": "lin"}, outdoor=-5.0, place=(40.0, 116.5), wall_clock="2026-01-12 06:30:00"
    )
    return Moment(at("06:30"), senses, beliefs)


def started() -> tuple[Phone, list[Request]]:
    """Return Lin's phone after it has planned, and what it asks of the car."""
    given = {"calendar": calendar(REVIEW), "plans": "act"}
    provision = Provision(
        bytes(32), 1, 0, paired=("su7",), keys={"su7": CAR_KEY}, people={"lin": "owner"}, map=TWO_WAYS
    )
    phone = Phone.new("phone", Phone.Config(owner="lin"), given).provisioned(provision)
    after, effects = phone.step(moment(), Booted())
    return after, asked(effects)


def asked(effects: tuple[Effect, ...]) -> list[Request]:
    """Return what is asked of the car."""
    return [one for one in effects if isinstance(one, Request) and one.target == "su7"]


def wish(phone: Phone) -> str:
    """Return what has become of the wish for a warm cabin."""
    return next(one for one in phone.report() if isinstance(one, AgendaPlan)).heating_wish


def test_what_the_calendar_asks_of_the_car_begins_as_every_button_of_the_key_does() -> None:
    """With the car's clock and counter; nothing is sent without the key's word."""
    phone, requests = started()

    assert [one.action for one in requests] == ["key_session"]
    assert list(phone.on_behalf.values()) == ["su7"]
    assert wish(phone) == "asked"


def test_what_becomes_of_it_reaches_the_calendar_and_nobody_else() -> None:
    """No act of a person is settled by it."""
    phone, (session,) = started()
    waiting, effects = phone.step(moment(), Answered(session.ticket, "su7", Answer("accepted")))
    assert wish(waiting) == "asked"
    over, more = waiting.step(moment(), Answered(session.ticket, "su7", Answer("denied", "not now")))

    assert wish(over) == "refused"
    assert over.on_behalf == {}
    assert not any(isinstance(one, Settle) for one in (*effects, *more))
