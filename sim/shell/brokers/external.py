"""A broker that somebody else runs: `mqtt://user@host:port` or, with TLS, `mqtts://…`."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sim.core.errors import BrokerError, UsageError
from sim.core.messages import Frame
from sim.core.topics import ROOT, event_topic, matches, parse_topic
from sim.shell.brokers.accounts import Login, given_logins, read_passwords
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.identities import AUTHORITY_FILE
from sim.shell.brokers.mqtt_client import ANSWER_SECONDS_MAX, DeviceClient
from sim.shell.ledger import Ledger
from sim.world.network.link import LinkPlan, Publish

PASSWORD_VARIABLE = "CARHOME_BROKER_PASSWORD"  # noqa: S105  # the name of a variable
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_ECHO_SECONDS_MAX = 0.5


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker's URL in parts; `tls` for `mqtts`."""

    user: str | None
    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalOptions:
    """What a user may say of a broker beside its URL.

    Attributes:
        password_file: one password, or a line `user:password` for each device.
        ca_file: certificates to trust instead of the system's (PEM).
        certificates: folder with a certificate and a key for each device, and with `ca.crt`, which counts as
            `ca_file` if there is none; `carhome broker config` fills one. No password is sent unless the URL
            has a user or there is a password file.
        clean: remove what earlier runs left instead of refusing to start.
        permissions: whether the broker enforces the household's grants; the run then expects refusals.
    """

    password_file: Path | None = None
    ca_file: Path | None = None
    certificates: Path | None = None
    clean: bool = False
    permissions: bool = False


