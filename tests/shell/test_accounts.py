"""Accounts of a household at a broker: random or given passwords, and the files Mosquitto reads."""

from pathlib import Path

import pytest

from sim.core.errors import HouseholdError, UsageError
from sim.shell.brokers.accounts import (
    Login,
    given_logins,
    mosquitto_acl_file,
    mosquitto_password_file,
    random_logins,
    read_passwords,
)
from sim.world.network.link import Grants, LinkPlan

PLAN = LinkPlan(
    home="home",
    grants={
        "car": Grants(write=("carhome/home/car/#",), read=("carhome/home/car/cmd/+/+",)),
        "phone": Grants(write=("carhome/home/phone/#",), read=("carhome/home/#",)),
    },
)


def test_random_logins_give_every_device_its_own_password() -> None:
    """Each device and the observer get a user name of the household and a password of their own."""
    logins = random_logins(PLAN)

    assert [login.user for login in logins.values()] == ["home.car", "home.phone", "home.observer"]
    assert len({login.password for login in logins.values()}) == 3
    assert all(len(login.password) >= 32 for login in logins.values())


def test_device_called_observer_is_refused() -> None:
    """No device shares its account with whoever watches."""
    plan = LinkPlan("home", {"observer": Grants((), ())})

    with pytest.raises(HouseholdError, match="cannot be called `observer`"):
        random_logins(plan)


def test_login_shows_no_password() -> None:
    """A login in a traceback says who, never the secret."""
    assert "geheim" not in repr(Login("home.car", "geheim"))


def test_password_file_holds_salted_hashes_only() -> None:
    """Mosquitto's file has neither the password nor the same hash for the same password."""
    text = mosquitto_password_file([Login("a", "geheim"), Login("b", "geheim")])

    first, second = text.splitlines()
    assert first.startswith("a:$7$")
    assert "geheim" not in text
    assert first.partition("$")[2] != second.partition("$")[2]


def test_acl_file_lists_grants_of_every_user() -> None:
    """Every device gets its filters, and the observer may read and nothing else."""
    assert mosquitto_acl_file(PLAN) == (
        "user home.car\n"
        "topic write carhome/home/car/#\n"
        "topic read carhome/home/car/cmd/+/+\n"
        "user home.phone\n"
        "topic write carhome/home/phone/#\n"
        "topic read carhome/home/#\n"
        "user home.observer\n"
        "topic read carhome/#\n"
    )


def test_single_password_serves_the_user_of_the_url() -> None:
    """One line is the password of the user in the URL, with whom every device logs in."""
    logins = given_logins(PLAN, "demo", "geheim\n", place="the file")

    assert logins == {"car": Login("demo", "geheim"), "phone": Login("demo", "geheim")}


def test_password_for_each_device_serves_itself() -> None:
    """Lines `user:password` let each device log in as itself; a password may hold a colon."""
    logins = given_logins(PLAN, None, "home.phone:p:q\n\nhome.car:c\nother:x\n", place="the file")

    assert logins == {"car": Login("home.car", "c"), "phone": Login("home.phone", "p:q")}


def test_no_password_means_anonymous_or_an_empty_one() -> None:
    """Without any password the devices log in by the bare user name, or not at all."""
    assert given_logins(PLAN, None, None, place="the file") == {}
    assert given_logins(PLAN, "demo", None, place="the file")["car"] == Login("demo", "")


@pytest.mark.parametrize(
    ("user", "text", "message"),
    [
        ("demo", "geheim\ngeheim\n", "should be one line, the password of `demo`, but has 2"),
        ("demo", "", "should be one line, the password of `demo`, but has 0"),
        (None, "geheim\n", "line 1, is not `user:password`"),
        (None, "home.car:geheim\n:geheim\n", "line 2, is not `user:password`"),
        (None, "home.car:geheim\n", "has no password for `home.phone`"),
    ],
)
def test_wrong_password_file_is_refused_without_quoting_it(user: str | None, text: str, message: str) -> None:
    """An error about a password file says what is wrong, and no secret."""
    with pytest.raises(UsageError, match=message) as raised:
        given_logins(PLAN, user, text, place="the file")

    assert "geheim" not in str(raised.value)


def test_unreadable_password_file_is_named(tmp_path: Path) -> None:
    """A file that is missing, or no text, is named with the reason."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")

    with pytest.raises(UsageError, match=r"missing` cannot be read: No such file"):
        read_passwords(tmp_path / "missing")
    with pytest.raises(UsageError, match=r"binary` cannot be read: not UTF-8 text"):
        read_passwords(binary)
