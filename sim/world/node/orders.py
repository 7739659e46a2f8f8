"""What is inside the envelopes: the order a sender signs, and the outcome a target signs.

Everything that freshness or authority hangs on is in here, in integers and exact names; the CloudEvent
and the topic around it are compared with it, never believed instead of it.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.core.device import Answer, Status, Voice
from sim.core.messages import MalformedMessageError, dump_json, load_json_object

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]

TTL_MAX_MS = 3_600_000
"""Longest life of a command: an hour; what is meant for later is a schedule, not a command."""


CODES = frozenset({"DECODING", "SENDER_KEY_MISMATCH", "WRONG_TARGET", "WRONG_COMMAND", "TTL_TOO_LONG"})
"""Every code of an order that is not taken."""


class OrderError(ValueError):
    """Raised when signed bytes are no order or outcome, or not the one that topic and event announce.

    Attributes:
        code: `DECODING`, `SENDER_KEY_MISMATCH`, `WRONG_TARGET`, `WRONG_COMMAND` or `TTL_TOO_LONG`.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def digest(payload: bytes) -> bytes:
    """Return what a command id is bound to: SHA-256 of the signed bytes."""
    return hashlib.sha256(payload).digest()


class _Signed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def to_bytes(self) -> bytes:
        """Return the bytes to sign."""
        return dump_json(self.model_dump())

    @classmethod
    def read(cls, payload: bytes) -> Self:
        """Return what the signed bytes say.

        Raises:
            OrderError: when they say anything but exactly these fields.
        """
        try:
            return cls.model_validate(load_json_object(payload))
        except MalformedMessageError as error:
            raise OrderError("DECODING", str(error)) from None  # noqa: EM101  # a reason code
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            msg = f"the signed field `{where}` is missing, unknown or of the wrong sort"
            raise OrderError("DECODING", msg) from None  # noqa: EM101  # a reason code


class Order(_Signed):
    """A command as its sender signs it.

    Attributes:
        id: names the command; the same id with other bytes is refused.
        sender: device that signs.
        to: device that is asked.
        name: what it is asked.
        args: its arguments.
        by: person on whose behalf, or None.
        worn: what the sender senses of its wearer, or None.
        voice: where the sender heard the voice that asked for it; None when a hand did.
        issued_ms: when, by the sender's clock.
        expires_ms: until when it may be carried out; never later.
    """

    id: Identifier
    sender: Identifier
    to: Identifier
    name: Identifier
    args: dict[str, Any]
    by: Identifier | None
    worn: bool | None
    issued_ms: int
    expires_ms: int
    voice: Voice | None

    def expect(self, *, id: str, sender: str, signer: str, target: str, action: str) -> None:  # noqa: A002  # CloudEvents' word
        """Hold the order against the topic it came on, the event around it and the key that signed it.

        Raises:
            OrderError: naming the first thing that does not agree.
        """
        if signer != self.sender:
            code, msg = "SENDER_KEY_MISMATCH", f"it is signed with the key of {signer}, not of {self.sender}"
        elif self.sender != sender:
            code, msg = "SENDER_KEY_MISMATCH", f"it was signed by {self.sender} but sent by {sender}"
        elif self.to != target:
            code, msg = "WRONG_TARGET", f"it was signed for {self.to}, not for {target}"
        elif self.name != action:
            code, msg = "WRONG_COMMAND", f"it was signed as `{self.name}` but sent as `{action}`"
        elif self.id != id:
            code, msg = "WRONG_COMMAND", "its id is not the one that was signed"
        elif self.expires_ms - self.issued_ms > TTL_MAX_MS:
            code, msg = "TTL_TOO_LONG", f"it would live longer than {TTL_MAX_MS} ms"
        else:
            return
        raise OrderError(code, msg)

    def expect_to_end(self, now_ms: int) -> None:
        """Hold the expiry against this device's own clock, whatever the sender's says.

        Raises:
            OrderError: when it would live longer than any command may.
        """
        if self.expires_ms - now_ms > TTL_MAX_MS:
            msg = f"it would still live longer than {TTL_MAX_MS} ms by the clock of {self.to}"
            raise OrderError("TTL_TOO_LONG", msg)  # noqa: EM101  # a reason code


@dataclass(frozen=True, slots=True)
class Outcome:
    """One step in a command's life as the target signs it."""

    id: str
    sender: str
    to: str
    answer: Answer

    def to_bytes(self) -> bytes:
        """Return the bytes to sign."""
        answer = self.answer
        return _OutcomeFields(
            id=self.id,
            sender=self.sender,
            to=self.to,
            status=answer.status,
            reason=answer.reason,
            denial=None if answer.denial is None else dict(answer.denial),
            data=dict(answer.data),
        ).to_bytes()

    @classmethod
    def read(cls, payload: bytes) -> "Outcome":
        """Return what the signed bytes say.

        Raises:
            OrderError: when they say anything but an outcome.
        """
        fields = _OutcomeFields.read(payload)
        answer = Answer(fields.status, fields.reason, fields.denial, fields.data)
        return cls(fields.id, fields.sender, fields.to, answer)

    def expect(self, *, id: str, signer: str, target: str, to: str) -> None:  # noqa: A002  # CloudEvents' word
        """Hold the outcome against the command it answers.

        Raises:
            OrderError: when it answers another command, comes from another device, or is for another one.
        """
        if (self.id, self.sender, self.to, signer) != (id, target, to, target):
            msg = f"it is not {target}'s answer to {id}"
            raise OrderError("WRONG_COMMAND", msg)  # noqa: EM101  # a reason code


class _OutcomeFields(_Signed):
    id: Identifier
    sender: Identifier
    to: Identifier
    status: Status
    reason: str
    denial: dict[str, Any] | None
    data: dict[str, Any]
