"""The catalogue of attacks, and those of its rows about who may connect to the broker.

The other rows that the broker itself must withstand are beside this file. Each row asserts what the
attacker is told (a reason code of MQTT 5.0, section 2.4, or a closed connection), that the story of
`siege` goes on as if nothing had happened, with no message at a device and no bolt moved, and that the
broker's log has exactly one line about each attempt. Mosquitto 2.0 has no line for what a subscriber may
not read, and none for a will that it drops: there the line that shows the attempt is asserted. What it
denies it logs at its level `debug` only, so these brokers are verbose.

    row  attack                                          tests are in tests/
      1  anonymous connect                               wire/test_attacks_on_the_broker.py
      2  wrong or default password                       wire/test_attacks_on_the_broker.py
      3  no, foreign, expired or server's certificate    wire/test_attacks_over_tls.py
      4  certificate of one, user name of another        wire/test_attacks_over_tls.py
      5  plain TCP or TLS 1.2 to the TLS 1.3 port        wire/test_attacks_over_tls.py
      6  command in another's name                       wire/test_attacks_on_topics.py
      7  command past the sender's own topic             wire/test_attacks_on_topics.py
      8  another's state forged, retained                wire/test_attacks_on_topics.py
      9  write `$SYS`, `$CONTROL`                        wire/test_attacks_on_topics.py
     10  eavesdrop by wildcards and shared filters       wire/test_attacks_on_topics.py
     11  take over a client id, steal a session          wire/test_attacks_on_the_broker.py
     12  will message as a command                       wire/test_attacks_on_topics.py
     13  retained command planted                        wire/test_attacks_on_topics.py, attacks/
     14  replay of a captured command                    attacks/
     15  stolen broker password without signing key      attacks/
     16  payload changed, signature kept                 attacks/
     17  command held back                               attacks/
     18  replay, splice, reorder, old epoch, NaN         attacks/
     19  relay of unlock                                 attacks/
     20  remote driving by the owner                     attacks/
     21  remote unlock without proximity                 attacks/
     22  flood by one device                             attacks/
     23  flood to starve a shared queue                  attacks/
     24  oversize packet                                 wire/test_attacks_by_packets.py
     25  wildcard, empty, NUL, bad UTF-8 topic           wire/test_attacks_by_packets.py
     26  QoS 2 where 1 is the most                       wire/test_attacks_by_packets.py
     27  topic and name tricks                           wire/test_attacks_on_topics.py
     28  half-open sockets, too many connections         wire/test_attacks_by_packets.py
     29  keepalive 0 or 600 to live for ever             wire/test_attacks_by_packets.py
     30  garbage bytes, HTTP, huge length                wire/test_attacks_by_packets.py
     31  garbage payload                                 attacks/
     32  revoked device stays     wire/test_attacks_on_the_broker.py, wire/test_attacks_over_tls.py
     33  abuse of shared keys                            attacks/
     34  pairing by guessing, late, again                attacks/
     35  update rolled back, frozen, mixed               attacks/
     36  update downgraded or for other hardware         attacks/
     37  double charge                                   attacks/, wire/test_payments_through_crashes.py
     38  amount changed after approval                   attacks/
     39  courier opens the boot twice, late, or a door   attacks/
     40  camera and location read by whom they spite     attacks/, wire/test_attacks_by_readers.py
     41  voice of a tv opens the car                     attacks/
     42  cloud account taken over                        attacks/, wire/test_attacks_by_readers.py
     43  heating set to a dangerous value                attacks/
     44  log tampered with                               attacks/, shell/test_cli_seal.py
     45  clock moved                                     attacks/
     46  scene that includes unlocking                   attacks/
"""

import re
from dataclasses import replace

import pytest

from sim.shell.brokers.accounts import random_logins
from tests.scenario.stories import PROJECT
from tests.wire.private import Broker, private_broker
from tests.wire.raw import (
    DELIVERED,
    NOT_AUTHORIZED,
    REFUSED_3_1_1,
    SUCCESS,
    Hello,
)
from tests.wire.siege import TV, about, besieged_plan, withstands

pytestmark = [pytest.mark.network, pytest.mark.mosquitto]

TRIES = 40


# --- who is there -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "code"), [(5, NOT_AUTHORIZED), (4, REFUSED_3_1_1)])
def test_row_01_anonymous_connect(broker: Broker, version: int, code: int) -> None:
    """Whoever gives no account is told that it is not authorised, and hung up on."""
    with broker.dial(version=version) as wire, broker.saying() as said:

        def attack() -> None:
            welcome = wire.connect(Hello(client_id="wang.phone"))
            assert welcome is not None
            assert welcome.code == code
            assert wire.hung_up() is None

        withstands(broker, attack)

    assert len(about(said, "not authorised")) == 1


