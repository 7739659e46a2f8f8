"""A broker that somebody else runs: its URL, certificate and passwords, and what earlier runs left there."""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sim.core.errors import BrokerError, UsageError
from sim.core.messages import Frame
from sim.shell.brokers import open_broker
from sim.shell.brokers.accounts import Login, mosquitto_acl_file, mosquitto_password_file
from sim.shell.brokers.child import answers, child, free_port
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.external import PASSWORD_VARIABLE, BrokerAddress, ExternalOptions, parse_broker_url
from sim.shell.brokers.mosquitto import find_mosquitto, leashed
from sim.shell.brokers.mqtt_client import plain_client
from sim.shell.brokers.mqtt_link import MqttLink
from sim.world.network.link import Connect, Delivery, Grants, LinkPlan, Publish, Round, Subscribe

TEST_SECONDS_MAX = 30.0

PLAN = LinkPlan(
    home="home",
    grants={
        "car": Grants(write=("carhome/home/car/#",), read=("carhome/home/car/#",)),
        "phone": Grants(write=("carhome/home/phone/#",), read=("carhome/home/#",)),
    },
)
LOGINS = {"car": Login("home.car", "c-geheim"), "phone": Login("home.phone", "p-geheim")}
STATE = Frame("carhome/home/car/state/doors", b"{}", retain=True)


@contextlib.asynccontextmanager
async def mosquitto_of_somebody(*lines: str) -> AsyncIterator[tuple[Endpoint, Path]]:
    """A Mosquitto with these lines below a plain listener; `@` stands for its directory."""
    program = find_mosquitto()
    assert program is not None
    port = free_port()
    endpoint = Endpoint("home", "somebody's broker", "127.0.0.1", port, LOGINS, permissions=False)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_files(directory, f"listener {port} 127.0.0.1", *lines)
        async with (
            asyncio.timeout(TEST_SECONDS_MAX),
            child(leashed(program, "-c", f"{name}/conf"), directory / "log") as process,
        ):
            assert await answers(endpoint, "car", process)
            yield endpoint, directory


def write_files(directory: Path, *lines: str) -> None:
    """Fill the directory of a broker, which may run as another user."""
    directory.chmod(0o755)
    (directory / "passwords").write_text(mosquitto_password_file(LOGINS.values()))
    (directory / "permissions").write_text(mosquitto_acl_file(PLAN))
    (directory / "conf").write_text("\n".join(lines).replace("@", str(directory)))
    certify(directory)


def certify(directory: Path) -> None:
    """Write a certificate authority made up for the test, and the certificate of a server on loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody's authority")])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=3_650))
        .not_valid_after(now + dt.timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / "certificate").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (directory / "key").chmod(0o644)


def url(endpoint: Endpoint) -> str:
    """The endpoint's URL without a user."""
    return f"mqtt://127.0.0.1:{endpoint.port}"


async def leave_something(endpoint: Endpoint) -> None:
    """Retain a message of the household, as a run that was killed would."""
    async with plain_client(endpoint, "car", will=None) as car:
        await car.publish(STATE.topic, STATE.payload, qos=1, retain=True)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mqtt://broker", BrokerAddress(None, "broker", 1883, tls=False)),
        ("mqtts://me@broker", BrokerAddress("me", "broker", 8883, tls=True)),
        ("mqtt://a%40b@[::1]:1999/", BrokerAddress("a@b", "::1", 1999, tls=False)),
    ],
)
def test_url_is_read_with_default_ports(text: str, address: BrokerAddress) -> None:
    """A URL names user, host and port; the port defaults to the one registered for its scheme."""
    assert parse_broker_url(text) == address


@pytest.mark.parametrize("text", ["mqtt://me:geheim@broker", "mqtts://:geheim@broker:1"])
def test_password_in_the_url_is_refused_and_not_repeated(text: str) -> None:
    """A URL with a password is refused with where to put it, and the error does not spread it."""
    with pytest.raises(UsageError, match=f"holds a password .*`{PASSWORD_VARIABLE}`") as raised:
        parse_broker_url(text)

    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["http://broker", "mqtt://", "mqtt://broker/topic", "mqtt://b?c", "mqtt://b:x", "mqtt://[b"]
)
def test_url_of_something_else_is_refused(text: str) -> None:
    """What is no URL of a broker is refused with an example of one."""
    with pytest.raises(UsageError, match="mqtt://user@host:1883"):
        parse_broker_url(text)


@pytest.mark.network
@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_devices_log_in_as_themselves_by_a_password_file() -> None:
    """With a line for each device the broker's own permissions hold, and refusals are expected."""
    async with mosquitto_of_somebody(
        "allow_anonymous false", "password_file @/passwords", "acl_file @/permissions"
    ) as (broker, directory):
        file = directory / "logins"
        file.write_text("".join(f"{login.user}:{login.password}\n" for login in LOGINS.values()))
        options = ExternalOptions(password_file=file, permissions=True)
        async with open_broker(url(broker), PLAN, {}, options) as endpoint, MqttLink(endpoint) as link:
            connects = tuple(Connect(name, Frame(f"carhome/home/{name}/online", b"false")) for name in LOGINS)
            await link.exchange(Round(connects, ()))
            await link.exchange(Round((Publish("phone", STATE, allowed=False),), ()))
            await link.exchange(Round((Publish("car", STATE),), ()))
            await link.exchange(
                Round((Subscribe("phone", ("carhome/home/#",)),), (Delivery("phone", STATE),))
            )
            await link.clear()

        assert endpoint.sentence == f"broker: 127.0.0.1:{broker.port}"


