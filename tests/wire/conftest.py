"""The broker that is attacked."""

from collections.abc import Iterator

import pytest

from tests.wire.private import Broker, private_broker
from tests.wire.siege import besieged_plan


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A Mosquitto of the household with the compromised tv in it, which says what it denies."""
    with private_broker(besieged_plan(), verbose=True) as running:
        yield running
