"""Couriers' keys: bound to a place that their owner signed, and each use of one told by the car."""

from dataclasses import replace
from typing import Any

import pytest

from sim.apps.errands.bookings import LetCourierIn, PhoneErrands
from sim.apps.marketplace_messages import TakeBooking
from sim.apps.notifications import Notifications
from sim.core.asking import LockCar, OpenBoot
from sim.core.beliefs import Belief
from sim.core.device import (
    Acted,
    Actuate,
    Answer,
    Asked,
    Commanded,
    Crashed,
    Effect,
    Emit,
    Moment,
    Request,
    Settle,
)
from sim.devices.car import Car
from sim.devices.car.facets import CourierAccess
from sim.devices.phone import Keys as PhoneKeys
from sim.trust.digital_key.enrolment import EnrolledKey
from sim.trust.key_talks import RevokeKey, ShareKey
from sim.trust.order_keys import CARRIED_MAX, LENT_MS, OpenBootFor
from tests.devices.talks import Asking, Kerb
from tests.senses import START_MS, FakeSenses

CAR = "su7"
BOOT = OpenBoot(car=CAR)
HOME = (40.0, 116.5)
HOUR_MS = 3_600_000


class Street(Kerb):
    """A kerb whose car may stand elsewhere, and whose phone has heard where it stands.

    Attributes:
        place: where the car is; None before anybody has heard of it.
        events: what the car has told.
        jammed: whether the boot's motor moves nothing.
    """

    def __init__(self, place: tuple[float, float] | None = HOME) -> None:
        self.place = place
        self.events: list[Emit] = []
        self.jammed = False
        super().__init__()

    def moment(self, name: str) -> Moment:
        """Return what a device senses now, with its place and what it has heard of the car's."""
        at = super().moment(name)
        assert isinstance(at.senses, FakeSenses)
        senses = replace(at.senses, place=self.place or HOME)
        if self.place is None or name == CAR:
            return replace(at, senses=senses)
        where = {"latitude_deg": self.place[0], "longitude_deg": self.place[1]}
        beliefs = at.beliefs.heard(CAR, "location", Belief(where, START_MS, (1, 1), "last"))
        return replace(at, senses=senses, beliefs=beliefs)

    def _perform(self, name: str, effect: Effect) -> None:
        if isinstance(effect, Emit):
            self.events.append(effect)
        if not (self.jammed and isinstance(effect, Actuate) and "boot" in effect.changes):
            super()._perform(name, effect)


def share(street: Street, **terms: Any) -> str:
    """Let Lin share a courier's key, and return what became of it."""
    return street.outcome("phone", ShareKey(car=CAR, to="kai_phone", role="courier", **terms), "share")


def off_place(street: Street) -> bool | None:
    """Return what the car tells the rules of the place, when the courier asks for the boot."""
    street.do("kai_phone", BOOT, "k-1")
    letter = street.hand_over_until("open_boot")
    asked = _asked(street, letter)
    car = street.car.considered(street.moment(CAR), asked)
    told = car.circumstances(street.moment(CAR), asked)
    assert isinstance(told, Car.Circumstances)
    return told.off_place


def _asked(street: Street, letter: Asking) -> Asked:
    command = next(one for one in street.car.commands if one.action == letter.request.action)
    arguments = command.model_validate(letter.request.arguments)
    presence = street.phone("kai_phone").presence(street.moment("kai_phone"))
    return Asked(letter.request.action, arguments, letter.sender, "kai", presence, letter.request.ticket)


@pytest.mark.parametrize(
    ("within_m", "moved_deg", "told"), [(None, 1.0, None), (50.0, 0.0004, False), (50.0, 0.0005, True)]
)
def test_car_tells_whether_it_stands_where_the_key_was_shared_for(
    within_m: float | None,
    moved_deg: float,
    told: bool | None,  # noqa: FBT001  # a row of the table
) -> None:
    """44 metres to the north are within 50, 56 are not; a key for anywhere is at home everywhere."""
    street = Street()
    assert share(street, within_m=within_m) == "done"
    street.place = (HOME[0] + moved_deg, HOME[1])

    assert off_place(street) is told