def parse_broker_url(url: str) -> BrokerAddress:
    """Return the parts of a broker's URL.

    Raises:
        UsageError: if it is no such URL, or holds a password, which would end up in shell
            histories and process lists. The error does not repeat the URL.
    """
    example = "write `mqtt://user@host:1883` or `mqtts://user@host:8883`"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        sentence = "the broker's URL cannot be read"
        raise UsageError(sentence, help_text=example) from None
    if parts.password is not None:
        sentence = "the broker's URL holds a password"
        help_text = f"put it into the variable `{PASSWORD_VARIABLE}` or a password file"
        raise UsageError(sentence, help_text=help_text)
    if (
        parts.scheme not in _PORTS
        or not parts.hostname
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        sentence = "the broker's URL is not one of a broker"
        raise UsageError(sentence, help_text=example)
    user = unquote(parts.username) if parts.username else None
    return BrokerAddress(user, parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "mqtts")


@contextlib.asynccontextmanager
async def reached(
    url: str, plan: LinkPlan, options: ExternalOptions, environment: Mapping[str, str]
) -> AsyncIterator[Endpoint]:
    """Check that a broker can be used for a household, and that no earlier run left anything there.

    Raises:
        UsageError: if the URL, the password or the CA file is not as it must be.
        BrokerError: if the broker cannot be used, or holds retained messages of this household.
    """
    address = parse_broker_url(url)
    if options.certificates is not None and not address.tls:
        sentence = "certificates are for TLS, and the broker's URL begins with `mqtt://`"
        raise UsageError(sentence, help_text="write `mqtts://…`")
    ca_file = _ca_file(options)
    endpoint = Endpoint(
        home=plan.home,
        label=f"{address.host}:{address.port}{' (TLS)' if address.tls else ''}",
        host=address.host,
        port=address.port,
        logins=_logins(plan, address, options, environment),
        permissions=options.permissions,
        remark="" if options.permissions else ", not relied on for permissions",
        tls=_verification(ca_file) if address.tls else None,
        certificates=_certificates(plan, options.certificates, ca_file),
    )
    await _reach(endpoint)
    await _check_leftovers(endpoint, plan, clean=options.clean)
    yield endpoint


def _logins(
    plan: LinkPlan, address: BrokerAddress, options: ExternalOptions, environment: Mapping[str, str]
) -> dict[str, Login]:
    if options.certificates is not None and address.user is None and options.password_file is None:
        return {}  # A certificate says who somebody is.
    passwords, place = _passwords(options, environment)
    return given_logins(plan, address.user, passwords, place=place)


def _passwords(options: ExternalOptions, environment: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the text with the password(s), and what to call its source."""
    if options.password_file is not None:
        return read_passwords(options.password_file), f"the password file `{options.password_file}`"
    return environment.get(PASSWORD_VARIABLE), f"the variable `{PASSWORD_VARIABLE}`"


def _ca_file(options: ExternalOptions) -> Path | None:
    if options.ca_file is not None or options.certificates is None:
        return options.ca_file
    return options.certificates / AUTHORITY_FILE


def _certificates(plan: LinkPlan, folder: Path | None, ca_file: Path | None) -> dict[str, ssl.SSLContext]:
    """Return how each device shows its own certificate; nothing if there is no folder of them."""
    if folder is None:
        return {}
    contexts = {}
    for device in plan.grants:
        context = contexts[device] = _verification(ca_file)
        certificate, key = folder / f"{device}.crt", folder / f"{device}.key"
        try:
            context.load_cert_chain(certificate, key, password="")  # else OpenSSL would ask the terminal
        except FileNotFoundError:
            sentence = f"there is no certificate of `{device}` in `{folder}`"
            help_text = "`carhome household enrol` makes one for a device of the household file"
            raise UsageError(sentence, help_text=help_text) from None
        except OSError as error:  # ssl.SSLError is one
            sentence = (
                f"the certificate of `{device}` in `{folder}` cannot be used: {error.strerror or error}"
            )
            raise UsageError(sentence) from None
    return contexts


def _verification(ca_file: Path | None) -> ssl.SSLContext:
    """Return the context that demands a certificate for the host's name."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one, for a file without certificates
        sentence = f"the CA file `{ca_file}` cannot be used: {error.strerror or error}"
        raise UsageError(sentence) from None


async def _reach(endpoint: Endpoint) -> None:
    """Connect once without MQTT: a wrong address or certificate is told before any device tries."""
    tls = next(iter(endpoint.certificates.values()), endpoint.tls)
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            _, writer = await asyncio.open_connection(endpoint.host, endpoint.port, ssl=tls)
    except ssl.SSLCertVerificationError as error:
        sentence = f"the certificate of {endpoint.label} cannot be trusted: {error.verify_message}"
        help_text = "`--ca-file` names the authority that signed it"
        raise BrokerError(sentence, help_text=help_text) from None
    except OSError as error:
        reason = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        sentence = f"{endpoint.label} cannot be reached: {reason}"
        raise BrokerError(sentence) from None
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class _Search(Ledger):
    """A ledger that expects nothing and collects the retained messages that come.

    Attributes:
        topics: where something is retained; a dict keeps the order.
        echoes: for each device, set once its own probe came back.
    """

    def __init__(self, broker: str, probes: Mapping[str, str]) -> None:
        super().__init__(broker)
        self._probes = probes
        self.topics: dict[str, None] = {}
        self.echoes = {device: asyncio.Event() for device in probes}

    def probe(self, device: str) -> str:
        """Return the topic on which a device listens for itself."""
        return self._probes[device]

    def arrived(self, device: str, topic: str, payload: bytes, *, retain: bool) -> None:
        if retain and payload:
            self.topics[topic] = None
        elif topic == self._probes[device]:
            self.echoes[device].set()


async def _check_leftovers(endpoint: Endpoint, plan: LinkPlan, *, clean: bool) -> None:
    """Refuse, or clear, what is retained below the household: it would be delivered as if of this run."""
    # One look for each user: with permissions, each sees what could be delivered to it.
    users = {login.user: device for device, login in endpoint.logins.items()}
    devices = tuple(endpoint.certificates) or tuple(users.values()) or tuple(plan.grants)[:1]
    search = _Search(
        endpoint.label, {device: event_topic(plan.home, device, "opening") for device in devices}
    )
    clients = {device: DeviceClient(endpoint, device, search, None) for device in devices}
    probing = tuple(device for device in devices if _may_probe(endpoint, plan, search, device))
    try:
        await _enter(clients)
        await _look(search, clients, probing, f"{ROOT}/{plan.home}/#")
        if search.topics and clean:
            await _remove(search, clients)
        elif search.topics:
            sentence = (
                f"{endpoint.label} still holds {len(search.topics)} retained messages below "
                f"`{ROOT}/{plan.home}/`, such as `{next(iter(search.topics))}`"
            )
            help_text = "another run may be using it; if not, `--clean` removes them"
            raise BrokerError(sentence, help_text=help_text)
        await asyncio.gather(*(client.leave(graceful=True) for client in clients.values()))
    finally:
        for client in clients.values():
            client.drop()


async def _enter(clients: Mapping[str, DeviceClient]) -> None:
    results = await asyncio.gather(*(client.enter() for client in clients.values()), return_exceptions=True)
    for result in results:
        if result is not None:
            raise result


def _may_probe(endpoint: Endpoint, plan: LinkPlan, search: _Search, device: str) -> bool:
    """Say whether a device can hear of itself; one that cannot would only provoke a refusal."""
    if not endpoint.permissions:
        return True
    may = plan.grants[device]
    topic = search.probe(device)
    return all(any(matches(each, topic) for each in filters) for filters in (may.write, may.read))


async def _look(
    search: _Search, clients: Mapping[str, DeviceClient], probing: tuple[str, ...], topic_filter: str
) -> None:
    """Collect what is retained: it was queued before the probe, so it has come when the probe comes back.

    A user who may not read its own topics gets no probe; then its SUBACK and a moment must do.
    """
    for client in clients.values():
        client.listen((topic_filter,))
    await search.settled()
    for device in probing:
        clients[device].put(Publish(device, Frame(search.probe(device), b"{}")))
    await search.settled()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ECHO_SECONDS_MAX):
            await asyncio.gather(*(echo.wait() for echo in search.echoes.values()))


async def _remove(search: _Search, clients: Mapping[str, DeviceClient]) -> None:
    """Clear every topic found, each by the user of the device it belongs to, if there is one."""
    anyone = next(iter(clients))
    for topic in search.topics:
        parsed = parse_topic(topic)
        owner = parsed.device if parsed is not None and parsed.device in clients else anyone
        clients[owner].put(Publish(owner, Frame(topic, b"", retain=True)))
    await search.settled()
