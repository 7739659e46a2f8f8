"""Private brokers: started with random passwords, and gone without a trace however the run ends."""

import asyncio
import contextlib
import os
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import pytest

from sim.core.errors import BrokerError, MissingPartError, UsageError
from sim.core.messages import Frame
from sim.shell.brokers import child, open_broker
from sim.shell.brokers.accounts import OBSERVER, Login
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.external import ExternalOptions
from sim.shell.brokers.mosquitto import find_mosquitto
from sim.shell.brokers.mqtt_client import NOT_AUTHORIZED, DeviceClient, plain_client
from sim.shell.ledger import Ledger
from sim.world.network.link import Grants, LinkPlan, Publish

pytestmark = pytest.mark.network

TEST_SECONDS_MAX = 30.0

PLAN = LinkPlan(
    home="home",
    grants={
        "car": Grants(write=("carhome/home/car/#",), read=("carhome/home/car/#",)),
        "phone": Grants(write=("carhome/home/phone/#",), read=("carhome/home/#",)),
    },
)
EVENT = Frame("carhome/home/car/event/unlocked", b"{}")

both_brokers = pytest.mark.parametrize("kind", ["mosquitto", "embedded"])


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for temporary directories that only this test uses, and that another user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield Path(name)


def files(directory: Path) -> dict[str, int]:
    """Every file and folder below a directory with its permissions."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.rglob("*")}


def watching(directory: Path) -> tuple[Path, str]:
    """Where the options for `mosquitto_sub` are, and what they say."""
    (file,) = directory.glob("*/mosquitto_sub")
    return file.parent, file.read_text()


def alive(endpoint: Endpoint) -> bool:
    """Whether the broker's process still exists."""
    assert endpoint.process_id is not None
    try:
        os.kill(endpoint.process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.asyncio
@both_brokers
async def test_broker_is_gone_after_success(kind: str, temporary: Path) -> None:
    """After the block neither process nor file is left."""
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker(kind, PLAN, {}) as endpoint:
        assert alive(endpoint)
        assert len(files(temporary)) > 1

    assert not alive(endpoint)
    assert files(temporary) == {}


@pytest.mark.asyncio
@both_brokers
async def test_broker_is_gone_after_failure(kind: str, temporary: Path) -> None:
    """A run that raises ends its broker too."""
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(TEST_SECONDS_MAX), open_broker(kind, PLAN, {}) as endpoint:
            raise ZeroDivisionError

    assert not alive(endpoint)
    assert files(temporary) == {}


@pytest.mark.asyncio
@both_brokers
async def test_broker_is_gone_after_cancellation(kind: str, temporary: Path) -> None:
    """Ctrl-C in the middle of a run ends the broker."""
    opened: list[Endpoint] = []
    ready = asyncio.Event()

    async def run() -> None:
        async with open_broker(kind, PLAN, {}) as endpoint:
            opened.append(endpoint)
            ready.set()
            await asyncio.get_running_loop().create_future()

    async with asyncio.timeout(TEST_SECONDS_MAX):
        task = asyncio.ensure_future(run())
        await ready.wait()
        task.cancel()
        await asyncio.wait((task,))

    assert task.cancelled()
    assert not alive(opened[0])
    assert files(temporary) == {}


@pytest.mark.asyncio
@both_brokers
async def test_cancellation_at_any_point_of_the_start_leaves_nothing(kind: str, temporary: Path) -> None:
    """Ctrl-C while the broker is starting leaves no file, whichever step it hits."""

    async def run() -> None:
        async with open_broker(kind, PLAN, {}):
            pass

    for turns in range(0, 40, 4):
        task = asyncio.ensure_future(run())
        for _turn in range(turns):
            await asyncio.wait((task,), timeout=0)
        task.cancel()
        await asyncio.wait((task,), timeout=TEST_SECONDS_MAX)

        assert task.done()
        assert files(temporary) == {}


@pytest.mark.asyncio
@both_brokers
async def test_broker_killed_by_somebody_leaves_no_file(kind: str, temporary: Path) -> None:
    """A broker that is already dead at the end of the run is no error, and its files go."""
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker(kind, PLAN, {}) as endpoint:
        assert endpoint.process_id is not None
        os.kill(endpoint.process_id, signal.SIGKILL)

    assert not alive(endpoint)
    assert files(temporary) == {}


_RUN_FOR_EVER = """
import asyncio, sys
from sim.shell.brokers import open_broker
from sim.world.network.link import LinkPlan

async def main():
    async with open_broker(sys.argv[1], LinkPlan("home", {}), {}) as endpoint:
        print(endpoint.port, flush=True)
        await asyncio.get_running_loop().create_future()

asyncio.run(main())
"""


@pytest.mark.asyncio
@both_brokers
async def test_broker_ends_when_its_run_is_killed(kind: str, temporary: Path) -> None:
    """A run that is killed outright takes its broker with it."""
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(sys.path)}
    async with asyncio.timeout(TEST_SECONDS_MAX):
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _RUN_FOR_EVER, kind, stdout=asyncio.subprocess.PIPE, env=environment
        )
        assert run.stdout is not None
        port = int(await run.stdout.readline())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        run.kill()
        await run.wait()

        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        while await child.listens(port):
            pass


