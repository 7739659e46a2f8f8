"""`--broker mqtt://…`: a broker that somebody else runs, from the command line, with its secrets kept."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from sim.shell.brokers.accounts import Login, mosquitto_password_file
from sim.shell.brokers.child import answers, child, free_port
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.external import PASSWORD_VARIABLE
from sim.shell.brokers.mosquitto import find_mosquitto, leashed
from tests.shell.carhome import HELD, Command, Ended, carhome
from tests.shell.test_external import certify

pytestmark = pytest.mark.network

FILE = "a.scenario.yaml"
TEST_SECONDS_MAX = 60.0
SECRET = "offenes-geheimnis"  # noqa: S105  # of a broker that lives for a test
LOGINS = {"su7": Login("wang.su7", SECRET), "watch": Login("wang.watch", SECRET), "any": Login("lin", SECRET)}
EACH = f"wang.su7:{SECRET}\nwang.watch:{SECRET}\n"


@contextlib.asynccontextmanager
async def broker(home: Path) -> AsyncIterator[tuple[int, int]]:
    """A Mosquitto that asks for passwords, on a plain port and on one with TLS."""
    program = find_mosquitto()
    assert program is not None
    folder = home / "broker"
    folder.mkdir()
    plain, tls = free_port(), free_port()
    certify(folder)
    folder.chmod(0o755)
    (folder / "passwords").write_text(mosquitto_password_file(LOGINS.values()))
    config = f"""\
listener {plain} 127.0.0.1
listener {tls} 127.0.0.1
certfile {folder}/certificate
keyfile {folder}/key
allow_anonymous false
password_file {folder}/passwords
set_tcp_nodelay true
"""
    (folder / "conf").write_text(config)
    endpoint = Endpoint("wang", "somebody's broker", "127.0.0.1", plain, LOGINS, permissions=False)
    async with (
        asyncio.timeout(TEST_SECONDS_MAX),
        child(leashed(program, "-c", str(folder / "conf")), home / "log") as process,
    ):
        assert await answers(endpoint, "watch", process)
        yield plain, tls


async def run(home: Path, *words: str, variables: Mapping[str, str] | None = None) -> Ended:
    """Run a sound scenario over the broker, which lives in the loop of the test."""
    (home / FILE).write_text(HELD)
    return await asyncio.to_thread(carhome, home, "run", FILE, *words, variables=variables)


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_password_from_the_environment_opens_the_broker(home: Path) -> None:
    """One user for all devices, whose password stands in a variable; the records are those of memory."""
    async with broker(home) as (port, _):
        ended = await run(
            home,
            "--broker",
            f"mqtt://lin@127.0.0.1:{port}",
            "--record",
            "there",
            variables={PASSWORD_VARIABLE: SECRET},
        )
        again = await run(
            home, "--broker", f"mqtt://lin@127.0.0.1:{port}", variables={PASSWORD_VARIABLE: SECRET}
        )
    await run(home, "--broker", "memory", "--record", "here")

    assert (ended.code, again.code) == (0, 0)
    assert ended.err == f"broker: 127.0.0.1:{port}, not relied on for permissions\n"
    assert (home / "there").read_bytes() == (home / "here").read_bytes()


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_password_file_opens_the_broker_for_each_device(home: Path) -> None:
    """A line for each device logs each in as itself."""
    (home / "secrets").write_text(EACH)
    async with broker(home) as (port, _):
        ended = await run(home, "--broker", f"mqtt://127.0.0.1:{port}", "--password-file", "secrets")

    assert ended.code == 0
    assert SECRET not in ended.out + ended.err


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_ca_file_makes_a_certificate_trusted(home: Path) -> None:
    """With TLS the broker's certificate is verified, by the authority that the user names."""
    (home / "secrets").write_text(EACH)
    async with broker(home) as (_, port):
        words = ("--broker", f"mqtts://127.0.0.1:{port}", "--password-file", "secrets")
        trusted = await run(home, *words, "--ca-file", "broker/certificate")
        unknown = await run(home, *words)

    assert (trusted.code, unknown.code) == (0, 4)
    assert trusted.err.startswith(f"broker: 127.0.0.1:{port} (TLS)")
    assert f"the certificate of 127.0.0.1:{port} (TLS) cannot be trusted" in unknown.err
    assert "pass" not in unknown.out


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_wrong_password_is_told_and_not_repeated(home: Path) -> None:
    """A broker that lets nobody in is the machine's fault, and no error quotes a password."""
    async with broker(home) as (port, _):
        ended = await run(
            home,
            "--broker",
            f"mqtt://lin@127.0.0.1:{port}",
            variables={PASSWORD_VARIABLE: "falsches-wort"},
        )

    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith(f"error[EN200]: 127.0.0.1:{port} does not let ")
    assert "falsches-wort" not in ended.err


def test_password_in_the_url_is_refused_without_an_echo(home: Path, here: Command) -> None:
    """A password would stay in histories and process lists; where it belongs is said, the word is not."""
    (home / FILE).write_text(HELD)

    for url in (f"mqtt://lin:{SECRET}@host", f"mqtts://:{SECRET}@host:8883", f"mqtt://lin:{SECRET}@[bad"):
        ended = here("run", FILE, "--broker", url)

        assert (ended.code, ended.out) == (2, "")
        assert SECRET not in ended.err


def test_password_file_that_lacks_a_device_is_a_mistake(home: Path, here: Command) -> None:
    """The device is named, and no secret."""
    (home / FILE).write_text(HELD)
    (home / "secrets").write_text(EACH.splitlines()[0] + "\n")

    ended = here("run", FILE, "--broker", "mqtt://127.0.0.1:1", "--password-file", "secrets")

    assert (ended.code, ended.out) == (2, "")
    assert "has no password for `wang.watch`" in ended.err
    assert SECRET not in ended.err
