"""`carhome broker config`: what a Mosquitto is told of a household, and whom it then lets in."""

import datetime as dt
import os
import shutil
import ssl
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from sim.core.topics import ROOT
from sim.shell.brokers.accounts import random_logins
from sim.shell.brokers.certificates import Authority, Certificate, facts_of
from sim.shell.brokers.child import free_port
from sim.shell.brokers.configuration import FILES, MosquittoOptions, mosquitto_config, mosquitto_files
from sim.shell.brokers.identities import Store, new_store, read_store
from sim.shell.brokers.mosquitto import PACKET_BYTES_MAX
from sim.world.network.link import Grants, LinkPlan
from tests.shell.carhome import HELD, HOUSEHOLD, Command, Ended, carhome
from tests.shell.configured import Configured, speaks, started
from tests.shell.test_identities import FILE, house
from tests.wire.raw import DELIVERED, NOT_AUTHORIZED, SUCCESS, Hello

DAY = dt.timedelta(days=1)
SCENARIO = "a.scenario.yaml"
OWN_STATE = f"{ROOT}/wang/su7/online"
EVERYWHERE = "0.0.0.0"  # noqa: S104  # as in a container
OF_TLS = {"ca.crt", "server.crt", "server.key", "crl.pem", "health.crt", "health.key"}


def now() -> dt.datetime:
    """Return the real time, against which TLS holds a certificate."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)  # noqa: TID251  # as above


@pytest.fixture(autouse=True)
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the identities of the user's household are; the broker's user may not enter it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    return home / "data" / "carhome" / "wang"


def written(here: Command, *words: str) -> Ended:
    """Make identities if there are none, and write the configuration into `broker`."""
    assert here("household", "new", FILE, "--missing").code == 0
    ended = here("broker", "config", FILE, "--for", "mosquitto", "--to", "broker", *words)
    assert ended.code == 0, ended.err
    return ended


def lines(folder: Path) -> list[str]:
    """Return the lines of a configuration."""
    return (folder / "mosquitto.conf").read_text().splitlines()


# --- the text -----------------------------------------------------------------------------------------


def test_configuration_with_tls_demands_certificates(here: Command, home: Path) -> None:
    """Nobody is asked for a password: TLS 1.3, and a certificate that is not on the list, say it all."""
    ended = written(here, "--tls")

    folder = home / "broker"
    assert set(lines(folder)) >= {
        "listener 8883 127.0.0.1",
        "allow_anonymous false",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "tls_version tlsv1.3",
        f"cafile {folder}/ca.crt",
        f"certfile {folder}/server.crt",
        f"keyfile {folder}/server.key",
        f"crlfile {folder}/crl.pem",
        f"acl_file {folder}/permissions",
        "max_qos 1",
        "max_keepalive 60",
        "max_inflight_messages 20",
        "max_queued_messages 1000",
        "max_connections 64",
        f"max_packet_size {PACKET_BYTES_MAX}",
        "persistence false",
    }
    assert not (folder / "passwords").exists()
    assert ended.lines[0] == "✓ a Mosquitto of wang on 127.0.0.1:8883: certificates over TLS 1.3"
    assert f"  start it: mosquitto -c {folder}/mosquitto.conf" in ended.lines


def test_configuration_without_tls_demands_passwords(here: Command, home: Path) -> None:
    """Every account has its hash in the password file, and nothing of TLS is left from before."""
    written(here, "--tls")
    written(here, "--port", "2883")

    folder = home / "broker"
    assert set(lines(folder)) >= {
        "listener 2883 127.0.0.1",
        "allow_anonymous false",
        f"password_file {folder}/passwords",
    }
    assert not OF_TLS & {path.name for path in folder.iterdir()}
    users = [line.partition(":")[0] for line in (folder / "passwords").read_text().splitlines()]
    assert sorted(users) == ["wang.observer", "wang.su7", "wang.watch"]


def test_only_the_owner_may_read_the_files(here: Command, home: Path) -> None:
    """The broker's key is as private as the devices'."""
    written(here, "--tls")

    folder = home / "broker"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} == set(FILES) - {"passwords"}


def test_files_of_an_ordinary_user_stay_the_users(
    here: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only root hands them over, to whom a broker that root starts becomes."""
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)

    ended = written(here, "--tls")

    assert {path.stat().st_uid for path in (home / "broker").iterdir()} == {os.getuid()}
    assert "its files are" not in ended.out