@pytest.mark.asyncio
@both_brokers
async def test_lost_race_for_the_port_is_run_again(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody else took meanwhile is given up for another one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter((taken.getsockname()[1], child.free_port()))
        monkeypatch.setattr("sim.shell.brokers.child.free_port", lambda: next(ports))

        async with asyncio.timeout(TEST_SECONDS_MAX), open_broker(kind, PLAN, {}) as endpoint:
            assert endpoint.port != taken.getsockname()[1]


@pytest.mark.asyncio
@both_brokers
async def test_wrong_password_is_refused_in_one_sentence(kind: str) -> None:
    """A device with another password is not let in, and the error says who and where, without a secret."""
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker(kind, PLAN, {}) as endpoint:
        wrong = Endpoint(
            home="home",
            label=endpoint.label,
            host=endpoint.host,
            port=endpoint.port,
            logins={"car": Login("home.car", "geheim")},
            permissions=False,
        )

        with pytest.raises(BrokerError, match="`car`") as raised:
            await DeviceClient(wrong, "car", Ledger(wrong.label), None).enter()

        assert endpoint.label in str(raised.value)
        assert "geheim" not in str(raised.value)


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_files_of_a_private_broker_are_for_its_owner_only(temporary: Path) -> None:
    """No other user of the machine can read the household's accounts."""
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker("mosquitto", PLAN, {}):
        modes = files(temporary)

    assert modes.pop("log") & 0o077 == 0o044  # what Mosquitto says, inside a directory nobody can enter
    assert sorted(modes.values()) == [0o600] * 4 + [0o700]


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_observer_reads_everything_and_writes_nothing(temporary: Path) -> None:
    """A presenter's account hears the household, and is refused when it speaks."""
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker("mosquitto", PLAN, {}) as endpoint:
        ledger = Ledger(endpoint.label)
        speaker = DeviceClient(endpoint, OBSERVER, ledger, None)
        await speaker.enter()
        speaker.put(Publish(OBSERVER, EVENT, allowed=False))
        await ledger.settled()
        await speaker.leave(graceful=True)
        async with (
            plain_client(endpoint, OBSERVER, will=None) as observer,
            plain_client(endpoint, "car", will=None) as car,
        ):
            await observer.subscribe("carhome/#", qos=1)
            await car.publish(EVENT.topic, EVENT.payload, qos=1)
            heard = await anext(observer.messages)

        assert heard.topic.value == EVENT.topic
        login = endpoint.logins[OBSERVER]
        where, text = watching(temporary)
        assert text == f"-h 127.0.0.1\n-p {endpoint.port}\n-u home.observer\n-P {login.password}\n"
        assert endpoint.watch == f"XDG_CONFIG_HOME={where} mosquitto_sub -t 'carhome/#' -v"


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_stranger_cannot_log_in_without_a_password() -> None:
    """A private broker takes no anonymous client."""
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker("mosquitto", PLAN, {}) as endpoint:
        stranger = aiomqtt.Client(endpoint.host, endpoint.port, protocol=aiomqtt.ProtocolVersion.V5)

        with pytest.raises(aiomqtt.MqttCodeError) as raised:
            await stranger.__aenter__()

        assert getattr(raised.value.rc, "value", None) == NOT_AUTHORIZED


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_auto_prefers_mosquitto_and_says_so() -> None:
    """Where Mosquitto is installed, `auto` means it, and one line says where it runs."""
    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker("auto", PLAN, {}) as endpoint:
        assert endpoint.sentence.startswith("broker: private Mosquitto 2.")
        assert endpoint.sentence.endswith(f"on 127.0.0.1:{endpoint.port}")
        assert endpoint.permissions


@pytest.mark.asyncio
async def test_auto_without_mosquitto_is_embedded_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Mosquitto is installed, `auto` means the embedded broker, and the line says why."""
    monkeypatch.setattr("sim.shell.brokers.find_mosquitto", lambda: None)

    async with asyncio.timeout(TEST_SECONDS_MAX), open_broker("auto", PLAN, {}) as endpoint:
        assert endpoint.sentence == (
            f"broker: embedded (iotcore) on 127.0.0.1:{endpoint.port}, because mosquitto is not installed; "
            "development only, it enforces no permissions"
        )


@pytest.mark.mosquitto
def test_mosquitto_is_found_outside_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary user's PATH need not hold the place where packages put the program."""
    everywhere = find_mosquitto()
    monkeypatch.setenv("PATH", "")

    assert everywhere is not None
    assert find_mosquitto() is not None


@pytest.mark.asyncio
async def test_unknown_broker_is_refused_with_the_nearest() -> None:
    """A misspelt choice is an error of the command line."""
    with pytest.raises(UsageError, match="`mosquito` is not a broker") as raised:
        async with open_broker("mosquito", PLAN, {}):
            pass

    assert raised.value.help_text == "did you mean `mosquitto`?"


@pytest.mark.asyncio
async def test_password_file_for_a_private_broker_is_refused() -> None:
    """Options of an external broker that would be ignored are an error."""
    with pytest.raises(UsageError, match="not with `embedded`"):
        async with open_broker("embedded", PLAN, {}, ExternalOptions(clean=True)):
            pass


@pytest.mark.asyncio
async def test_missing_mosquitto_is_named_with_the_other_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for Mosquitto where it is not installed says what to do instead."""
    monkeypatch.setattr("sim.shell.brokers.mosquitto.find_mosquitto", lambda: None)

    with pytest.raises(MissingPartError, match=r"`mosquitto` is not installed .*`--broker embedded`"):
        async with open_broker("mosquitto", PLAN, {}):
            pass


@pytest.mark.asyncio
async def test_missing_library_is_named_with_its_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for the embedded broker without its library says how to get it."""
    monkeypatch.setattr("sim.shell.brokers.embedded.importlib.util.find_spec", lambda _name: None)

    with pytest.raises(MissingPartError, match=r"`pip install carhome\[embedded\]`"):
        async with open_broker("embedded", PLAN, {}):
            pass


@pytest.mark.asyncio
@pytest.mark.mosquitto
async def test_broker_that_cannot_start_is_quoted(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no port is to be had, the broker's own words are in the error, and nothing is left."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr("sim.shell.brokers.child.free_port", lambda: taken.getsockname()[1])

        with pytest.raises(BrokerError, match=r"does not start: .*Address already in use"):
            async with asyncio.timeout(TEST_SECONDS_MAX), open_broker("mosquitto", PLAN, {}):
                pass

    assert files(temporary) == {}
