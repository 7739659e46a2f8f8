"""A Mosquitto with mutual TLS, from the generated configuration, and certificates to try on it."""

import asyncio
import contextlib
import datetime as dt
import shutil
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sim.core.topics import broker_user
from sim.shell.brokers.accounts import OBSERVER, random_logins
from sim.shell.brokers.certificates import Authority, Certificate, Revocation, facts_of
from sim.shell.brokers.child import child, free_port
from sim.shell.brokers.configuration import CONFIGURATION, MosquittoOptions, TlsFiles, mosquitto_files
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.mosquitto import find_mosquitto, leashed, ordinary_user
from sim.world.network.link import LinkPlan
from tests.shell.configured import HOST, listening
from tests.wire.private import Broker
from tests.wire.raw import Wire


def now() -> dt.datetime:
    """Return the real time, against which TLS holds a certificate."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  # as above


@dataclass(frozen=True)
class SecuredBroker(Broker):
    """A broker that lets nobody in without a certificate.

    Attributes:
        authority: makes certificates that it accepts.
        own: the authority's certificate and key, and the broker's.
        certificates: of every identity.
    """

    authority: Authority = field(kw_only=True)
    own: Mapping[str, Certificate] = field(kw_only=True, repr=False)
    certificates: Mapping[str, Certificate] = field(kw_only=True, repr=False)

    def context(
        self, certificate: Certificate | None, *, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> ssl.SSLContext:
        """Return what a client needs to connect with a certificate, or with none."""
        return _context(self.own["authority"], certificate, version)

    def refusal(self, context: ssl.SSLContext | None) -> str:
        """Return how TLS refuses a client that would log in as the phone; fail if MQTT says a word.

        In TLS 1.3 a client learns what became of its certificate only when it reads for the first time.
        """
        try:
            with Wire(self.address, tls=context) as wire:
                wire.send(self.hello("phone").packet(5))
                answer = wire.read()
        except (ssl.SSLError, ConnectionError) as refused:
            return str(refused)
        assert answer is None, f"the broker answered {answer}"
        return "closed"

    def revoke(self, identity: str) -> None:
        """Put the certificate of an identity on the list, and have the broker read it."""
        serial = facts_of(self.certificates[identity].certificate).serial
        text = self.authority.revocations([Revocation(serial, now())], now())
        (self.folder / "crl.pem").write_text(text, encoding="utf-8")
        self.reread()


def _context(
    authority: Certificate, certificate: Certificate | None, version: ssl.TLSVersion
) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.certificate)
    context.minimum_version = context.maximum_version = version
    if certificate is not None:
        with tempfile.TemporaryDirectory() as folder:  # the ssl module reads certificates from files only
            path = Path(folder, "client.pem")
            path.touch(mode=0o600)
            path.write_text(certificate.certificate + certificate.key, encoding="utf-8")
            context.load_cert_chain(path)
    return context


@contextlib.contextmanager
def secured_broker(plan: LinkPlan, *, verbose: bool = False) -> Iterator[SecuredBroker]:
    """Run a Mosquitto with mutual TLS as long as the block; the arguments are those of `private_broker`."""
    own = {"authority": Authority.new(f"{plan.home} household", now())}
    authority = Authority(own["authority"])
    own["server"] = authority.server(("localhost", HOST), now())
    names = (*plan.grants, OBSERVER)
    certificates = {name: authority.client(broker_user(plan.home, name), now()) for name in names}
    files = TlsFiles(
        authority=own["authority"].certificate,
        server=own["server"],
        revoked=authority.revocations((), now()),
        health=authority.client(broker_user(plan.home, "health"), now()),
    )
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="carhome-", ignore_cleanup_errors=True) as name,
        asyncio.Runner() as runner,
    ):
        folder = Path(name)
        options = MosquittoOptions(port=port, directory=name, tls=True)
        for file, text in mosquitto_files(plan, random_logins(plan), options, tls=files).items():
            (folder / file).touch(mode=0o600)
            (folder / file).write_text(text, encoding="utf-8")
        user = ordinary_user()
        for path in (folder, *folder.iterdir()) if user else ():
            shutil.chown(path, user)
        program = find_mosquitto()
        assert program is not None
        words = ("-c", str(folder / CONFIGURATION), *(("-v",) if verbose else ()))
        running = child(leashed(program, *words), folder / "log")
        process = runner.run(running.__aenter__())
        try:
            runner.run(listening(port, process, folder / "log"))
            endpoint = Endpoint(
                home=plan.home,
                label=f"Mosquitto over TLS on {HOST}:{port}",
                host=HOST,
                port=port,
                logins={},
                permissions=True,
                process_id=process.pid,
            )
            yield SecuredBroker(
                endpoint,
                folder,
                {
                    name: _context(own["authority"], one, ssl.TLSVersion.TLSv1_3)
                    for name, one in certificates.items()
                },
                authority=authority,
                own=own,
                certificates=certificates,
            )
        finally:
            runner.run(running.__aexit__(None, None, None))