def test_authority_keeps_its_key_in_the_store(store: Path, here: Command, home: Path) -> None:
    """Neither the broker nor a device gets the key with which certificates are made."""
    written(here, "--tls")

    key = read_store(store, "wang")._file.authority_key.get_secret_value().splitlines()[1]
    places = [*(home / "broker").iterdir(), *(store / "clients").iterdir()]
    assert len(places) > 10
    assert not [path for path in places if key in path.read_text()]


def test_files_are_named_as_the_broker_sees_them(here: Command, home: Path) -> None:
    """In a container paths differ from those outside, and what is kept has a folder of its own."""
    ended = written(
        here, "--tls", "--directory", "/config/", "--persistence", "/data/", "--listen", EVERYWHERE
    )

    said = lines(home / "broker")
    assert {"cafile /config/ca.crt", "acl_file /config/permissions", "listener 8883 0.0.0.0"} <= set(said)
    assert {"persistence true", "persistence_location /data/", "autosave_on_changes true"} <= set(said)
    assert "mosquitto -c" not in ended.out


def test_server_is_called_by_every_name_it_was_given(here: Command, home: Path) -> None:
    """The certificate is good for loopback, for the address it listens on, and for names the user says."""
    written(here, "--tls", "--listen", "192.168.1.2", "--name", "broker", "--name", "broker.lan")
    certificate = x509.load_pem_x509_certificate((home / "broker" / "server.crt").read_bytes())

    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(name.value) for name in names} == {
        "localhost",
        "127.0.0.1",
        "192.168.1.2",
        "broker",
        "broker.lan",
    }


def test_private_broker_has_the_same_configuration_but_for_its_limits() -> None:
    """One generator: what a run's own Mosquitto is told differs by its options and in nothing else."""
    plan = LinkPlan("wang", {"su7": Grants((OWN_STATE,), ())})
    public = MosquittoOptions(port=1, directory="/d")
    private = MosquittoOptions(
        port=1, directory="/d", inflight_max=100, queued_max=10_000, connections_min=0, log_types=("error",)
    )

    files = [mosquitto_files(plan, random_logins(plan), options) for options in (public, private)]

    assert files[0]["permissions"] == files[1]["permissions"]
    differing = set(files[0]["mosquitto.conf"].splitlines()) ^ set(files[1]["mosquitto.conf"].splitlines())
    assert {line.split()[0] for line in differing} == {
        "max_inflight_messages",
        "max_queued_messages",
        "max_connections",
        "log_type",
    }


@pytest.mark.parametrize(("accounts", "connections"), [(0, 64), (28, 64), (29, 66), (200, 408)])
def test_everybody_has_room_for_two_connections(accounts: int, connections: int) -> None:
    """A device that comes back is let in before its old connection is gone."""
    text = mosquitto_config(MosquittoOptions(port=1, directory="/d"), accounts)

    assert f"max_connections {connections}\n" in text


# --- who is in it -------------------------------------------------------------------------------------


def test_device_without_identity_gets_no_account(here: Command, home: Path) -> None:
    """A device that is new or revoked may do nothing, nobody may ask it, and the user is told."""
    written(here)
    here("household", "revoke", FILE, "watch")
    (home / FILE).write_text(HOUSEHOLD + "  phone: {kind: phone, owner: lin}\n")

    ended = here("broker", "config", FILE, "--for", "mosquitto", "--to", "broker")

    text = (home / "broker" / "permissions").read_text() + (home / "broker" / "passwords").read_text()
    assert "wang.su7" in text
    assert "watch" not in text
    assert "phone" not in text
    assert ended.err.splitlines() == [
        "warning: `watch` cannot log in, its identity was revoked",
        "warning: `phone` cannot log in, it has no identity: `carhome household enrol` makes one",
    ]


