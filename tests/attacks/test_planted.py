"""Planted bugs: a household with one bug each, in which the named test of the catalogue fails.

The cars with a bug are those of the protocol's own planted tests; here a whole household has one, with every
other line of defence in place. Where another line still holds, the test notices that it had to.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import ConfigDict

from sim.core.device import Asked, Moment
from sim.devices.car import Car, keys
from sim.trust.digital_key import KeyReader
from sim.trust.envelope import Opened, unverified
from sim.world import node
from sim.world.network import Network
from sim.world.node import inbox
from sim.world.node.inbox import Inbox, Taken
from sim.world.node.orders import Order
from sim.world.node.rates import Rates
from tests.attacks import test_catalogue_commands as commands
from tests.attacks import test_catalogue_floods as floods
from tests.attacks import test_catalogue_freshness as freshness
from tests.attacks import test_catalogue_keys as key_rows
from tests.trust.digital_key.planted import (
    DistanceFromTheMessage,
    ExpiryOfAnyNumber,
    LockoutByKeyId,
    WithoutDedupe,
    WithoutNonceCheck,
)


class ForgetfulInbox(Inbox):
    """An inbox that takes every copy for a new command."""

    def known(self, order: Order) -> Taken | None:  # noqa: ARG002  # the bug
        """Remember nothing."""
        return None


class OrderOfAnyNumber(Order):
    """An order whose expiry may be any number that Python's parser knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    expires_ms: float  # type: ignore[assignment]  # the bug

    @classmethod
    def read(cls, payload: bytes) -> Any:
        """Return what the signed bytes say, with NaN in it."""
        return cls.model_validate(json.loads(payload))


def car_with(reader: type[KeyReader]) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what gives every car that starts from now on another reader of keys."""
    return lambda patch: patch.setattr(keys, "KeyReader", reader)


def without_dedupe(patch: pytest.MonkeyPatch) -> None:
    """Let neither nodes nor cars remember what they have done."""
    patch.setattr(node, "Inbox", ForgetfulInbox)
    patch.setattr(keys, "KeyReader", WithoutDedupe)


def expiry_of_any_number(patch: pytest.MonkeyPatch) -> None:
    """Let every node hold NaN against its clock."""
    patch.setattr(inbox, "Order", OrderOfAnyNumber)


def without_rate_limit(patch: pytest.MonkeyPatch) -> None:
    """Let every node read everything that comes."""
    patch.setattr(Rates, "admit", lambda _rates, _sender, _now_ms: "passed")


def wakes_to_listen(patch: pytest.MonkeyPatch) -> None:
    """Let every car wake for a command before its rules have said whether it may be asked that."""
    usual = Car.considered

    def considered(car: Car, at: Moment, asked: Asked) -> Car:
        return replace(usual(car, at, asked), gateway=replace(car.gateway, asleep=False))

    patch.setattr(Car, "considered", considered)


def without_permissions(patch: pytest.MonkeyPatch) -> None:
    """Let the broker pass everything on."""
    patch.setattr(Network, "may_write", lambda _network, _device, _topic: True)


def without_signatures(patch: pytest.MonkeyPatch) -> None:
    """Let every node believe who an order says it is from."""

    def believed(envelope: Mapping[str, Any], typ: str, _keyring: object) -> Opened:
        _, payload = unverified(envelope, typ)
        return Opened(json.loads(payload)["sender"], payload)

    patch.setattr(inbox, "unseal", believed)


@dataclass(frozen=True)
class Planted:
    """A bug, and the test of the catalogue that notices it.

    Attributes:
        name: of the bug.
        plant: puts it into every household that is built from then on.
        notices: the test, with the row of its table that is about the bug.
        complaint: what the test then says: that something moved, or that nobody, or another line, refused.
    """

    name: str
    plant: Callable[[pytest.MonkeyPatch], None]
    notices: Callable[[], None]
    complaint: str


NOBODY_REFUSED = "the attack comes to\n[]\n"
BUGS = [
    Planted(
        "no nonce check",
        car_with(WithoutNonceCheck),
        lambda: freshness.test_row_18_captured_answer_spliced_to_a_new_challenge(
            renamed=False, code="STALE_CHALLENGE"
        ),
        "code='RANGING_FAILED'",
    ),
    Planted(
        "distance taken from the message",
        car_with(DistanceFromTheMessage),
        lambda: key_rows.test_row_19_key_that_says_how_near_it_is(80.0),
        NOBODY_REFUSED,
    ),
    Planted(
        "dedupe off",
        without_dedupe,
        lambda: commands.test_row_14_captured_command_in_the_victims_own_line(
            commands.heated, "phone", "set_climate", "heater"
        ),
        "what moved",
    ),
    Planted(
        "dedupe off, doubled", without_dedupe, freshness.test_row_18_every_message_comes_twice, "what moved"
    ),
    Planted(
        "a key's expiry compared with NaN",
        car_with(ExpiryOfAnyNumber),
        lambda: freshness.test_row_18_word_of_a_key_whose_expiry_is_no_number("NaN"),
        NOBODY_REFUSED,
    ),
    Planted(
        "an order's expiry compared with NaN",
        expiry_of_any_number,
        lambda: freshness.test_row_18_order_whose_expiry_is_no_number("NaN"),
        "layer='policy'",
    ),
    Planted(
        "lock-out by key id",
        car_with(LockoutByKeyId),
        lambda: floods.test_row_22_bad_signatures_under_the_owners_key_lock_out_their_sender_only("watch"),
        "what moved",
    ),
    Planted(
        "no rate limit",
        without_rate_limit,
        lambda: floods.test_row_22_flood_of_one_device_in_one_instant(300),
        "the attack comes to",
    ),
    Planted(
        "a car that wakes to listen",
        wakes_to_listen,
        lambda: floods.test_row_22_refused_commands_do_not_wake_the_car("tv", None, floods.JUDGED),
        "the attack wakes the car",
    ),
    Planted(
        "no permissions",
        without_permissions,
        lambda: commands.test_row_14_captured_command_on_its_own_topic_with_another_account("tv"),
        NOBODY_REFUSED,
    ),
    Planted(
        "no signatures",
        without_signatures,
        lambda: commands.test_row_16_changed_field_under_the_old_signature("by", "mei", "own topic"),
        "SENDER_KEY_MISMATCH",
    ),
    Planted(
        "no signatures, stolen account",
        without_signatures,
        lambda: commands.test_row_15_stolen_account_without_its_key(
            commands.order_of_mallorys, "UNKNOWN_KEY"
        ),
        "the attack comes to",
    ),
]


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_catalogue_notices_a_planted_bug(bug: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test holds in the household, and fails in the same household with the bug."""
    bug.notices()

    with monkeypatch.context() as patch:
        bug.plant(patch)
        with pytest.raises(AssertionError, match=re.escape(bug.complaint)):
            bug.notices()
