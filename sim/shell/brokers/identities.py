"""The identities of a household that lives on: keys, passwords and certificates, in a folder of their own.

    <store>/identities.json   everything, in one file, so that every change is one rename
    <store>/clients/          what devices log in with, copied from it: ca.crt, passwords, and a
                              certificate and a key for each device

Two sorts of keys: with the one a device signs its messages, with the other it logs in over TLS. They are
independent of every scenario; a run's own keys are derived from its seed, so that it can be repeated.
"""

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_serializer

from sim.core.errors import HouseholdError, UsageError, did_you_mean
from sim.core.household import DeviceEntry, Household
from sim.core.topics import broker_user
from sim.shell.brokers.accounts import OBSERVER, Login
from sim.shell.brokers.certificates import (
    COMMON_NAME_CHARACTERS_MAX,
    Authority,
    Certificate,
    Facts,
    Revocation,
    facts_of,
)
from sim.shell.private_files import make_private_folder, read_private, write_private
from sim.trust.derivation import digital_key
from sim.trust.identity import Identity, Keyring

STORE_FILE = "identities.json"
CLIENTS_FOLDER = "clients"
AUTHORITY_FILE = "ca.crt"
PASSWORDS_FILE = "passwords"

_KEY_BYTES = 32
_PASSWORD_BYTES = 24
AUTHORITY = "ca"
"""Whose certificate stands beside those of the devices; no device can have the name."""
_OBSERVER_KIND = "observer"
_SECRET_FIELDS = ("private_key", "seed", "password", "certificate_key")


