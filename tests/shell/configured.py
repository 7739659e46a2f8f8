"""A Mosquitto that runs on what `carhome broker config` wrote, and who is let in there."""

import asyncio
import contextlib
import os
import signal
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.shell.brokers.child import READY_SECONDS_MAX, child, last_words
from sim.shell.brokers.configuration import CONFIGURATION
from sim.shell.brokers.mosquitto import find_mosquitto, leashed
from tests.wire.raw import SUCCESS, Hello, Wire

HOST = "127.0.0.1"
_TURN_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Configured:
    """A broker that runs.

    Attributes:
        port: where it listens on loopback.
        process: its process id.
        log: what it says.
    """

    port: int
    process: int
    log: Path

    def reread(self) -> None:
        """Have it read its files again."""
        os.kill(self.process, signal.SIGHUP)

    def wire(self, context: ssl.SSLContext | None) -> Wire:
        """Return a connection on which nothing was said yet."""
        return Wire((HOST, self.port), tls=context)

    def refusal(self, context: ssl.SSLContext | None) -> str | None:
        """Return how somebody is refused before MQTT has said a word, or None if it is let in.

        In TLS 1.3 a client learns what became of its certificate only when it reads for the first time.
        """
        try:
            with self.wire(context) as wire:
                welcome = wire.connect(Hello(client_id="any"))
        except (ssl.SSLError, ConnectionError) as refused:
            return str(refused)
        if welcome is None:
            return "closed"
        assert welcome.code == SUCCESS
        return None


def speaks(clients: Path, name: str | None) -> ssl.SSLContext:
    """Return how somebody speaks TLS: with the certificate of a device in a folder, or with none."""
    context = ssl.create_default_context(cafile=clients / "ca.crt")
    if name is not None:
        context.load_cert_chain(clients / f"{name}.crt", clients / f"{name}.key")
    return context


@contextlib.contextmanager
def started(folder: Path, port: int, *words: str) -> Iterator[Configured]:
    """Run a Mosquitto as long as the block.

    Args:
        folder: with its configuration; whom it belongs to is whom the program runs as.
        port: where the configuration has it listen.
        words: more for its command line.
    """
    program = find_mosquitto()
    assert program is not None
    log = folder / "log"
    with asyncio.Runner() as runner:
        running = child(leashed(program, "-c", str(folder / CONFIGURATION), *words), log)
        process = runner.run(running.__aenter__())
        try:
            runner.run(listening(port, process, log))
            yield Configured(port, process.pid, log)
        finally:
            runner.run(running.__aexit__(None, None, None))


async def listening(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    """Wait until a Mosquitto takes connections on a port of loopback; it must not have ended before."""
    ended = asyncio.ensure_future(process.wait())
    try:
        async with asyncio.timeout(READY_SECONDS_MAX):
            while True:
                assert not ended.done(), f"Mosquitto does not start: {last_words(log)}"
                try:
                    _, writer = await asyncio.open_connection(HOST, port)
                except OSError:
                    await asyncio.wait((ended,), timeout=_TURN_SECONDS)
                else:
                    writer.close()
                    return
    finally:
        ended.cancel()
        await asyncio.wait((ended,))
