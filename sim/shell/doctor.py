"""`carhome doctor`: what is installed on this machine, and what a run would use."""

import contextlib
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata, util

from sim import __version__
from sim.report.style import Style, style_for
from sim.shell.brokers.mosquitto import find_mosquitto
from sim.shell.exits import Exit
from sim.shell.terminal import sees_colour

REQUIRED = ("aiomqtt", "cedarpy", "click", "cryptography", "paho-mqtt", "pydantic", "pyyaml")
OPTIONAL = {
    "pillow": ("camera", "real pictures from home cameras"),
    "iotcore": ("embedded", "a broker where Mosquitto is not installed"),
    "hassil": ("voice", "`say:` steps"),
    "tuf": ("updates", "signed software for cars"),
    "z3-solver": ("verify", "proofs about rules, over all requests"),
}
MQTT_PORT = 1883


def examine() -> Exit:
    """Print every finding; exit 4 when a run could not start."""
    style = style_for(colour=sees_colour(sys.stdout))
    sound = True
    for good, line in _findings():
        sound = sound and good is not False
        sys.stdout.write(f"{_mark(good, style)} {line}\n")
    return Exit.HELD if sound else Exit.ENVIRONMENT


def _findings() -> Iterator[tuple[bool | None, str]]:
    """Yield (good, worse but usable as None, or bad) with a line about it."""
    yield sys.version_info >= (3, 11), f"Python {platform.python_version()} on {platform.system()}"
    yield True, f"carhome {__version__}"
    for name in REQUIRED:
        version = _version(name)
        yield version is not None, f"{name} {version or 'is missing: reinstall carhome'}"
    for name, (extra, what) in OPTIONAL.items():
        version = _version(name)
        if version is not None:
            yield True, f"{name} {version}: {what}"
        else:
            yield None, f'{name} is not installed: {what}; pip install "carhome[{extra}]"'
    yield from _brokers()
    yield _port_is_free()
    libyaml = util.find_spec("yaml._yaml") is not None
    yield (
        True if libyaml else None,
        "libyaml reads files" if libyaml else "PyYAML without libyaml: files load slower",
    )


def _brokers() -> Iterator[tuple[bool | None, str]]:
    mosquitto = find_mosquitto()
    embedded = _version("iotcore") is not None
    if mosquitto is not None:
        yield True, f"{_mosquitto_version(mosquitto)} at {mosquitto}: `--broker auto` uses it"
    elif embedded:
        yield (
            None,
            "mosquitto is not installed: `--broker auto` uses the embedded broker, without permissions",
        )
    else:
        yield None, "no broker is installed: only `--broker memory` or a URL works"


def _mosquitto_version(program: str) -> str:
    """Return what the program calls itself, `mosquitto version 2.0.11`."""
    shown = subprocess.run([program, "-h"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603  # the program that was found
    return shown.stdout.split("\n", maxsplit=1)[0] or "mosquitto"


def _port_is_free() -> tuple[bool | None, str]:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        taken = probe.connect_ex(("127.0.0.1", MQTT_PORT)) == 0
    if taken:
        return (
            None,
            f"something listens on 127.0.0.1:{MQTT_PORT}; private brokers use free ports and do not mind",
        )
    return True, f"nothing listens on 127.0.0.1:{MQTT_PORT}; private brokers use free ports"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _mark(good: bool | None, style: Style) -> str:  # noqa: FBT001  # three-valued
    if good is None:
        return f"{style.doubt}-{style.end}"
    return f"{style.good}✓{style.end}" if good else f"{style.bad}✗{style.end}"
