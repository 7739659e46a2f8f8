"""Terms, leases and the time they are judged by: who is entitled follows from signed numbers alone."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apps.entitlements.elapsed import AHEAD_MS_MAX, LOOK_EVERY_MS, Elapsed
from sim.apps.entitlements.leases import (
    TIMER,
    GrantFeature,
    Lease,
    LeaseError,
    Leases,
    WithdrawFeature,
    opened,
    safety_relevant,
    sealed,
)
from sim.apps.entitlements.terms import ENTITLED, FEATURES, Term
from sim.apps.twins.intents import Peers
from sim.core.device import Answer, Booted, Commanded, Linked, Peer, Settle, StartTimer, TimerFired
from sim.trust.derivation import intent_key
from sim.trust.envelope import seal
from sim.trust.identity import Identity
from tests.leases import HOUR, SHOP
from tests.leases import PEERS as SELLERS
from tests.leases import lease as leased
from tests.senses import START_MS

DAY = 24 * HOUR
SECOND = intent_key("shop2", b"t" * 32)
OTHER = intent_key("phone", b"p" * 32)
PEERS = Peers(
    {
        **SELLERS,
        "shop2": Peer("subscriptions", None, shared=True, key=SECOND.key.public_key().public_bytes_raw()),
        "phone": Peer("phone", "lin", shared=False, key=OTHER.key.public_key().public_bytes_raw()),
    }
)
MOMENTS = st.integers(0, 40)


def lease(number: int = 1, **facts: Any) -> Lease:
    """Return a lease for films in the car, paid for a day from now."""
    return leased(number=number, hours=24, **facts)


def grant(one: Lease, service: Identity = SHOP) -> Commanded:
    """Return the command that brings a lease."""
    wish = GrantFeature(feature=one.feature, lease=sealed(service, one))
    return Commanded(wish, "t1", "shop", None, START_MS + 30_000)


def withdrawal(one: Lease, service: Identity = SHOP) -> Commanded:
    """Return the command that brings one that ends."""
    wish = WithdrawFeature(feature=one.feature, lease=sealed(service, one))
    return Commanded(wish, "t1", "shop", None, START_MS + 30_000)


def fresh() -> Leases:
    """Return the leases of a car that knows the household and has just started."""
    leases, effects = Leases("su7").provided(PEERS).step(START_MS, Booted())
    assert effects == ()
    return leases


def answer(effects: tuple[Any, ...]) -> Answer:
    """Return what was answered."""
    return next(one.answer for one in effects if isinstance(one, Settle))


# --- terms ----------------------------------------------------------------------------------------------


def test_a_term_goes_from_trial_to_paid_to_grace_and_ends() -> None:
    """Each bound belongs to what follows it."""
    term = Term(trial_until_ms=10, paid_until_ms=20, grace_until_ms=25)

    stood = [term.standing(at_ms) for at_ms in (9, 10, 19, 20, 24, 25)]

    assert stood == ["trial", "paid", "paid", "grace", "grace", "expired"]
    assert [term.next_ms(at_ms) for at_ms in (0, 10, 20, 25)] == [10, 20, 25, None]
    assert (term.due_ms, term.ends_ms) == (20, 25)


def test_a_refund_ends_a_term_at_once() -> None:
    """Whatever was paid."""
    term = Term(paid_until_ms=20, grace_until_ms=25, refunded=True)

    assert (term.standing(0), term.ends_ms, term.next_ms(0)) == ("refunded", 0, None)


@given(trial=MOMENTS, paid=MOMENTS, grace=MOMENTS, at_ms=MOMENTS, refunded=st.booleans())
def test_nobody_is_entitled_but_by_trial_payment_or_grace(
    *, trial: int, paid: int, grace: int, at_ms: int, refunded: bool
) -> None:
    """And until the end that a term names, without a gap."""
    term = Term(trial, paid, grace, refunded)

    assert term.entitles(at_ms) is (not refunded and at_ms < max(trial, paid, grace))
    assert term.entitles(at_ms) is (at_ms < term.ends_ms)
    assert (term.standing(at_ms) in ENTITLED) is term.entitles(at_ms)


# --- time -----------------------------------------------------------------------------------------------


def test_a_clock_that_is_right_is_followed() -> None:
    """Between two looks, and at them."""
    elapsed, delay_ms = Elapsed().begun(START_MS).until(None)

    assert delay_ms == LOOK_EVERY_MS
    assert elapsed.now_ms(START_MS + 1_000) == START_MS + 1_000
    assert elapsed.looked(START_MS + LOOK_EVERY_MS).least_ms == START_MS + LOOK_EVERY_MS


@given(
    back=st.lists(st.integers(0, 30 * DAY), min_size=1, max_size=40),
    looks=st.integers(1, 40),
)
def test_a_clock_that_is_set_back_stops_nothing(back: list[int], looks: int) -> None:
    """Whatever it says, after some looks it is as late as timers have counted."""
    elapsed, passed_ms = Elapsed().begun(START_MS), 0

    for look in range(looks):
        elapsed, delay_ms = elapsed.until(None)
        passed_ms += delay_ms
        elapsed = elapsed.looked(START_MS + passed_ms - back[look % len(back)])

    assert elapsed.least_ms == START_MS + passed_ms


def test_a_jump_ahead_is_believed_when_it_stays() -> None:
    """At the second look; one that has gone by then ended nothing."""
    first, _ = Elapsed().begun(START_MS).until(None)
    jumped = START_MS + LOOK_EVERY_MS + AHEAD_MS_MAX + DAY

    once, _ = first.looked(jumped).until(None)
    assert (once.least_ms, once.ahead) == (START_MS + LOOK_EVERY_MS, True)
    assert once.looked(jumped).least_ms == jumped
    mended = once.looked(START_MS + 2 * LOOK_EVERY_MS)
    assert (mended.least_ms, mended.ahead) == (START_MS + 2 * LOOK_EVERY_MS, False)


def test_after_a_restart_time_goes_on_from_what_was_kept() -> None:
    """A clock behind it is not believed, and one that is ahead is: it went on without power."""
    kept = Elapsed(**Elapsed().begun(START_MS).kept())

    assert kept.begun(START_MS - DAY).now_ms(START_MS - DAY) == START_MS
    assert kept.begun(START_MS + DAY).now_ms(START_MS + DAY) == START_MS + DAY


def test_the_next_look_is_when_something_ends() -> None:
    """But not later than usual, and not at once for ever."""
    begun = Elapsed().begun(START_MS)

    assert begun.until(START_MS + 5)[1] == 5
    assert begun.until(START_MS + DAY)[1] == LOOK_EVERY_MS
    assert begun.until(START_MS)[1] == 1


# --- leases ---------------------------------------------------------------------------------------------


def test_a_lease_is_opened_as_it_was_sealed() -> None:
    """By whoever knows the service's key."""
    assert opened(sealed(SHOP, lease()), PEERS, "su7", "entertainment") == ("shop", lease())


