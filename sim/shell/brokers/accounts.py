"""Broker accounts of one household: who logs in with which password, and Mosquitto's files for it."""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sim.core.errors import HouseholdError, UsageError
from sim.core.topics import ROOT, broker_user
from sim.world.network.link import LinkPlan

OBSERVER = "observer"
"""Name of the read-only account of a private broker, so that a presenter can watch what devices say."""

_PASSWORD_BYTES = 24
_SALT_BYTES = 12
_ITERATIONS = 101
"""As `mosquitto_passwd` has it: stretching would protect a weak password, ours are 192 random bits."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and its password; the password never shows in a traceback or a log."""

    user: str
    password: str = field(repr=False)


def random_logins(plan: LinkPlan) -> dict[str, Login]:
    """Return a login with a fresh random password for every device of the plan and for the observer.

    Raises:
        HouseholdError: if a device has the observer's name.
    """
    if OBSERVER in plan.grants:
        sentence = f"a device cannot be called `{OBSERVER}`, that is the broker's read-only account"
        raise HouseholdError(sentence)
    return {
        name: Login(broker_user(plan.home, name), secrets.token_urlsafe(_PASSWORD_BYTES))
        for name in (*plan.grants, OBSERVER)
    }


def mosquitto_password_file(logins: Iterable[Login]) -> str:
    """Return the text of a Mosquitto `password_file`, PBKDF2-SHA512 as `mosquitto_passwd` writes it."""
    return "".join(f"{login.user}:{_hashed(login.password)}\n" for login in logins)


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def mosquitto_acl_file(plan: LinkPlan) -> str:
    """Return the text of a Mosquitto `acl_file`: every device its grants, the observer may read all."""
    lines = []
    for device, grants in plan.grants.items():
        lines.append(f"user {broker_user(plan.home, device)}")
        lines.extend(f"topic write {topic_filter}" for topic_filter in grants.write)
        lines.extend(f"topic read {topic_filter}" for topic_filter in grants.read)
    lines += [f"user {broker_user(plan.home, OBSERVER)}", f"topic read {ROOT}/#"]
    return "\n".join(lines) + "\n"


def given_logins(plan: LinkPlan, user: str | None, passwords: str | None, *, place: str) -> dict[str, Login]:
    """Return the logins for a broker that somebody else runs.

    Args:
        plan: whose devices will log in.
        user: the user name in the broker's URL, if there is one.
        passwords: text of a password file: one line with the password of `user`, or one
            line `user:password` for each device; None when there is no password.
        place: what to call the source of `passwords` in an error.

    Returns:
        The login of every device; none at all when neither user nor password was given.

    Raises:
        UsageError: if the text has neither form, or lacks a device. No error quotes a password.
    """
    if passwords is None:
        return {} if user is None else dict.fromkeys(plan.grants, Login(user, ""))
    lines = [line for line in passwords.splitlines() if line.strip()]
    if user is not None:
        if len(lines) != 1:
            sentence = f"{place} should be one line, the password of `{user}`, but has {len(lines)}"
            raise UsageError(sentence)
        return dict.fromkeys(plan.grants, Login(user, lines[0]))
    return _logins_of_devices(plan, lines, place)


def _logins_of_devices(plan: LinkPlan, lines: list[str], place: str) -> dict[str, Login]:
    secret_of = _pairs(lines, place)
    logins = {}
    for device in plan.grants:
        name = broker_user(plan.home, device)
        if name not in secret_of:
            sentence = f"{place} has no password for `{name}`"
            raise UsageError(sentence, help_text="one line `user:password` for each device")
        logins[device] = Login(name, secret_of[name])
    return logins


def _pairs(lines: list[str], place: str) -> Mapping[str, str]:
    pairs = {}
    for number, line in enumerate(lines, start=1):
        name, colon, password = line.partition(":")
        if not (name and colon and password):
            sentence = f"{place}, line {number}, is not `user:password`"
            help_text = "name the user in the URL if the file holds a single password"
            raise UsageError(sentence, help_text=help_text)
        pairs[name] = password
    return pairs


def read_passwords(path: Path) -> str:
    """Return the text of a password file.

    Raises:
        UsageError: if it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        sentence = f"the password file `{path}` cannot be read: {reason}"
        raise UsageError(sentence) from None