def test_user_is_told_of_identities_that_need_care(store: Path, here: Command) -> None:
    """Who has left the household, whose certificate ran out, and whose soon will."""
    store.mkdir(parents=True, mode=0o700)
    leaving = new_store(house("su7", "tv"), store, now() - 350 * DAY)
    leaving.with_rotated(["observer"], now() - 370 * DAY).save()
    here("household", "enrol", FILE)

    ended = here("broker", "config", FILE, "--for", "mosquitto")

    until = [f"{now() - 370 * DAY + 365 * DAY:%Y-%m-%d}", f"{now() - 350 * DAY + 365 * DAY:%Y-%m-%d}"]
    assert ended.code == 0
    assert ended.err.splitlines() == [
        f"warning: the certificate of `observer` expired on {until[0]}: `carhome household rotate`",
        f"warning: the certificate of `su7` expires on {until[1]}: `carhome household rotate`",
        "warning: `tv` is not in the household any more: `carhome household revoke` takes its identity",
    ]


# --- mistakes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--listen", "a b"), "`a b` is no host name and no address"),
        (("--tls", "--name", "x\nallow_anonymous true"), "is no host name and no address"),
        (("--name", "broker"), "which only `--tls` has"),
        (("--directory", "config"), "`--directory config` does not begin with `/`"),
        (("--persistence", "data"), "`--persistence data` does not begin with `/`"),
        (("--directory", "/a\nallow_anonymous true"), "cannot stand in a configuration"),
        (("--to", "a\nb"), "cannot stand in a configuration"),
    ],
    ids=lambda one: "" if isinstance(one, str) else one[0],
)
def test_option_that_cannot_be_is_refused(
    store: Path, here: Command, words: tuple[str, ...], message: str
) -> None:
    """What would become another line of the configuration is refused before anything is written."""
    assert here("household", "new", FILE).code == 0

    ended = here("broker", "config", FILE, "--for", "mosquitto", *words)

    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert not (store / "broker").exists()


@pytest.mark.parametrize(
    "first", ["listener 1883", "# The broker of li, as `carhome broker config` wrote it."]
)
def test_configuration_of_another_broker_is_never_overwritten(here: Command, home: Path, first: str) -> None:
    """Whatever stands there and is not this household's stays as it is."""
    assert here("household", "new", FILE).code == 0
    (home / "broker").mkdir(mode=0o700)
    (home / "broker" / "mosquitto.conf").write_text(first + "\n")

    ended = here("broker", "config", FILE, "--for", "mosquitto", "--to", "broker")

    assert ended.code == 2
    assert "holds the configuration of another broker" in ended.err
    assert [path.name for path in (home / "broker").iterdir()] == ["mosquitto.conf"]
    assert lines(home / "broker") == [first]


def test_configuration_that_cannot_be_read_is_named(here: Command, home: Path) -> None:
    """What stands in the way of a look is the machine's."""
    assert here("household", "new", FILE).code == 0
    (home / "broker" / "mosquitto.conf").mkdir(parents=True, mode=0o700)

    ended = here("broker", "config", FILE, "--for", "mosquitto", "--to", "broker")

    assert ended.code == 4
    assert "mosquitto.conf` cannot be read: is a directory" in ended.err


def test_file_that_cannot_be_written_is_named(here: Command, home: Path) -> None:
    """A folder in the place of a file is a sentence, and the old configuration stays."""
    assert here("household", "new", FILE).code == 0
    (home / "broker" / "passwords").mkdir(parents=True)
    (home / "broker").chmod(0o700)

    ended = here("broker", "config", FILE, "--for", "mosquitto", "--to", "broker")
    other = here("broker", "config", FILE, "--for", "mosquitto", "--to", "broker", "--tls")

    assert (ended.code, other.code) == (4, 4)
    assert "passwords` cannot be written: is a directory" in ended.err
    assert "cannot be written: " in other.err


def test_git_work_tree_is_warned_of(here: Command, home: Path) -> None:
    """The broker's key in a work tree is what the user asked for, and is told to keep out of commits."""
    assert here("household", "new", FILE).code == 0
    (home / ".git").mkdir()

    ended = here("broker", "config", FILE, "--for", "mosquitto", "--to", "broker", "--tls")

    assert ended.code == 0
    assert ended.err.startswith(f"warning: `{home}/broker` is inside the git work tree")


# --- the real program ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Household:
    """A household whose broker runs over TLS: the user's folder, the identities, and the broker."""

    home: Path
    folder: Path
    broker: Configured

    @property
    def store(self) -> Store:
        """The identities as they are now."""
        return read_store(self.folder, "wang")

    def certified(self, certificate: Certificate | None, *, latest: bool = True) -> ssl.SSLContext:
        """Return how somebody speaks TLS with a certificate; the old version, if asked."""
        context = speaks(self.store.clients, None)
        if not latest:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if certificate is not None:
            path = self.home / "somebody.pem"
            path.write_text(certificate.certificate + certificate.key)
            context.load_cert_chain(path)
        return context


