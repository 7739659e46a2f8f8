"""The rows of the catalogue about mutual TLS: who has no good certificate hears no byte of MQTT.

The table of all rows is in `test_attacks_on_the_broker`. In TLS 1.3 a client has finished its side of
the handshake before the broker has looked at its certificate, and may see an alert or only the end of
the connection; what the broker found wrong is in its log, in one line for each attempt.
"""

import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from sim.shell.brokers.certificates import Authority, Certificate
from tests.wire.homes import SOUNDER
from tests.wire.raw import DELIVERED, NOT_AUTHORIZED, SUCCESS
from tests.wire.secured import SecuredBroker, now, secured_broker
from tests.wire.siege import besieged_plan

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]

DAY = dt.timedelta(days=1)
UNLOCK = "carhome/wang/su7/cmd/phone/unlock"
MARKER = "carhome/wang/su7/cmd/sounder/marker"


@pytest.fixture(scope="module")
def broker() -> Iterator[SecuredBroker]:
    """A Mosquitto of the household that says what it refuses."""
    with secured_broker(besieged_plan(), verbose=True) as running:
        yield running


def refused(said: list[str]) -> list[str]:
    """Return the reasons for which TLS ended a connection, without those that ended by themselves."""
    words = [line.partition("SSL routines::")[2].rstrip(".") for line in said if "SSL routines::" in line]
    return [one for one in words if one != "unexpected eof while reading"]


def foreign(_: SecuredBroker) -> Certificate:
    """Return a certificate for the phone from another authority of the same name."""
    return Authority(Authority.new("wang household", now())).client("wang.phone", now())


def expired(broker: SecuredBroker) -> Certificate:
    """Return a certificate that was good until a month ago."""
    return broker.authority.client("wang.phone", now() - 60 * DAY, days=30)


def early(broker: SecuredBroker) -> Certificate:
    """Return a certificate that is good from tomorrow on."""
    return broker.authority.client("wang.phone", now() + DAY)


def servers(broker: SecuredBroker) -> Certificate:
    """Return the broker's own certificate, as if it had been stolen."""
    return broker.own["server"]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _broker: None, "peer did not return a certificate"),
        (foreign, "certificate verify failed"),
        (expired, "certificate verify failed"),
        (early, "certificate verify failed"),
        (servers, "certificate verify failed"),
    ],
    ids=["none", "foreign", "expired", "not-yet-valid", "server"],
)
def test_row_03_bad_certificate(
    broker: SecuredBroker, make: Callable[[SecuredBroker], Certificate | None], reason: str
) -> None:
    """No certificate, one of somebody else's, one out of its time or of the wrong sort lets nobody in."""
    with broker.wire("su7") as car, broker.wire(SOUNDER) as sounder:
        car.subscribe("carhome/wang/su7/cmd/+/+")
        with broker.saying() as said:
            assert broker.refusal(broker.context(make(broker)))

        sounder.publish(MARKER, b"marker")
        assert car.hear_until(b"marker") == []
    assert refused(said) == [reason]


def test_row_03_good_certificate(broker: SecuredBroker) -> None:
    """The same attempt with a good certificate is let in, so it is the certificate that was refused."""
    with pytest.raises(AssertionError, match="the broker answered"):
        broker.refusal(broker.context(broker.certificates["phone"]))


def test_row_04_user_name_of_another(broker: SecuredBroker) -> None:
    """Whoever has the phone's certificate is the phone, whatever user name and client id it claims."""
    claims = replace(broker.hello("watch"), password="anything")  # noqa: S106  # a guess
    with broker.wire("watch") as watch, broker.dial("phone") as wire, broker.saying() as said:
        welcome = wire.connect(claims)
        assert welcome is not None
        assert welcome.code == SUCCESS

        assert wire.publish("carhome/wang/watch/online", b"false", retain=True) == NOT_AUTHORIZED
        assert wire.publish("carhome/wang/su7/cmd/watch/unlock", b"{}") == NOT_AUTHORIZED
        assert wire.publish("carhome/wang/phone/online", b"true") in DELIVERED
        watch.ping()  # It was not pushed off.

    assert len([line for line in said if line.startswith("Denied PUBLISH from wang.phone ")]) == 2


def test_row_05_plain_tcp(broker: SecuredBroker) -> None:
    """MQTT without TLS is not understood: the connection ends without a byte."""
    with broker.saying() as said:
        assert broker.refusal(None) == "closed"

    assert len(refused(said)) == 1


def test_row_05_older_tls(broker: SecuredBroker) -> None:
    """TLS 1.2 is refused even with a good certificate."""
    context = broker.context(broker.certificates["phone"], version=ssl.TLSVersion.TLSv1_2)
    with broker.saying() as said:
        assert "PROTOCOL_VERSION" in broker.refusal(context)

    assert refused(said) == ["unsupported protocol"]


def test_row_32_revoked_certificate() -> None:
    """A revoked certificate lets nobody in again, but only its permissions end the connection it has.

    Mosquitto looks at the list of revoked certificates in the handshake only, so that a revoked device
    stays until its permissions go too. Who is who is still the certificate's to say after that.
    """
    own = "carhome/wang/phone/online"
    with secured_broker(besieged_plan(), verbose=True) as broker, broker.wire("phone") as phone:
        context = broker.context(broker.certificates["phone"])
        assert phone.publish(own) in DELIVERED

        with broker.saying() as said:
            broker.revoke("phone")
            phone.ping()
            assert broker.refusal(context)
        assert refused(said) == ["certificate verify failed"]
        assert phone.publish(own) in DELIVERED

        broker.drop_permissions("phone")
        phone.ping()
        assert phone.publish(own) == NOT_AUTHORIZED
        with broker.dial("watch") as wire:
            assert wire.connect(broker.hello("su7")) is not None
            assert wire.publish("carhome/wang/su7/online") == NOT_AUTHORIZED
