"""Cars with one bug each, as somebody could write them; each must make a named case fail.

`BUGS` says which. A car with a bug otherwise works: it opens to its owner.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Self

from pydantic import ConfigDict

from sim.trust.digital_key import (
    Auth,
    Authorised,
    EnrolledKey,
    Grant,
    KeyReader,
    Refused,
    RemoteCommand,
    Signed,
)
from sim.trust.digital_key.agreement import digest_of
from sim.trust.digital_key.messages import KeyMessage
from sim.trust.digital_key.reader import Ranging
from sim.trust.digital_key.register import KeyRegister
from sim.trust.digital_key.results import Results
from sim.trust.digital_key.transactions import Transaction
from sim.trust.envelope import EnvelopeError, unseal
from tests.trust.digital_key import key_cases, near_cases, remote_cases
from tests.trust.digital_key.cases import Case


class WithoutNonceCheck(KeyReader):
    """A challenge stays open when it is answered, and the answer's echo of it is not compared."""

    def _popped(self, heard: Signed[Auth]) -> tuple[Self, Transaction | None]:
        own = [one for one in self.transactions.values() if one.kid == heard.kid]
        return self, own[-1] if own else None


class ChallengesOfAnybody(KeyReader):
    """Whoever names a transaction ends it."""

    def _popped(self, heard: Signed[Auth]) -> tuple[Self, Transaction | None]:
        reader, transaction = super()._popped(heard)
        left = {name: one for name, one in self.transactions.items() if name != heard.message.transaction}
        return replace(reader, transactions=left), transaction


class WithoutDedupe(KeyReader):
    """Command ids are not remembered."""

    def _remembering(self, digest: bytes, command_id: str, authorised: Authorised) -> tuple[Self, Authorised]:
        return replace(super()._remembering(digest, command_id, authorised)[0], results=Results()), authorised


class LaxAuth(Auth):
    """An answer that may say more than it should."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    distance_cm: int | None = None


class LaxCommand(RemoteCommand):
    """A command whose expiry may be any number that Python's parser knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    expires_ms: float  # type: ignore[assignment]  # the bug


class Believing(KeyReader):
    """The base of the two that read with a parser of their own."""

    def _read_lax(self, envelope: Any, model: type[Any], lax: type[KeyMessage]) -> Any:
        try:
            opened = unseal(envelope, model.typ, self.register)
        except EnvelopeError as error:
            return Refused(error.code, error.sentence)
        message = lax.model_validate(json.loads(opened.payload))
        return Signed(opened.device, envelope["kid"], message, digest_of(model.typ, opened.payload))


class DistanceFromTheMessage(Believing):
    """What the answer says of its distance is believed."""

    def _read(self, envelope: object, model: type[Any]) -> Any:
        return self._read_lax(envelope, Auth, LaxAuth) if model is Auth else super()._read(envelope, model)

    def _measured_cm(self, session: bytes, auth: Auth, ranging: Ranging) -> int | None:
        assert isinstance(auth, LaxAuth)
        return super()._measured_cm(session, auth, ranging) if auth.distance_cm is None else auth.distance_cm


class ExpiryOfAnyNumber(Believing):
    """Floats pass the parser, and NaN is held against a deadline with `<`."""

    def _read(self, envelope: object, model: type[Any]) -> Any:
        if model is not RemoteCommand:
            return super()._read(envelope, model)
        return self._read_lax(envelope, RemoteCommand, LaxCommand)


class LockoutByKeyId(KeyReader):
    """Failures are counted against the key id that a message names."""

    def _culprit(self, sender: str, envelope: object) -> str:
        return str(envelope.get("kid", sender)) if isinstance(envelope, Mapping) else sender


class ClockThatGoesBack(KeyReader):
    """The car's clock is what it is told."""

    def _at(self, now_ms: int) -> Self:
        return replace(self, clock_ms=now_ms, heard_ms=now_ms)


class RefillingRegister(KeyRegister):
    """A grant is new whenever it is shown."""

    def with_grant(self, heard: Signed[Grant], clock_ms: int) -> tuple[Self, EnrolledKey | Refused]:
        """Forget every shared key first."""
        paired = {kid: key for kid, key in self.keys.items() if key.granted_by is None}
        return super(RefillingRegister, replace(self, keys=paired, shared={})).with_grant(heard, clock_ms)


class RefillingUses(KeyReader):
    """The grant beside a hello fills up the uses again."""

    def _granted(self, envelope: object) -> tuple[Self, EnrolledKey | Refused]:
        register = self.register
        lax = RefillingRegister(register.powers, register.keys, register.tombstones, register.shared)
        return super(RefillingUses, replace(self, register=lax))._granted(envelope)


class SendersOfAnyKey(KeyReader):
    """It does not matter which device a key's message comes from."""

    def _verified(self, envelope: object, model: type[Any], sender: str) -> tuple[Self, Any]:
        heard = self._read(envelope, model)
        return super()._verified(envelope, model, sender if isinstance(heard, Refused) else heard.device)


BUGS: Final[tuple[tuple[type[KeyReader], Case], ...]] = (
    (WithoutNonceCheck, near_cases.refused_answer_is_used_up),
    (WithoutNonceCheck, near_cases.answer_to_another_challenge_of_the_same_key_is_stale),
    (DistanceFromTheMessage, near_cases.distance_in_a_message_is_no_distance),
    (WithoutDedupe, near_cases.command_id_is_good_for_one_answer),
    (WithoutDedupe, near_cases.same_answer_again_does_nothing_more),
    (ExpiryOfAnyNumber, remote_cases.expiry_that_is_no_number_is_no_expiry),
    (LockoutByKeyId, near_cases.stranger_locks_out_himself_only),
    (ChallengesOfAnybody, near_cases.friend_cannot_use_up_the_challenge_of_the_owner),
    (ClockThatGoesBack, key_cases.clock_that_is_set_back_revives_no_key),
    (RefillingUses, key_cases.courier_opens_the_boot_once),
    (SendersOfAnyKey, near_cases.captured_answer_from_another_device_ends_nothing),
)
"""Which case notices which bug."""