@pytest.fixture
def household(store: Path, here: Command, home: Path) -> Iterator[Household]:
    """A household whose Mosquitto runs on what the command wrote."""
    port = free_port()
    written(here, "--tls", "--port", str(port))
    with started(home / "broker", port) as broker:
        yield Household(home, store, broker)


pytestmark = pytest.mark.network


def _certificate(household: Household, name: str) -> Certificate:
    account = household.store.accounts[name]
    return Certificate(account.certificate, account.certificate_key.get_secret_value())


@pytest.mark.mosquitto
def test_wrong_certificate_hears_no_word_of_mqtt(household: Household) -> None:
    """None, another authority's, expired, not yet valid, the broker's own, old TLS, and no TLS at all."""
    authority = household.store.authority
    foreign = Authority(Authority.new("carhome wang", now())).client("wang.su7", now())
    folder = household.home / "broker"
    servers = Certificate((folder / "server.crt").read_text(), (folder / "server.key").read_text())
    good = _certificate(household, "su7")

    refused = {
        "none": household.certified(None),
        "foreign": household.certified(foreign),
        "expired": household.certified(authority.client("wang.su7", now() - 60 * DAY, days=30)),
        "early": household.certified(authority.client("wang.su7", now() + 2 * DAY)),
        "server": household.certified(servers),
        "old TLS": household.certified(good, latest=False),
        "plain": None,
    }

    assert household.broker.refusal(household.certified(good)) is None
    assert [name for name, context in refused.items() if household.broker.refusal(context) is None] == []


@pytest.mark.mosquitto
def test_certificate_says_who_somebody_is(household: Household) -> None:
    """Name and client id in CONNECT count for nothing: the watch does not get the car's session."""
    broker, clients = household.broker, household.store.clients
    with broker.wire(speaks(clients, "su7")) as su7, broker.wire(speaks(clients, "watch")) as watch:
        assert su7.connect(Hello(client_id="wang.su7")) is not None
        welcome = watch.connect(Hello(user="wang.su7", password="any", client_id="wang.su7"))  # noqa: S106  # a guess

        assert welcome is not None
        assert (welcome.code, welcome.session) == (SUCCESS, False)
        assert watch.publish(OWN_STATE) == NOT_AUTHORIZED
        assert watch.publish(f"{ROOT}/wang/watch/online") in DELIVERED
        assert su7.publish(OWN_STATE) in DELIVERED


@pytest.mark.mosquitto
def test_health_certificate_may_log_in_and_nothing_else(household: Household) -> None:
    """It is a user without a household and without a permission."""
    with household.broker.wire(speaks(household.home / "broker", "health")) as wire:
        welcome = wire.connect(Hello(client_id="any"))
        assert welcome is not None
        assert welcome.code == SUCCESS
        for topic in (OWN_STATE, "health", f"{ROOT}/health/online", "$SYS/x"):
            assert wire.publish(topic) == NOT_AUTHORIZED


@pytest.mark.mosquitto
@pytest.mark.parametrize("what", ["revoke", "rotate"])
def test_old_certificate_is_refused_after_a_sighup(household: Household, here: Command, what: str) -> None:
    """The list is read again, others stay connected, and a new certificate is let in."""
    old = household.certified(_certificate(household, "watch"))
    with household.broker.wire(speaks(household.store.clients, "su7")) as su7:
        assert su7.connect(Hello(client_id="any")) is not None
        assert household.broker.refusal(old) is None

        assert here("household", what, FILE, "watch").code == 0
        configured = ("--for", "mosquitto", "--to", "broker", "--tls", "--port", str(household.broker.port))
        assert here("broker", "config", FILE, *configured).code == 0
        household.broker.reread()
        su7.ping()

        assert household.broker.refusal(old) is not None
        assert su7.publish(OWN_STATE) in DELIVERED
        if what == "rotate":
            assert household.broker.refusal(household.certified(_certificate(household, "watch"))) is None


