"""The configuration of a Mosquitto for one household: the file it reads first, and those that file names.

One generator for every Mosquitto there is: the private one of `carhome run`, the one in
docker-compose.yml, and whatever a user starts from what `carhome broker config` wrote.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.core.messages import MESSAGE_BYTES_MAX
from sim.shell.brokers.accounts import Login, mosquitto_acl_file, mosquitto_password_file
from sim.shell.brokers.certificates import Certificate
from sim.world.network.link import LinkPlan

PACKET_BYTES_MAX = MESSAGE_BYTES_MAX + 1_024
"""A message, its topic and MQTT's own bytes."""

CONFIGURATION = "mosquitto.conf"
PASSWORDS = "passwords"
PERMISSIONS = "permissions"
_OF_TLS = ("ca.crt", "server.crt", "server.key", "crl.pem", "health.crt", "health.key")
FILES = (PASSWORDS, PERMISSIONS, *_OF_TLS, CONFIGURATION)
"""Every file there may be, in the order in which they are written."""

_CONNECTIONS_SPARE = 8
_WITH_PASSWORDS = """\
allow_anonymous false
password_file {directory}/passwords
"""
_WITH_CERTIFICATES = """\
allow_anonymous false
cafile {directory}/ca.crt
certfile {directory}/server.crt
keyfile {directory}/server.key
crlfile {directory}/crl.pem
require_certificate true
use_identity_as_username true
tls_version tlsv1.3
"""
# use_identity_as_username: who somebody is says the certificate; the name in CONNECT is ignored.

_KEEPING = """\
persistence true
persistence_location {location}/
autosave_on_changes true
autosave_interval 1
persistent_client_expiration 1d
"""
_COMMON = """\
acl_file {directory}/permissions
use_username_as_clientid true
set_tcp_nodelay true
max_connections {connections_max}
max_packet_size {packet_bytes_max}
max_qos 1
max_keepalive 60
max_inflight_messages {inflight_max}
max_queued_messages {queued_max}
"""
# use_username_as_clientid: nobody can take over another device's session by its client id.
# set_tcp_nodelay: 9 times the rate in lock-step. max_queued_messages: Mosquitto drops silently
# beyond it, after a PUBACK; the ledger of a run's link misses what was dropped.


@dataclass(frozen=True, slots=True, kw_only=True)
class MosquittoOptions:
    """How one Mosquitto is set up.

    Attributes:
        port: TCP port.
        listen: address to listen on.
        directory: where the broker finds its files; what it sees, which in a container is not where
            they were written.
        tls: whether devices log in with certificates over TLS 1.3 instead of passwords over plain TCP.
        persistence: directory, as the broker sees it, for what shall outlive it; None keeps nothing.
        inflight_max: messages on their way to one client at once.
        queued_max: messages kept for one client beyond those.
        connections_min: connections it takes at least, however few accounts there are.
        log_types: what it says on standard error.
    """

    port: int
    listen: str = "127.0.0.1"
    directory: str
    tls: bool = False
    persistence: str | None = None
    inflight_max: int = 20
    queued_max: int = 1_000
    connections_min: int = 64
    log_types: tuple[str, ...] = ("error", "warning", "notice")


def mosquitto_config(options: MosquittoOptions, accounts: int, *, heading: str = "") -> str:
    """Return the text of a `mosquitto.conf`.

    Args:
        options: how it is set up.
        accounts: how many there are; each may be connected twice for a moment, when it comes back.
        heading: first lines, as comments.
    """
    access = _WITH_CERTIFICATES if options.tls else _WITH_PASSWORDS
    keeping = "persistence false\n" if options.persistence is None else _KEEPING
    text = f"{heading}listener {{port}} {{listen}}\n{access}{_COMMON}{keeping}log_dest stderr\n"
    text += "".join(f"log_type {one}\n" for one in options.log_types)
    return text.format(
        port=options.port,
        listen=options.listen,
        directory=options.directory.rstrip("/"),
        location=(options.persistence or "").rstrip("/"),
        connections_max=max(options.connections_min, 2 * accounts + _CONNECTIONS_SPARE),
        packet_bytes_max=PACKET_BYTES_MAX,
        inflight_max=options.inflight_max,
        queued_max=options.queued_max,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """What a broker needs for TLS beside its configuration.

    Attributes:
        authority: certificate of the authority that devices' certificates must come from.
        server: its own certificate and key.
        revoked: list of revoked certificates.
        health: certificate and key of whoever asks inside the container whether the broker is well; it
            may log in, and has no permission at all.
    """

    authority: str
    server: Certificate
    revoked: str
    health: Certificate


def mosquitto_files(
    plan: LinkPlan,
    logins: Mapping[str, Login],
    options: MosquittoOptions,
    *,
    tls: TlsFiles | None = None,
    heading: str = "",
) -> dict[str, str]:
    """Return every file of a Mosquitto, name to text; all of them are for its eyes only.

    Args:
        plan: whose devices log in, and what each may do.
        logins: the login of every device of the plan and of the observer.
        options: how it is set up; `options.tls` says whether `tls` is there.
        tls: certificates; passwords are not written then, since nobody is asked for one.
        heading: first lines of the configuration, as comments.
    """
    assert (tls is not None) is options.tls
    files = {PERMISSIONS: mosquitto_acl_file(plan)}
    if tls is None:
        files[PASSWORDS] = mosquitto_password_file(logins.values())
    else:
        files |= _certificate_files(tls)
    files[CONFIGURATION] = mosquitto_config(options, len(logins), heading=heading)
    return files


def _certificate_files(tls: TlsFiles) -> dict[str, str]:
    texts = (
        tls.authority,
        tls.server.certificate,
        tls.server.key,
        tls.revoked,
        tls.health.certificate,
        tls.health.key,
    )
    return dict(zip(_OF_TLS, texts, strict=True))


def comment(lines: Iterable[str]) -> str:
    """Return lines as comments of a configuration."""
    return "".join(f"# {line}\n" for line in lines)
