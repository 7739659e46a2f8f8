"""Where a broker is, who may log in, and what it can do: all that a link needs to know of it."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.shell.brokers.accounts import Login


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A broker that answers.

    Attributes:
        home: name of the household, first part of every client id.
        label: what people call it: `private Mosquitto 2.0.11 on 127.0.0.1:41233`.
        host: name or address.
        port: TCP port.
        logins: login of each device; a device without one connects anonymously.
        permissions: whether the broker enforces the grants of the household.
        remark: what a user should know about it, as a clause; empty if nothing.
        tls: how to verify the broker; None for plain TCP.
        certificates: for each device how to verify the broker and show it the device's own certificate;
            empty if it asks for none.
        slow_writes: whether the broker leaves Nagle's algorithm on, so that clients must acknowledge
            every packet at once to be answered at once.
        late_wills: whether the broker deals with a will only after it closed the connection, and by
            client id. rumqttd does: without care a device that returns at once loses its new will.
        watch: command line that shows every message to a presenter; None when there is no account for it.
        process_id: process of a private broker; None for one that somebody else runs.
    """

    home: str
    label: str
    host: str
    port: int
    logins: Mapping[str, Login] = field(repr=False)
    permissions: bool
    remark: str = ""
    tls: ssl.SSLContext | None = None
    certificates: Mapping[str, ssl.SSLContext] = field(default_factory=dict)
    slow_writes: bool = False
    late_wills: bool = False
    watch: str | None = None
    process_id: int | None = None

    def tls_of(self, device: str) -> ssl.SSLContext | None:
        """Return how a device speaks TLS: with its own certificate if it has one."""
        return self.certificates.get(device, self.tls)

    @property
    def sentence(self) -> str:
        """The line that is always printed before a run."""
        return f"broker: {self.label}{self.remark}"