@pytest.mark.network
@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_password_comes_from_the_environment() -> None:
    """The URL's user logs in with the password of the variable; a wrong one is told in one sentence."""
    async with mosquitto_of_somebody("allow_anonymous false", "password_file @/passwords") as (broker, _):
        address = f"mqtt://home.car@127.0.0.1:{broker.port}"
        async with open_broker(address, PLAN, {PASSWORD_VARIABLE: "c-geheim"}) as endpoint:
            assert set(endpoint.logins.values()) == {LOGINS["car"]}

        with pytest.raises(BrokerError, match=r"does not let `\w+` in: Not authorized") as raised:
            async with open_broker(address, PLAN, {PASSWORD_VARIABLE: "x-geheim"}):
                pass
        assert "geheim" not in str(raised.value)


@pytest.mark.network
@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_leftovers_of_an_earlier_run_are_refused_or_cleaned() -> None:
    """A household that still has retained messages is not run on top of them unless they may go."""
    async with mosquitto_of_somebody("allow_anonymous true") as (broker, _):
        await leave_something(broker)

        with pytest.raises(BrokerError, match=r"holds 1 retained message.* below `carhome/home/`.*--clean"):
            async with open_broker(url(broker), PLAN, {}):
                pass
        async with open_broker(url(broker), PLAN, {}, ExternalOptions(clean=True)):
            pass
        async with open_broker(url(broker), PLAN, {}) as endpoint:
            assert endpoint.sentence.endswith("not relied on for permissions")


@pytest.mark.network
@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_many_leftovers_are_all_found() -> None:
    """More retained messages than a broker sends at once are still counted and removed."""
    async with mosquitto_of_somebody("allow_anonymous true", "max_inflight_messages 3") as (broker, _):
        async with plain_client(broker, "car", will=None) as car:
            for number in range(120):
                await car.publish(f"carhome/home/car/state/s{number}", b"{}", qos=1, retain=True)

        with pytest.raises(BrokerError, match="holds 120 retained messages"):
            async with open_broker(url(broker), PLAN, {}):
                pass
        async with open_broker(url(broker), PLAN, {}, ExternalOptions(clean=True)):
            pass
        async with open_broker(url(broker), PLAN, {}):
            pass


@pytest.mark.network
@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_link_runs_over_verified_tls() -> None:
    """With the right authority a run works over TLS, wills and retained messages included."""
    port = free_port()
    async with mosquitto_of_somebody(
        "allow_anonymous true", f"listener {port} 127.0.0.1", "certfile @/certificate", "keyfile @/key"
    ) as (_, directory):
        options = ExternalOptions(ca_file=directory / "certificate")
        async with (
            open_broker(f"mqtts://127.0.0.1:{port}", PLAN, {}, options) as endpoint,
            MqttLink(endpoint) as link,
        ):
            connects = tuple(Connect(name, Frame(f"carhome/home/{name}/online", b"false")) for name in LOGINS)
            await link.exchange(Round(connects, ()))
            await link.exchange(Round((Publish("car", STATE),), ()))
            await link.exchange(
                Round((Subscribe("phone", ("carhome/home/#",)),), (Delivery("phone", STATE),))
            )
            await link.clear()


@pytest.mark.network
@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_untrusted_certificate_ends_the_run() -> None:
    """A broker whose certificate nobody vouches for is not spoken to."""
    port = free_port()
    async with mosquitto_of_somebody(
        "allow_anonymous true", f"listener {port} 127.0.0.1", "certfile @/certificate", "keyfile @/key"
    ):
        with pytest.raises(BrokerError, match=r"the certificate of .* cannot be trusted: self-signed"):
            async with open_broker(f"mqtts://127.0.0.1:{port}", PLAN, {}):
                pass


@pytest.mark.network
@pytest.mark.asyncio
async def test_unreachable_broker_is_named() -> None:
    """Nobody listening is one sentence with the address."""
    port = free_port()

    with pytest.raises(BrokerError, match=rf"127\.0\.0\.1:{port} cannot be reached: .*\b{port}\b"):
        async with asyncio.timeout(TEST_SECONDS_MAX), open_broker(f"mqtt://127.0.0.1:{port}", PLAN, {}):
            pass


@pytest.mark.asyncio
async def test_ca_file_without_certificates_is_refused(tmp_path: Path) -> None:
    """A CA file that is none is an error of the command line."""
    (tmp_path / "ca").write_text("nothing")

    with pytest.raises(UsageError, match=r"the CA file `.*` cannot be used"):
        async with open_broker("mqtts://broker", PLAN, {}, ExternalOptions(ca_file=tmp_path / "ca")):
            pass