def test_place_outlives_a_restart_of_the_car() -> None:
    """It is kept with the key."""
    street = Street()
    share(street, within_m=50.0)
    assert street.outcome("kai_phone", BOOT, "k-0") == "done"
    (key,) = (one for one in street.car.keys.reader.keys.values() if one.device == "kai_phone")  # type: ignore[union-attr]

    assert key.place == (40_000_000, 116_500_000, 50)
    assert EnrolledKey.restored(key.kept()) == key
    assert EnrolledKey.restored(replace(key, place=None).kept()).place is None


def test_place_that_nobody_knows_is_no_place() -> None:
    """The phone has never heard where the car stands, and shares no key that is to be bound to it."""
    street = Street(place=None)

    assert share(street, within_m=50.0) == "failed"
    assert street.why("share") == "nobody knows where su7 stands, to which the key is to be bound"
    assert share(street) == "done"


def test_car_tells_of_a_courier_once() -> None:
    """An event and a report with whose key it was and when; a key of the household is nobody's business."""
    street = Street()
    share(street)
    assert street.outcome("phone", BOOT, "p-1") == "done"
    assert street.events == []
    street.change(CAR, boot="closed")
    assert street.outcome("kai_phone", BOOT, "k-1") == "done"
    street.outcome("kai_phone", BOOT, "k-2")

    (event,) = street.events
    assert (event.name, event.data["courier"]) == ("courier_opened", "kai_phone")
    (access,) = (one for one in street.car.report() if isinstance(one, CourierAccess))
    assert event.data["courier_key"] in access.courier_openings
    assert (access.courier, access.courier_opened_ms) == ("kai_phone", event.data["courier_opened_ms"])


# --- a boot that does not move ---------------------------------------------------------------------------


def visits(street: Street) -> list[str]:
    """Return whose keys have opened the boot, as the car reports."""
    return [str(event.data["courier"]) for event in street.events]


def test_jammed_boot_leaves_the_use() -> None:
    """Nobody has opened it, so the courier may try again; and then it is used up."""
    street = Street()
    share(street)
    street.jammed = True
    assert street.outcome("kai_phone", BOOT, "k-1") == "failed"
    assert visits(street) == []
    street.jammed = False
    assert street.outcome("kai_phone", BOOT, "k-2") == "done"
    street.change(CAR, boot="closed")

    assert street.outcome("kai_phone", BOOT, "k-3") == "denied USED_UP"
    assert visits(street) == ["kai_phone"]


def test_use_is_not_given_back_to_a_newer_grant() -> None:
    """The owner shared anew while the motor ran: that key has one use, and not two."""
    street = Street()
    share(street)
    street.jammed = True
    street.do("kai_phone", BOOT, "k-1")
    street.talk()
    keys = street.car.keys
    assert keys.reader is not None
    ((ticket, one),) = keys.opening.items()
    newer = replace(keys.reader.keys[one.kid], serial=one.serial + 1, uses_left=1)
    reader = replace(keys.reader, register=keys.reader.register.with_paired(newer))
    given = replace(keys, reader=reader)

    after, told = given.watched(street.moment(CAR), (Settle(ticket, Answer("failed")),), "closed", up=True)
    assert (after.opening, told) == ({}, ())
    assert after.reader is not None
    assert after.reader.keys[one.kid].uses_left == 1


@pytest.mark.parametrize(("moved", "visited"), [(True, ["kai_phone"]), (False, [])])
@pytest.mark.parametrize("lost", ["body", "car"])
def test_nothing_that_nobody_has_watched_is_a_second_use(
    lost: str,
    moved: bool,  # noqa: FBT001  # a row of the table
    visited: list[str],
) -> None:
    """Power was lost while the motor ran: an open boot is an opening, and a closed one may have been open."""
    street = Street()
    share(street)
    street.do("kai_phone", BOOT, "k-1")
    street.talk()
    if lost == "body":
        street.step(CAR, Crashed("body", up=False))
    if moved:
        street.facts[CAR]["boot"] = "open"
    if lost == "body":
        street.step(CAR, Crashed("body", up=True))
    else:
        street.restart(CAR)
    assert visits(street) == visited
    street.change(CAR, boot="closed")

    assert street.outcome("kai_phone", BOOT, "k-2") == "denied USED_UP"
    assert visits(street) == visited