@pytest.mark.mosquitto
def test_fresh_clone_plays_a_scenario_over_its_own_broker(home: Path) -> None:
    """The real programs: identities, configuration, Mosquitto, and a run that shows certificates."""
    (home / SCENARIO).write_text(HELD)
    variables = {"XDG_DATA_HOME": str(home / "data")}
    clients = home / "data" / "carhome" / "wang" / "clients"
    port = free_port()
    words = ("--for", "mosquitto", "--tls", "--to", "broker", "--port", str(port))
    made = carhome(home, "household", "new", FILE, variables=variables)
    configured = carhome(home, "broker", "config", FILE, *words, variables=variables)
    assert (made.code, configured.code) == (0, 0)

    with started(home / "broker", port):
        run = ("run", SCENARIO, "--broker", f"mqtts://localhost:{port}")
        held = carhome(home, *run, "--certificates", str(clients), "--permissions", "--record", "there")
        again = carhome(home, *run, "--certificates", str(clients), "--permissions")
        unsaid = carhome(home, *run, "--certificates", str(clients))
        nobody = carhome(home, *run, "--ca-file", str(clients / "ca.crt"))
        unknown = carhome(home, *run)
    carhome(home, "run", SCENARIO, "--broker", "memory", "--record", "here")

    assert (held.code, again.code) == (0, 0), held.err + again.err
    assert held.err == f"broker: localhost:{port} (TLS)\n"
    assert (home / "there").read_bytes() == (home / "here").read_bytes()
    assert (unsaid.code, nobody.code, unknown.code) == (4, 4, 4)
    assert "`--permissions` says that it may" in unsaid.err
    assert "as on a wrong password or certificate" in nobody.err
    assert "cannot be trusted" in unknown.err


@pytest.mark.mosquitto
def test_scenario_is_played_with_passwords(store: Path, here: Command, home: Path) -> None:
    """Without TLS the file of passwords among the clients' lets each device in as itself."""
    (home / SCENARIO).write_text(HELD)
    port = free_port()
    written(here, "--port", str(port))

    with started(home / "broker", port):
        words = (
            "--broker",
            f"mqtt://127.0.0.1:{port}",
            "--password-file",
            str(store / "clients" / "passwords"),
        )
        ended = carhome(home, "run", SCENARIO, *words, "--permissions")
        nobody = carhome(home, "run", SCENARIO, "--broker", f"mqtt://127.0.0.1:{port}", "--permissions")

    assert ended.code == 0, ended.err
    assert nobody.code == 4


# --- a run's side of it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("mqtt://127.0.0.1:1",), "certificates are for TLS, and the broker's URL begins with `mqtt://`"),
        (("mosquitto",), "go with a broker's URL, not with `mosquitto`"),
        (("memory",), "go with a broker's URL, not with `memory`"),
        (("mqtts://127.0.0.1:1",), "there is no certificate of `watch` in"),
    ],
)
def test_certificates_that_do_not_fit_are_refused(
    store: Path, here: Command, home: Path, words: tuple[str, ...], message: str
) -> None:
    """They go with TLS and with every device of the household."""
    (home / SCENARIO).write_text(HELD)
    assert here("household", "new", FILE).code == 0
    (store / "clients" / "watch.key").unlink()

    ended = here("run", SCENARIO, "--broker", *words, "--certificates", str(store / "clients"))

    assert (ended.code, ended.out.count("pass")) == (2, 0)
    assert message in ended.err


def test_certificate_that_is_none_is_named(store: Path, here: Command, home: Path) -> None:
    """A file that holds something else, or the key of another, is told with the device; no key is quoted."""
    (home / SCENARIO).write_text(HELD)
    assert here("household", "new", FILE).code == 0
    clients = store / "clients"
    run = ("run", SCENARIO, "--broker", "mqtts://127.0.0.1:1", "--certificates", str(clients))
    shutil.copy(clients / "su7.key", clients / "watch.key")

    mixed = here(*run)
    (clients / "watch.crt").write_text("geheim")
    broken = here(*run)

    assert (mixed.code, broken.code) == (2, 2)
    for ended in (mixed, broken):
        assert "the certificate of `watch` in" in ended.err
        assert "cannot be used" in ended.err
        assert "geheim" not in ended.err


def test_serial_numbers_are_not_counted(store: Path, here: Command) -> None:
    """Nobody learns from a certificate how many there are."""
    assert here("household", "new", FILE).code == 0
    known = read_store(store, "wang")

    assert min(facts_of(one.certificate).serial for one in known.accounts.values()) > 2**100