@pytest.mark.parametrize(
    ("envelope", "sentence"),
    [
        ({}, "does not have exactly the fields"),
        (sealed(OTHER, lease()), "`phone` signed it, which is no subscription service"),
        (sealed(intent_key("shop", b"x" * 32), lease()), "has not enrolled the key"),
        ({**sealed(SHOP, lease()), "p": sealed(SHOP, lease(2))["p"]}, "the signature does not fit"),
        (seal(SHOP, "intent", b"{}"), "does not hold a lease"),
        (seal(SHOP, "lease", b"{}"), "the field `device` is missing"),
        (seal(SHOP, "lease", b"nonsense"), "it is no lease"),
        (sealed(SHOP, lease(device="tv")), "the lease is for `entertainment` of `tv`"),
        (sealed(SHOP, lease(feature="assisted_driving")), "for `assisted_driving` of `su7`"),
    ],
)
def test_what_is_no_lease_for_this_device_is_refused(envelope: Mapping[str, Any], sentence: str) -> None:
    """Signed by another, changed, for another device or feature, or not a lease at all."""
    with pytest.raises(LeaseError, match=sentence):
        opened(envelope, PEERS, "su7", "entertainment")

    command = GrantFeature(feature="entertainment", lease=dict(envelope))
    after, effects = fresh().step(START_MS, Commanded(command, "t1", "shop", None, 0))
    assert answer(effects).status == "failed"
    assert after.held == {}


def test_a_device_takes_a_lease_and_lets_it_end() -> None:
    """With a timer for its end; what has ended needs none."""
    short = lease(paid_until_ms=START_MS + 60_000, grace_until_ms=START_MS + 120_000)

    leases, effects = fresh().step(START_MS, grant(short))
    assert effects == (Settle("t1", Answer("done")), StartTimer(TIMER, 60_000))
    assert leases.standing("entertainment", START_MS) == "paid"
    assert leases.standings(START_MS) == {
        "assisted_driving": "absent",
        "smart_navigation": "absent",
        "entertainment": "paid",
    }
    assert leases.numbers() == {"entertainment": 1}

    leases, effects = leases.step(START_MS + 60_000, TimerFired(TIMER))
    assert (leases.standing("entertainment", START_MS + 60_000), effects) == (
        "grace",
        (StartTimer(TIMER, 60_000),),
    )
    leases, effects = leases.step(START_MS + 120_000, TimerFired(TIMER))
    assert (leases.standing("entertainment", START_MS + 120_000), effects) == ("expired", ())


def test_newer_leases_replace_older_ones_and_never_the_other_way_round() -> None:
    """One that is there already is no news; an old one that is sent again revives nothing."""
    first = lease(1)
    ended = lease(2, refunded=True)
    leases, _ = fresh().step(START_MS, grant(first))
    again, effects = leases.step(START_MS, grant(first))
    assert (again, answer(effects).status) == (leases, "done")

    leases, effects = leases.step(START_MS, withdrawal(ended))
    assert answer(effects).status == "done"
    after, effects = leases.step(START_MS, grant(first))
    assert answer(effects) == Answer("failed", "a newer lease is already there")
    assert after.standing("entertainment", START_MS) == "refunded"