def test_dead_body_controller_costs_no_use() -> None:
    """It was never told to open."""
    street = Street()
    share(street)
    street.step(CAR, Crashed("body", up=False))
    assert street.outcome("kai_phone", BOOT, "k-1") == "failed"
    assert street.why("k-1") == "the body controller does not answer"
    street.step(CAR, Crashed("body", up=True))

    assert street.outcome("kai_phone", BOOT, "k-2") == "done"


def test_silent_switch_keeps_the_use_until_it_speaks() -> None:
    """Nobody knows whether the boot has moved."""
    street = Street()
    share(street)
    street.jammed = True
    street.do("kai_phone", BOOT, "k-1")
    street.talk()
    street.change(CAR, boot=None)
    street.later(10_000)
    assert street.said("k-1") == "failed"
    assert [one.unclear for one in street.car.keys.opening.values()] == [True]
    street.change(CAR, boot="open")

    assert (visits(street), dict(street.car.keys.opening)) == (["kai_phone"], {})


# --- the phone of whoever ordered ------------------------------------------------------------------------


def parcel(state: str = "ordered", name: str = "parcel-1", version: int = 1) -> TakeBooking:
    """Return what the marketplace tells of a parcel."""
    return TakeBooking.model_validate(
        {
            "booking": name,
            "sort": "parcel",
            "version": version,
            "state": state,
            "title": "corner",
            "starts_ms": START_MS,
            "ends_ms": START_MS + HOUR_MS,
            "car": CAR,
            "courier": "kai_phone",
            "latitude_deg": HOME[0],
            "longitude_deg": HOME[1],
        }
    )


def apps(street: Street) -> tuple[PhoneErrands, Notifications]:
    """Return what Lin's phone keeps of errands, and its notifications."""
    errands, notifications = (street.phone().parts[name] for name in ("errands", "notifications"))
    assert isinstance(errands, PhoneErrands)
    assert isinstance(notifications, Notifications)
    return errands, notifications


def test_phone_shares_the_key_that_its_owner_agreed_to() -> None:
    """For the boot, once, at that place; and what the phone was told is a notification."""
    street = Street()
    street.step("phone", Commanded(parcel(), "m-1", "market", None, START_MS + 1_000))
    street.do("phone", LetCourierIn(), "let")
    street.talk()

    errands, notifications = apps(street)
    assert (errands.keys, notifications.latest) == ({"parcel-1": "shared"}, 1)
    assert street.phone().on_behalf == {}
    assert off_place(street) is False


def test_phone_on_the_table_shares_nothing_and_says_so() -> None:
    """It does not know that its owner is there."""
    street = Street()
    street.change("phone", carrier=None)
    street.step("phone", Commanded(parcel(), "m-1", "market", None, START_MS + 1_000))
    effects = street.step("phone", Acted(LetCourierIn(), "let", "lin"))

    errands, notifications = apps(street)
    assert errands.keys == {"parcel-1": "failed"}
    assert notifications.latest == 2
    assert notifications.notices[-1].body is not None
    assert "does not know that its owner is there" in notifications.notices[-1].body
    assert not any(isinstance(one, Request) and one.target == "kai_phone" for one in effects)


# --- a key for each delivery -----------------------------------------------------------------------------


def two_parcels() -> Street:
    """Return a street where Lin's phone has shared the keys of two parcels with Kai's."""
    street = Street()
    for number in (1, 2):
        news = parcel(name=f"parcel-{number}")
        street.step("phone", Commanded(news, f"m-{number}", "market", None, START_MS + 1_000))
        street.do("phone", LetCourierIn(delivery=news.booking), f"let-{number}")
        street.talk()
    return street


def test_each_delivery_has_a_key_of_its_own() -> None:
    """The oldest is used first, and the car says which it was; then none is left."""
    street = two_parcels()
    lent = street.phone().wallet.lent
    opened = []
    for number in (1, 2):
        assert street.outcome("kai_phone", BOOT, f"k-{number}") == "done"
        opened.append(street.events[-1].data["courier_key"])
        street.change(CAR, boot="closed")

    assert opened == [one.kid for one in lent.values()]
    assert len(set(opened)) == 2
    assert street.outcome("kai_phone", BOOT, "k-3") == "denied USED_UP"
    assert street.outcome("kai_phone", LockCar(car=CAR), "k-4") == "denied RIGHTS"


