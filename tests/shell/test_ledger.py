"""What a broker owes: struck out once each, missed by name, and anything else is its fault."""

import asyncio

import pytest

from sim.core.errors import BrokerError
from sim.core.messages import Frame
from sim.shell.ledger import Ledger
from sim.world.network.link import Delivery

pytestmark = pytest.mark.asyncio

DOORS = Delivery("phone", Frame("carhome/home/car/state/doors", b"{}"))


def deliver(ledger: Ledger, delivery: Delivery) -> None:
    """Let a delivery arrive."""
    frame = delivery.frame
    ledger.arrived(delivery.receiver, frame.topic, frame.payload, retain=frame.retain)


async def test_ledger_settles_when_everything_owed_has_come() -> None:
    """The round ends with the last delivery and acknowledgement, the same frame twice counting twice."""
    ledger = Ledger("the broker")
    ledger.expect((DOORS, DOORS))
    ledger.ask("car", 1, "a message")
    waiting = asyncio.ensure_future(ledger.settled())
    await asyncio.wait((waiting,), timeout=0)
    deliver(ledger, DOORS)
    ledger.acknowledged("car", 1)
    await asyncio.wait((waiting,), timeout=0)
    assert not waiting.done()

    deliver(ledger, DOORS)

    await waiting


async def test_missing_delivery_names_receiver_and_topic() -> None:
    """A delivery that does not come in time is an error that says which."""
    ledger = Ledger("the broker", seconds_max=0)
    ledger.expect((DOORS,))

    with pytest.raises(
        BrokerError, match=r"the broker did not deliver the message on .*/doors` to `phone` within"
    ):
        await ledger.settled()


async def test_missing_kept_message_is_called_retained() -> None:
    """A retained message that does not come is told from a live one."""
    ledger = Ledger("the broker", seconds_max=0)
    ledger.expect((Delivery("phone", Frame("a", b"b", retain=True)),))

    with pytest.raises(BrokerError, match="did not deliver the retained message"):
        await ledger.settled()


async def test_missing_acknowledgement_names_the_device() -> None:
    """A packet that is never acknowledged is an error that says whose."""
    ledger = Ledger("the broker", seconds_max=0)
    ledger.ask("car", 1, "a subscription")

    with pytest.raises(BrokerError, match="did not acknowledge a subscription of `car`"):
        await ledger.settled()


async def test_doubled_delivery_is_a_fault_of_the_next_round() -> None:
    """A second copy that comes after its round ended is found when the next one opens."""
    ledger = Ledger("the broker")
    ledger.expect((DOORS,))
    deliver(ledger, DOORS)
    await ledger.settled()
    deliver(ledger, DOORS)

    with pytest.raises(BrokerError, match=r"`phone` was sent a message .* that no device sent it"):
        ledger.expect(())


async def test_live_copy_does_not_stand_for_a_kept_one() -> None:
    """The retain flag is part of what is owed."""
    ledger = Ledger("the broker")
    ledger.expect((DOORS,))
    ledger.arrived("phone", DOORS.frame.topic, DOORS.frame.payload, retain=True)

    with pytest.raises(BrokerError, match="was sent a retained message"):
        await ledger.settled()


async def test_spare_copies_are_counted() -> None:
    """Copies for overlapping filters are free, one more is not."""
    ledger = Ledger("the broker")
    ledger.expect((DOORS,))
    ledger.allow_copies(DOORS, 1)
    deliver(ledger, DOORS)
    deliver(ledger, DOORS)
    await ledger.settled()
    deliver(ledger, DOORS)

    with pytest.raises(BrokerError, match="that no device sent it"):
        await ledger.settled()


async def test_first_fault_is_the_one_that_is_told() -> None:
    """What follows from the first fault does not hide it."""
    ledger = Ledger("the broker")
    ledger.fail(BrokerError("first"))
    ledger.fail(BrokerError("second"))

    with pytest.raises(BrokerError, match="first"):
        ledger.expect(())
    assert ledger.broken


async def test_abandoned_round_takes_whatever_comes() -> None:
    """After Ctrl-C late deliveries are nobody's fault."""
    ledger = Ledger("the broker")
    ledger.expect((DOORS,))
    ledger.abandon()
    deliver(ledger, DOORS)

    await ledger.settled()
    assert not ledger.broken
