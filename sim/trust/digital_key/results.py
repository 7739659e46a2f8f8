"""What was authorised under which command id, so that nothing is done twice.

A broker may deliver twice and a sender repeats what was not answered. The same signed bytes come to the
same; other bytes under the same id are refused. Results outlive a restart, as the car's act does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from sim.trust.digital_key.outcomes import Authorised, Refused, refused

RESULTS_MAX: Final = 256
"""How many are remembered; the oldest is forgotten first. One that is forgotten opens nothing again, for its
challenge is used up and its counter seen, or its epoch over."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one command came to.

    Attributes:
        digest: SHA-256 of what was signed.
        authorised: what came of it.
    """

    digest: bytes
    authorised: Authorised


@dataclass(frozen=True, slots=True)
class Results:
    """The latest results.

    Attributes:
        by_command: by key id and command id, oldest first, at most `RESULTS_MAX`.
    """

    by_command: Mapping[tuple[str, str], Result] = field(default_factory=dict)

    def known(self, kid: str, command_id: str, digest: bytes) -> Authorised | Refused | None:
        """Return what a message comes to whose command id was used: the same again, or `CMD_ID_REUSED`."""
        result = self.by_command.get((kid, command_id))
        if result is None:
            return None
        if result.digest != digest:
            return refused("CMD_ID_REUSED")
        return replace(result.authorised, repeated=True)

    def with_result(self, command_id: str, digest: bytes, authorised: Authorised) -> Self:
        """Return the successor that remembers one more."""
        by_command = {**self.by_command, (authorised.kid, command_id): Result(digest, authorised)}
        if len(by_command) > RESULTS_MAX:
            del by_command[next(iter(by_command))]
        return type(self)(by_command)

    def kept(self) -> list[Mapping[str, Any]]:
        """Return the results as JSON, for flash."""
        return [_kept(command_id, result) for (_, command_id), result in self.by_command.items()]

    @classmethod
    def restored(cls, kept: Iterable[Mapping[str, Any]]) -> Self:
        """Return the results that flash has kept."""
        by_command = {}
        for one in kept:
            ranging_id = one["ranging_id"]
            authorised = Authorised(
                one["kid"],
                one["device"],
                one["action"],
                one["presence"],
                one["distance_cm"],
                ranging_id=None if ranging_id is None else bytes.fromhex(ranging_id),
            )
            by_command[one["kid"], one["command_id"]] = Result(bytes.fromhex(one["digest"]), authorised)
        return cls(by_command)


def _kept(command_id: str, result: Result) -> Mapping[str, Any]:
    authorised = result.authorised
    return {
        "command_id": command_id,
        "digest": result.digest.hex(),
        "kid": authorised.kid,
        "device": authorised.device,
        "action": authorised.action,
        "presence": authorised.presence,
        "distance_cm": authorised.distance_cm,
        "ranging_id": None if authorised.ranging_id is None else authorised.ranging_id.hex(),
    }