def test_courier_says_for_which_delivery() -> None:
    """Also after a restart of its phone; and not for one whose key it has not."""
    street = two_parcels()
    street.restart("kai_phone")
    second = list(street.phone().wallet.lent.values())[1].kid
    assert street.outcome("kai_phone", OpenBootFor(car=CAR, delivery="parcel-2"), "k-1") == "done"
    assert street.events[-1].data["courier_key"] == second

    assert street.outcome("kai_phone", OpenBootFor(car=CAR, delivery="parcel-2"), "k-2") == "failed"
    assert street.why("k-2") == "this device has no key for parcel-2 that still opens su7"


def test_key_of_a_called_off_delivery_is_taken_back() -> None:
    """The other opens; the courier's phone, which has not heard of it, is told by the car."""
    street = two_parcels()
    news = parcel("cancelled", version=2)
    street.step("phone", Commanded(news, "m-3", "market", None, START_MS + 1_000))
    street.talk()

    assert street.phone().report()[0] == PhoneKeys(revocation="done")
    assert street.outcome("kai_phone", BOOT, "k-1") == "denied REVOKED"
    assert street.outcome("kai_phone", BOOT, "k-2") == "done"


def test_courier_who_knows_what_is_over_takes_the_next() -> None:
    """Its phone tries no key of a delivery that was called off."""
    street = two_parcels()
    for name in ("phone", "kai_phone"):
        news = parcel("cancelled", version=2)
        street.step(name, Commanded(news, f"{name}-3", "market", None, START_MS + 1_000))
    street.talk()

    assert street.outcome("kai_phone", BOOT, "k-1") == "done"


def test_key_that_was_revoked_by_hand_is_told_and_replaced() -> None:
    """All keys of that phone are dead for ever, and a new one is another key."""
    street = two_parcels()
    street.do("phone", RevokeKey(car=CAR, device="kai_phone"), "revoke")
    street.talk()
    errands, _ = apps(street)
    assert set(errands.keys.values()) == {"revoked"}
    assert street.outcome("kai_phone", BOOT, "k-1") == "denied REVOKED"
    street.do("phone", LetCourierIn(delivery="parcel-2"), "again")
    street.talk()

    assert street.outcome("kai_phone", BOOT, "k-2") == "denied REVOKED"
    assert street.outcome("kai_phone", BOOT, "k-3") == "done"


def test_delivery_that_is_called_off_while_its_key_is_shared_gets_none() -> None:
    """What the courier's phone offered is not signed any more."""
    street = Street()
    street.step("phone", Commanded(parcel(), "m-1", "market", None, START_MS + 1_000))
    street.do("phone", LetCourierIn(), "let")
    news = parcel("cancelled", version=2)
    street.step("phone", Commanded(news, "m-2", "market", None, START_MS + 1_000))
    street.talk()

    assert street.phone().wallet.lent == {}
    assert street.phone("kai_phone").wallet.carried == {}
    errands, _ = apps(street)
    assert errands.keys == {"parcel-1": "revoked"}


def test_keys_of_long_ago_are_forgotten() -> None:
    """A day after their end, by whoever shared them; the newest of somebody's round are kept."""
    street = two_parcels()
    street.now_ms += HOUR_MS + LENT_MS
    assert share(street) == "done"
    wallet = street.phone("kai_phone").wallet
    name, last = list(wallet.carried.items())[-1]
    many = {f"key-{number}": replace(last, order=f"p-{number}") for number in range(CARRIED_MAX)}
    full = replace(wallet, carried=many)
    public = street.car.keys.reader.public_key.hex()  # type: ignore[union-attr]
    taken, answer = full.take(CAR, public, last.grant, name, "p-new")

    assert street.phone().wallet.lent == {}
    assert len(street.phone().wallet.shared["kai_phone"]) == 1
    assert answer == Answer("done")
    assert (len(taken.carried), "key-0" in taken.carried, name in taken.carried) == (CARRIED_MAX, False, True)
    assert full.take(CAR, public, last.grant, "another", "p-new")[1].status == "failed"
