"""A Mosquitto of our own: random passwords, the household's permissions, gone with the run."""

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from sim.core.errors import MissingPartError
from sim.core.topics import ROOT
from sim.shell.brokers import leash
from sim.shell.brokers.accounts import OBSERVER, Login, random_logins
from sim.shell.brokers.child import private_broker
from sim.shell.brokers.configuration import PACKET_BYTES_MAX, MosquittoOptions, mosquitto_files
from sim.shell.brokers.endpoint import Endpoint
from sim.world.network.link import LinkPlan

__all__ = ["PACKET_BYTES_MAX", "find_mosquitto", "leashed", "ordinary_user", "private_mosquitto"]

VERSION_SECONDS_MAX = 5.0

_INFLIGHT_MAX = 100
_QUEUED_MAX = 10_000
"""More than a broker for everybody allows: all who log in to a private one are devices of one run."""

_SYSTEM_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where packages put the program; an ordinary user's PATH often lacks them."""


def find_mosquitto() -> str | None:
    """Return the path of the program, or None if it is not installed."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *_SYSTEM_PLACES))
    return shutil.which("mosquitto", path=path)


@contextlib.asynccontextmanager
async def private_mosquitto(plan: LinkPlan) -> AsyncIterator[Endpoint]:
    """Run a Mosquitto for one household on a free loopback port, as long as the block.

    Raises:
        MissingPartError: if Mosquitto is not installed.
        BrokerError: if it does not start.
    """
    program = find_mosquitto()
    if program is None:
        sentence = "the program `mosquitto` is not installed"
        raise MissingPartError(sentence, help_text="install it, or choose `--broker embedded`")
    version = await asyncio.to_thread(_version, program)
    logins = random_logins(plan)

    def prepare(directory: Path, port: int) -> tuple[Sequence[str], Endpoint]:
        _write_files(directory, plan, logins, port)
        endpoint = Endpoint(
            home=plan.home,
            label=f"private Mosquitto {version} on 127.0.0.1:{port}",
            host="127.0.0.1",
            port=port,
            logins=logins,
            permissions=True,
            watch=f"XDG_CONFIG_HOME={directory} mosquitto_sub -t '{ROOT}/#' -v",
        )
        return leashed(program, "-c", f"{directory}/mosquitto.conf"), endpoint

    async with private_broker(f"Mosquitto {version}", prepare) as endpoint:
        yield endpoint


def _version(program: str) -> str:
    asked = subprocess.run((program, "-h"), capture_output=True, check=False, timeout=VERSION_SECONDS_MAX)  # noqa: S603  # the program the user installed
    found = re.search(rb"mosquitto version (\S+)", asked.stdout + asked.stderr)
    return found.group(1).decode() if found else "of unknown version"


def leashed(program: str, *arguments: str) -> list[str]:
    """Return the command that runs a program as an ordinary user and ends it when we end."""
    if not sys.platform.startswith("linux"):
        return [program, *arguments]
    return [
        sys.executable,
        "-I",
        "-S",
        leash.__file__,
        str(os.getpid()),
        ordinary_user(),
        program,
        *arguments,
    ]


def ordinary_user() -> str:
    """Return whom the broker should run as: "" for ourselves, or when we are root, somebody who can do less.

    Mosquitto started by root would give up root by itself, but the kernel's promise to end it
    with us does not survive that change, so the leash makes the change before.
    """
    if os.geteuid() != 0:
        return ""
    import pwd  # noqa: PLC0415  # Unix only, as is root

    names = {account.pw_name for account in pwd.getpwall()}
    return "mosquitto" if "mosquitto" in names else "nobody"


def _write_files(directory: Path, plan: LinkPlan, logins: dict[str, Login], port: int) -> None:
    """Fill the directory, which only its owner can enter, and hand it to the broker's user."""
    observer = logins[OBSERVER]
    watch = f"-h 127.0.0.1\n-p {port}\n-u {observer.user}\n-P {observer.password}\n"
    options = MosquittoOptions(
        port=port,
        directory=str(directory),
        inflight_max=_INFLIGHT_MAX,
        queued_max=_QUEUED_MAX,
        connections_min=0,
        log_types=("error", "warning"),
    )
    for name, text in {**mosquitto_files(plan, logins, options), "mosquitto_sub": watch}.items():
        path = directory / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        _hand_over(path)
    _hand_over(directory)


def _hand_over(path: Path) -> None:
    user = ordinary_user()
    if user:
        shutil.chown(path, user)