def test_no_service_ends_what_another_was_paid_for() -> None:
    """A device is entitled when any of its leases entitles, and by the one that does so longest."""
    hour = lease(9, issued_ms=START_MS + 1, paid_until_ms=START_MS + HOUR, grace_until_ms=0)
    leases, _ = fresh().step(START_MS, grant(lease(5)))
    leases, _ = leases.step(START_MS, grant(hour, SECOND))
    assert (leases.ends_ms("entertainment"), leases.numbers()) == (START_MS + DAY, {"entertainment": 5})

    leases, effects = leases.step(START_MS, withdrawal(lease(10, refunded=True), SECOND))
    assert answer(effects).status == "done"
    assert leases.standing("entertainment", START_MS + HOUR) == "paid"
    again = Leases.of("su7", leases.kept()).provided(PEERS)
    assert again.standing("entertainment", START_MS + HOUR) == "paid"

    last = lease(6, refunded=True, issued_ms=START_MS + 2)
    leases, _ = leases.step(START_MS, withdrawal(last))
    assert leases.standing("entertainment", START_MS) == "refunded"
    assert (leases.ends_ms("entertainment"), fresh().ends_ms("entertainment")) == (0, None)


def test_a_number_stands_for_one_lease() -> None:
    """What has the number of another and says something else is refused."""
    leases, _ = fresh().step(START_MS, grant(lease()))
    after, effects = leases.step(START_MS, grant(lease(paid_until_ms=START_MS + 9 * DAY)))

    assert answer(effects) == Answer("failed", "the lease of this number says something else")
    assert after == leases


def test_a_grant_grants_and_a_withdrawal_withdraws() -> None:
    """The rules weigh the two differently, so neither may hide in the other."""
    for order in (withdrawal(lease()), grant(lease(refunded=True))):
        after, effects = fresh().step(START_MS, order)
        assert answer(effects).reason.startswith("the lease grants what is to be withdrawn")
        assert after.held == {}


def test_only_the_newest_lease_says_how_late_it_is() -> None:
    """One that is handed on late for another feature does not turn the time back."""
    later = lease(1, issued_ms=START_MS + HOUR)
    earlier = lease(1, feature="smart_navigation", issued_ms=START_MS)
    leases, _ = fresh().step(START_MS, grant(later))
    assert leases.elapsed.least_ms == START_MS + HOUR

    leases, effects = leases.step(START_MS, grant(earlier))

    assert answer(effects).status == "done"
    assert leases.elapsed.least_ms == START_MS + HOUR


def test_leases_survive_a_restart() -> None:
    """With the time up to which they were judged."""
    leases, _ = fresh().step(START_MS, grant(lease()))

    restarted = Leases.of("su7", leases.kept()).provided(PEERS)
    restarted, effects = restarted.step(START_MS - HOUR, Booted())

    assert restarted.held == leases.held
    assert effects == (StartTimer(TIMER, LOOK_EVERY_MS),)
    assert restarted.elapsed.least_ms == START_MS


def test_other_stimuli_change_nothing() -> None:
    """A link that comes, another part's timer."""
    leases = fresh()

    assert leases.step(START_MS, Linked(up=True)) == (leases, ())
    assert leases.step(START_MS, TimerFired("telemetry")) == (leases, ())


def test_a_household_without_a_service_sells_nothing() -> None:
    """Then a device came with everything, or a scenario says how it stands."""
    assert fresh().sold
    assert not Leases("su7").sold


def test_assisted_driving_is_what_driving_relies_on() -> None:
    """And nothing else that can be subscribed to."""
    assert [feature for feature in FEATURES if safety_relevant(feature)] == ["assisted_driving"]


@given(
    until_min=st.integers(1, 3_000),
    clocks=st.lists(st.integers(-50 * DAY, 0), min_size=1, max_size=8),
)
def test_no_clock_that_is_set_back_lengthens_a_lease(until_min: int, clocks: list[int]) -> None:
    """A device that only ever runs timers, with its clock set back anew at each of them."""
    end_ms = START_MS + until_min * 60_000
    leases, effects = fresh().step(START_MS, grant(lease(paid_until_ms=end_ms, grace_until_ms=end_ms)))
    passed_ms, look = 0, 0

    while effects:
        passed_ms += next(one.delay_ms for one in effects if isinstance(one, StartTimer))
        wall_ms = START_MS + passed_ms + clocks[look % len(clocks)]
        leases, effects = leases.step(wall_ms, TimerFired(TIMER))
        look += 1

    assert START_MS + passed_ms == end_ms
    assert leases.standing("entertainment", START_MS) == "expired"
