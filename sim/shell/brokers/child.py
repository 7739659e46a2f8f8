"""A broker as a child process: a private directory, a free port, readiness, and an end in every case.

What is covered: the block ends, fails, or is cancelled (Ctrl-C): the process is terminated, killed
after a bound, and its directory removed. The child sits in a session of its own, so that a Ctrl-C
in the terminal reaches only us and devices can still say goodbye. When we are killed outright, the
kernel (Mosquitto on Linux, see `leash`) or a closed pipe (embedded broker) ends the child. Not
covered: after such a kill the directory stays behind, with hashed passwords, the observer's
password and, for the embedded broker, those of the devices, all of no use without that broker; and
on a system without Linux's `prctl` Mosquitto stays too.
"""

import asyncio
import contextlib
import dataclasses
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from sim.core.errors import BrokerError
from sim.shell.brokers.accounts import OBSERVER
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.mqtt_client import DeviceClient
from sim.shell.ledger import Ledger

PORT_TRIES_MAX = 5
READY_SECONDS_MAX = 10.0
END_SECONDS_MAX = 2.0
_POLL_SECONDS = 0.003
_LOG_CHARACTERS_SHOWN = 200


@contextlib.asynccontextmanager
async def private_broker(
    name: str, prepare: Callable[[Path, int], tuple[Sequence[str], Endpoint]]
) -> AsyncIterator[Endpoint]:
    """Run a broker on a free loopback port, as long as the block; on another one when it lost its port.

    Args:
        name: of the program, to begin a sentence.
        prepare: fills a directory for a broker on a port; returns the command that starts it, and what
            it will be.

    Raises:
        BrokerError: if it does not start.
    """
    for _ in range(PORT_TRIES_MAX):
        with tempfile.TemporaryDirectory(prefix="carhome-", ignore_cleanup_errors=True) as path:
            directory = Path(path)
            command, endpoint = prepare(directory, free_port())
            async with child(command, directory / "log") as process:
                if await answers(endpoint, OBSERVER, process):
                    yield dataclasses.replace(endpoint, process_id=process.pid)
                    return
            words = last_words(directory / "log")
    sentence = f"{name} does not start: {words}"
    raise BrokerError(sentence)


def free_port() -> int:
    """Return a loopback port that was free a moment ago; the caller must bear losing the race for it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def child(command: Sequence[str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program as long as the block; its standard input is a pipe that closes with us."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Terminate, wait, and kill; a second cancellation while waiting kills at once."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS_MAX):
                await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    await process.wait()


async def answers(endpoint: Endpoint, user: str, process: asyncio.subprocess.Process) -> bool:
    """Wait until the broker lets `user` in; False if the process ended, as when it lost its port.

    The login, not the open port, is the proof: another program may have taken the port meanwhile.

    Raises:
        BrokerError: if it neither answers nor ends in `READY_SECONDS_MAX`.
    """
    ended = asyncio.ensure_future(process.wait())
    let_in = asyncio.ensure_future(_log_in(endpoint, user))
    try:
        await asyncio.wait((ended, let_in), timeout=READY_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
        if not (ended.done() or let_in.done()):
            sentence = f"{endpoint.label} did not answer within {READY_SECONDS_MAX:g} s"
            raise BrokerError(sentence)
        return not ended.done()
    finally:
        ended.cancel()
        let_in.cancel()
        await asyncio.wait((ended, let_in))


async def _log_in(endpoint: Endpoint, user: str) -> None:
    while True:
        if await listens(endpoint.port):
            client = DeviceClient(endpoint, user, Ledger(endpoint.label), None)
            with contextlib.suppress(BrokerError):
                await client.enter()
                await client.leave(graceful=True)
                return
        await asyncio.sleep(_POLL_SECONDS)


async def listens(port: int) -> bool:
    """Say whether anybody takes connections on a loopback port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def last_words(log: Path) -> str:
    """Return the end of a program's output, for the sentence that says why it would not start."""
    text = log.read_text(encoding="utf-8", errors="replace").strip()
    return text.replace("\n", "; ")[-_LOG_CHARACTERS_SHOWN:] or "it said nothing"