class _Model(BaseModel):
    """What stands in the file; an error about it quotes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Account(_Model):
    """One device: who it is, and its secrets, which show nowhere.

    Attributes:
        kind: which kind of device, or `observer` for the read-only account.
        enrolled: whether the household knows its key; a stranger only has an account at the broker.
        since: when these secrets were made.
        private_key: 32 bytes in hex (Ed25519), with which it signs its messages.
        seed: 32 bytes in hex, from which its digital key is derived.
        password: of its broker account.
        certificate: with which it logs in over TLS, PEM.
        certificate_key: of that certificate, PEM.
    """

    kind: str
    enrolled: bool
    since: dt.datetime
    private_key: SecretStr
    seed: SecretStr
    password: SecretStr
    certificate: str
    certificate_key: SecretStr

    @field_serializer(*_SECRET_FIELDS, when_used="json")
    def _written(self, secret: SecretStr) -> str:
        return secret.get_secret_value()


class Retired(_Model):
    """What is left of secrets that count no more: enough to refuse them, and to say since when.

    Attributes:
        device: whose they were.
        kind: which kind of device that was.
        kid: key id of the key it signed with.
        serial: of its certificate.
        expires: when the certificate would have expired anyway.
        at: since when they count no more.
        because: `rotated` when there are new ones, `revoked` when there are not.
    """

    device: str
    kind: str
    kid: str
    serial: int
    expires: dt.datetime
    at: dt.datetime
    because: Literal["rotated", "revoked"]


class _File(_Model):
    """The whole file."""

    version: Literal[1] = 1
    household: str
    since: dt.datetime
    authority: str
    authority_key: SecretStr
    accounts: dict[str, Account]
    retired: tuple[Retired, ...] = ()

    @field_serializer("authority_key", when_used="json")
    def _written(self, secret: SecretStr) -> str:
        return secret.get_secret_value()


@dataclass(frozen=True, slots=True)
class Store:
    """The identities of one household; every change returns a new store, which `save` writes.

    Attributes:
        folder: where they are kept.
    """

    folder: Path
    _file: _File

    @property
    def household(self) -> str:
        """Name of the household."""
        return self._file.household

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Every device that may log in, and the observer."""
        return self._file.accounts

    @property
    def retired(self) -> tuple[Retired, ...]:
        """What counts no more, oldest first."""
        return self._file.retired

    @property
    def revoked(self) -> Mapping[str, Retired]:
        """The devices whose identity was revoked and that have no new one."""
        return {
            one.device: one
            for one in self._file.retired
            if one.because == "revoked" and one.device not in self._file.accounts
        }

    @property
    def clients(self) -> Path:
        """The folder with what devices log in with."""
        return self.folder / CLIENTS_FOLDER

    @property
    def authority(self) -> Authority:
        """The authority that makes this household's certificates."""
        key = self._file.authority_key.get_secret_value()
        return Authority(Certificate(self._file.authority, key))

    @property
    def authority_certificate(self) -> str:
        """Its certificate, PEM."""
        return self._file.authority

    def identity(self, device: str) -> Identity:
        """Return a device and the key with which it signs its messages.

        Raises:
            UsageError: if it has none.
        """
        return Identity.of(device, bytes.fromhex(self._account(device).private_key.get_secret_value()))

    def digital_key(self, device: str) -> Identity:
        """Return a device's digital key, with which it opens cars.

        Raises:
            UsageError: if it has none.
        """
        return digital_key(device, bytes.fromhex(self._account(device).seed.get_secret_value()))

    def keyring(self) -> Keyring:
        """Return the public keys the household has enrolled; strangers' and revoked ones are not there."""
        return Keyring(self.identity(name) for name, one in self.accounts.items() if one.enrolled)

    def logins(self) -> dict[str, Login]:
        """Return the broker account of every device and of the observer."""
        return {
            name: Login(broker_user(self.household, name), account.password.get_secret_value())
            for name, account in self.accounts.items()
        }

    def facts(self, device: str) -> Facts:
        """Return what a device's certificate says of itself.

        Raises:
            UsageError: if it has none.
        """
        return facts_of(self._account(device).certificate)

    def expired(self, now: dt.datetime) -> tuple[str, ...]:
        """Return the devices whose certificates have expired."""
        return tuple(name for name in self.accounts if self.facts(name).not_after <= now)

    def revocations(self, now: dt.datetime) -> tuple[Revocation, ...]:
        """Return every certificate that counts no more: rotated, revoked, or simply expired."""
        expired = (self.facts(name) for name in self.expired(now))
        return (
            *(Revocation(one.serial, one.at) for one in self.retired),
            *(Revocation(one.serial, one.not_after) for one in expired),
        )

    def with_new(self, household: Household, devices: Iterable[str], now: dt.datetime) -> "Store":
        """Return the store with identities for devices that have none.

        Args:
            household: where the devices stand.
            devices: their names.
            now: with a zone.

        Raises:
            UsageError: if one of them is not in the household, or has an identity.
            HouseholdError: if names are too long for a certificate, or one is the authority's.
        """
        accounts, authority = dict(self.accounts), self.authority
        for name in devices:
            entry = household.devices.get(name)
            if name == AUTHORITY:
                sentence = f"a device cannot be called `{AUTHORITY}`, that is the certificate authority"
                raise HouseholdError(sentence, help_text="choose another name")
            if entry is None:
                raise _no_device(name, household.devices, "in the household file")
            if name in accounts:
                sentence = f"`{name}` has an identity already"
                raise UsageError(sentence, help_text="`carhome household rotate` makes a new one")
            accounts[name] = self._made(name, entry, authority, now)
        return self._with(accounts, self.retired)

    def with_rotated(self, devices: Iterable[str], now: dt.datetime) -> "Store":
        """Return the store with new keys, passwords and certificates for devices; the old ones are retired.

        Raises:
            UsageError: if one of them has no identity.
        """
        accounts, retired, authority = dict(self.accounts), list(self.retired), self.authority
        for name in dict.fromkeys(devices):
            account = self._account(name)
            retired.append(self._retirement(name, now, "rotated"))
            accounts[name] = self._made(name, account, authority, now)
        return self._with(accounts, tuple(retired))

    def without(self, devices: Iterable[str], now: dt.datetime) -> "Store":
        """Return the store in which devices have no identity any more.

        Raises:
            UsageError: if one of them has none, or is the observer, who is nobody's to lose.
        """
        accounts, retired = dict(self.accounts), list(self.retired)
        for name in dict.fromkeys(devices):
            if name == OBSERVER:
                sentence = f"`{OBSERVER}` is the broker's own account and cannot be revoked"
                raise UsageError(sentence, help_text="`carhome household rotate` gives it a new password")
            retired.append(self._retirement(name, now, "revoked"))
            del accounts[name]
        return self._with(accounts, tuple(retired))

    def save(self) -> None:
        """Write the store, and what devices log in with.

        Raises:
            MachineError: if it cannot be written. Whatever happens in the middle, the store is the old or
                the new one, and the next command sets the folder of the clients right.
        """
        write_private(self.folder / STORE_FILE, self._file.model_dump_json(indent=1) + "\n")
        self.copy_to_clients()

    def copy_to_clients(self) -> None:
        """Set right the folder of what devices log in with; those of others who had an identity go.

        Raises:
            MachineError, UsageError: if it cannot be.
        """
        make_private_folder(self.clients)
        logins = self.logins()
        lines = "".join(f"{login.user}:{login.password}\n" for login in logins.values())
        files = {AUTHORITY_FILE: self.authority_certificate, PASSWORDS_FILE: lines}
        for name, account in self.accounts.items():
            files[f"{name}.crt"] = account.certificate
            files[f"{name}.key"] = account.certificate_key.get_secret_value()
        for name, text in files.items():
            write_private(self.clients / name, text)
        for name in self.revoked:
            for suffix in ("crt", "key"):
                (self.clients / f"{name}.{suffix}").unlink(missing_ok=True)

    def _account(self, device: str) -> Account:
        if device in self.accounts:
            return self.accounts[device]
        if device in self.revoked:
            sentence = f"the identity of `{device}` was revoked"
            raise UsageError(sentence, help_text="`carhome household enrol` makes it a new one")
        raise _no_device(device, self.accounts, f"among the identities of {self.household}")

    def _made(self, name: str, of: DeviceEntry | Account, authority: Authority, now: dt.datetime) -> Account:
        user = broker_user(self.household, name)
        if len(user) > COMMON_NAME_CHARACTERS_MAX:
            sentence = (
                f"`{user}` has {len(user)} characters, and a certificate's common name has at most "
                f"{COMMON_NAME_CHARACTERS_MAX}"
            )
            raise HouseholdError(sentence, help_text="choose a shorter name for the device")
        return _account(user, of.kind, authority, now, enrolled=of.enrolled)

    def _retirement(self, name: str, now: dt.datetime, because: Literal["rotated", "revoked"]) -> Retired:
        facts = self.facts(name)
        return Retired(
            device=name,
            kind=self.accounts[name].kind,
            kid=self.identity(name).kid,
            serial=facts.serial,
            expires=facts.not_after,
            at=now,
            because=because,
        )

    def _with(self, accounts: dict[str, Account], retired: tuple[Retired, ...]) -> "Store":
        return replace(self, _file=self._file.model_copy(update={"accounts": accounts, "retired": retired}))