def test_row_02_wrong_or_default_password(broker: Broker) -> None:
    """Guessing is refused every time and locks nobody out: what protects is 192 random bits."""
    guesses = [Hello(user="admin", password="admin"), Hello(user="wang.tv", password="wang.tv")]  # noqa: S106  # guesses
    with broker.saying() as said:

        def attack() -> None:
            for number in range(TRIES):
                with broker.dial() as wire:
                    welcome = wire.connect(guesses[number % len(guesses)])
                    assert welcome is not None
                    assert welcome.code == NOT_AUTHORIZED
                    assert wire.hung_up() is None
            with broker.wire(TV) as tv:
                tv.disconnect()

        withstands(broker, attack)

    assert len(about(said, "not authorised")) == TRIES
    logins = random_logins(besieged_plan())
    assert all(len(login.password) * 6 >= 192 for login in logins.values())
    assert [login for login in broker.endpoint.logins.values() if about(broker.log(), login.password)] == []


def test_row_11_client_id_taken_over(broker: Broker) -> None:
    """Whoever connects with the phone's client id is still the tv: the phone stays, and keeps its session."""
    thief = replace(broker.hello(TV), client_id="wang.phone", clean_start=False)
    codes: list[int] = []
    with broker.dial() as wire, broker.saying() as said:

        def attack() -> None:
            welcome = wire.connect(thief)
            assert welcome is not None
            assert (welcome.code, welcome.session) == (SUCCESS, False)
            codes.append(wire.publish("carhome/wang/su7/cmd/phone/unlock", b"{}"))

        withstands(broker, attack)

    assert codes == [NOT_AUTHORIZED]
    assert len(about(said, "New client connected", "as wang.tv ", "u'wang.tv'")) == 1
    assert len(about(said, "Denied PUBLISH from wang.tv ")) == 1
    assert about(said, "already connected") == []


# --- who is no longer there ---------------------------------------------------------------------------


def test_row_32_revoked_device_is_cut_off() -> None:
    """A device whose account goes is hung up on at once and not let in again; the others notice nothing."""
    with (
        private_broker(besieged_plan(), verbose=True) as broker,
        broker.wire(TV) as tv,
        broker.saying() as said,
    ):

        def attack() -> None:
            broker.drop_account(TV)
            tv.hung_up()
            with broker.dial() as wire:
                welcome = wire.connect(broker.hello(TV))
                assert welcome is not None
                assert welcome.code == NOT_AUTHORIZED

        withstands(broker, attack)

    assert about(said, "wang.tv disconnected") == ["Client wang.tv disconnected."]
    assert len(about(said, "not authorised")) == 1


def test_row_32_revoked_permissions_hold_for_who_is_connected() -> None:
    """A device whose permissions go may say nothing from then on, even on the connection that it has."""
    own = "carhome/wang/tv/online"
    with private_broker(besieged_plan(), verbose=True) as broker, broker.wire(TV) as tv:
        assert tv.publish(own, b"1") in DELIVERED

        broker.drop_permissions(TV)

        assert tv.publish(own, b"1") == NOT_AUTHORIZED
        thief = replace(broker.hello("phone"), user=broker.hello(TV).user, password=broker.hello(TV).password)
        with (
            broker.dial() as wire
        ):  # A client id is still nobody's to choose after the files were read again.
            assert wire.connect(thief) is not None
            assert wire.publish("carhome/wang/phone/online", b"1") == NOT_AUTHORIZED


# --- the table ----------------------------------------------------------------------------------------


def rows(table: str) -> dict[int, str]:
    """Return the rows of the table with what stands in their last column."""
    return {
        int(found[1]): found[3]
        for found in re.finditer(r"^ +(\d+)  (\S.*?)  +((?:wire/|attacks/|OPEN: ).*)$", table, re.MULTILINE)
    }


def named() -> dict[int, set[str]]:
    """Return the rows that have a test of their name, and the files that have one."""
    found: dict[int, set[str]] = {}
    for path in sorted((PROJECT / "tests").rglob("test_*.py")):
        for row in re.findall(
            r"^(?:async )?def test_row_(\d\d)_", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found.setdefault(int(row), set()).add(path.relative_to(PROJECT / "tests").as_posix())
    return found


def test_every_row_of_the_catalogue_has_its_place() -> None:
    """All 46 attacks are in the table, and those that are not open have a test where the table says."""
    table, there = rows(__doc__ or ""), named()

    assert list(table) == list(range(1, 47))
    for row, place in table.items():
        if place.startswith("OPEN: "):
            assert row not in there, f"row {row} is not open, it has tests"
        else:
            for where in place.split(", "):
                assert any(one.startswith(where) for one in there.get(row, ())), f"row {row}: none in {where}"
