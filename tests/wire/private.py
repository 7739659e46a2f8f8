"""A private Mosquitto under attack: its accounts, its log, and a raw connection for everybody."""

import asyncio
import contextlib
import os
import re
import shlex
import signal
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sim.core.topics import broker_user
from sim.shell.brokers import mosquitto
from sim.shell.brokers.accounts import OBSERVER
from sim.shell.brokers.endpoint import Endpoint
from sim.world.network.link import LinkPlan
from tests.wire.raw import SUCCESS, Hello, Wire


@dataclass(frozen=True)
class Broker:
    """A broker that runs.

    Attributes:
        endpoint: where it is, and who may log in.
        folder: where its configuration, its permissions and its log are.
        tls: over TLS the certificate of every identity; empty over plain TCP.
    """

    endpoint: Endpoint
    folder: Path
    tls: Mapping[str, ssl.SSLContext] = field(default_factory=dict)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.endpoint.host, self.endpoint.port

    def hello(self, name: str) -> Hello:
        """Return the CONNECT with which an identity is let in."""
        login = self.endpoint.logins.get(name)
        user = broker_user(self.endpoint.home, name)
        return Hello(user=user, password=login.password if login else None, client_id=user)

    def dial(self, name: str | None = None, *, version: int = 5) -> Wire:
        """Return a connection on which nothing was said yet; over TLS it has the certificate of `name`."""
        return Wire(self.address, tls=self.tls[name] if self.tls and name else None, version=version)

    @contextlib.contextmanager
    def wire(self, name: str, *, version: int = 5) -> Iterator[Wire]:
        """Yield the connection of an identity that was let in."""
        with self.dial(name, version=version) as wire:
            welcome = wire.connect(self.hello(name))
            assert welcome is not None, f"the broker hung up on {name}"
            assert welcome.code == SUCCESS, f"{name} is not let in: {welcome.code:#04x}"
            yield wire

    def log(self) -> list[str]:
        """Return what the broker said so far, without its clock."""
        text = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return [line.partition(": ")[2] for line in text.splitlines()]

    @contextlib.contextmanager
    def saying(self) -> Iterator[list[str]]:
        """Yield a list which, after the block, has what the broker said meanwhile."""
        before = len(self.log())
        said: list[str] = []
        yield said
        with self.wire(OBSERVER) as last:  # Whoever is answered after it sees everything before it logged.
            last.disconnect()
        said += self.log()[before:]

    def reread(self) -> None:
        """Have the broker read its configuration, its accounts and its permissions again, and wait for it.

        It does so after what it is busy with, so whoever comes second is answered after it.
        """
        assert self.endpoint.process_id is not None
        os.kill(self.endpoint.process_id, signal.SIGHUP)
        for _ in range(2):
            with self.wire(OBSERVER) as visitor:
                visitor.disconnect()

    def drop_account(self, name: str) -> None:
        """Take the password of an identity from the broker."""
        path = self.folder / "passwords"
        user = broker_user(self.endpoint.home, name)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith(f"{user}:")), encoding="utf-8")
        self.reread()

    def drop_permissions(self, name: str) -> None:
        """Take everything that an identity may do from the broker."""
        path = self.folder / "permissions"
        user = broker_user(self.endpoint.home, name)
        parts = re.split(r"^(?=user )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        kept = [part for part in parts if part.split("\n")[0] != f"user {user}"]
        assert len(kept) == len(parts) - 1
        path.write_text("".join(kept), encoding="utf-8")
        self.reread()


@contextlib.contextmanager
def private_broker(plan: LinkPlan, *, verbose: bool = False) -> Iterator[Broker]:
    """Run a private Mosquitto, as `carhome run` starts it, as long as the block.

    Args:
        plan: its accounts and what they may do.
        verbose: whether it logs what it denies, which Mosquitto 2.0 does only with everything else.
    """
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        if verbose:
            quiet = mosquitto.leashed
            patch.setattr(mosquitto, "leashed", lambda *words: quiet(*words, "-v"))
        opened = mosquitto.private_mosquitto(plan)
        endpoint = runner.run(opened.__aenter__())
        try:
            assert endpoint.watch is not None
            yield Broker(
                endpoint, Path(shlex.split(endpoint.watch)[0].partition("=")[2])
            )  # XDG_CONFIG_HOME=…
        finally:
            runner.run(opened.__aexit__(None, None, None))