def _account(user: str, kind: str, authority: Authority, now: dt.datetime, *, enrolled: bool) -> Account:
    certificate = authority.client(user, now)
    return Account(
        kind=kind,
        enrolled=enrolled,
        since=now,
        private_key=SecretStr(Ed25519PrivateKey.generate().private_bytes_raw().hex()),
        seed=SecretStr(secrets.token_hex(_KEY_BYTES)),
        password=SecretStr(secrets.token_urlsafe(_PASSWORD_BYTES)),
        certificate=certificate.certificate,
        certificate_key=SecretStr(certificate.key),
    )


def new_store(household: Household, folder: Path, now: dt.datetime) -> Store:
    """Return identities for every device of a household and for the observer, not yet written.

    Args:
        household: whose devices.
        folder: where the store will be.
        now: with a zone.

    Raises:
        HouseholdError: if names are too long for a certificate.
    """
    own = Authority.new(f"carhome {household.name}", now)
    user = broker_user(household.name, OBSERVER)
    observer = _account(user, _OBSERVER_KIND, Authority(own), now, enrolled=False)
    file = _File(
        household=household.name,
        since=now,
        authority=own.certificate,
        authority_key=SecretStr(own.key),
        accounts={OBSERVER: observer},
    )
    return Store(folder, file).with_new(household, household.devices, now)


def read_store(folder: Path, household: str) -> Store:
    """Return the identities in a folder.

    Args:
        folder: as `new_store` had it.
        household: whose they must be.

    Raises:
        UsageError: if there are none, others may read them, or they are another household's.
    """
    path = folder / STORE_FILE
    if not path.exists():
        sentence = f"there are no identities of {household} in `{folder}`"
        raise UsageError(
            sentence, help_text="`carhome household new` makes them, `--store` says where they are"
        )
    try:
        file = _File.model_validate_json(read_private(path))
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"]) or "its text"
        sentence = f"`{path}` is damaged or of another version, at `{where}`"
        raise UsageError(sentence) from None
    if file.household != household:
        sentence = f"`{folder}` holds the identities of {file.household}, not of {household}"
        raise UsageError(sentence)
    return Store(folder, file)


def default_folder(household: str, environment: Mapping[str, str]) -> Path:
    """Return where the identities of a household are kept when nobody says where.

    Args:
        household: its name.
        environment: where `XDG_DATA_HOME` may stand (XDG Base Directory Specification 0.8).
    """
    data = Path(environment.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():  # The specification has a relative path ignored.
        data = Path.home() / ".local" / "share"
    return data / "carhome" / household


def _no_device(name: str, known: Iterable[str], where: str) -> UsageError:
    sentence = f"there is no device `{name}` {where}"
    return UsageError(sentence, help_text=did_you_mean(name, known))
