"""Drafts: intents that the cloud has not confirmed; of each person the latest for one setting and scope."""

from dataclasses import dataclass, replace

from sim.apps.twins.intents import Intent
from sim.apps.twins.messages import INTENTS_AT_ONCE_MAX
from sim.apps.twins.stamps import NEVER, Stamp

DRAFTS_MAX = 32
"""How many wishes a device keeps for the cloud; a further one is refused."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One intent on its way.

    Attributes:
        intent: what is wished.
        ticket: of the act that is waiting to hear of it; None when nobody is.
        sent: whether it was handed on, so that the cloud may have it: its stamp is what it is from then on.
    """

    intent: Intent
    ticket: str | None
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Drafts:
    """See the module.

    Attributes:
        waiting: the drafts, oldest first.
    """

    waiting: tuple[Draft, ...] = ()

    def __len__(self) -> int:
        return len(self.waiting)

    @property
    def latest(self) -> Stamp:
        """The newest stamp among them."""
        return max((draft.intent.stamp for draft in self.waiting), default=NEVER)

    @property
    def obstacle(self) -> str:
        """Why no further wish can be kept; empty when it can."""
        if len(self) < DRAFTS_MAX:
            return ""
        return f"{DRAFTS_MAX} wishes wait for the cloud already"

    def with_one(self, draft: Draft) -> tuple["Drafts", str | None]:
        """Return the drafts with a new one, and the ticket of the one whose place it takes, if any."""
        before = [one for one in self.waiting if _register(one) == _register(draft)]
        rest = tuple(one for one in self.waiting if one not in before)
        return Drafts((*rest, draft)), before[0].ticket if before else None

    def without(self, names: tuple[str, ...]) -> tuple[tuple[Draft, ...], "Drafts"]:
        """Return the drafts with some ids, and those that are left."""
        taken = tuple(draft for draft in self.waiting if draft.intent.id in names)
        return taken, Drafts(tuple(draft for draft in self.waiting if draft.intent.id not in names))

    def with_sent(self, names: tuple[str, ...], *, sent: bool) -> "Drafts":
        """Return them with those of some ids marked as handed on, or as certainly not taken."""
        return Drafts(
            tuple(replace(draft, sent=sent) if draft.intent.id in names else draft for draft in self.waiting)
        )

    def unasked(self) -> "Drafts":
        """Return them as a restart leaves them: nobody waits to hear of them any more."""
        return Drafts(tuple(replace(draft, ticket=None) for draft in self.waiting))

    def batch(self) -> tuple[Draft, ...]:
        """Return what is handed on next: the oldest, and more of the same person for the same scope."""
        if not self.waiting:
            return ()
        first = self.waiting[0].intent
        alike = [
            draft
            for draft in self.waiting
            if (draft.intent.person, draft.intent.scope) == (first.person, first.scope)
        ]
        return tuple(alike[:INTENTS_AT_ONCE_MAX])

    def restamped(
        self, device: str, seen: Stamp, *, shift_ms: int, latest_ms: int, made: int
    ) -> tuple["Drafts", dict[str, Intent], int]:
        """Return the drafts as a right clock would have stamped them, each under a new id.

        What was handed on stays as it is: were the same wish to come under two names, it would be two wishes.

        Args:
            device: whose they are.
            seen: the newest stamp that the device had seen; what it wishes now comes after it.
            shift_ms: how far the clock that stamped them was ahead of the right one.
            latest_ms: what time it is by the right clock.
            made: how many intents the device has made.

        Returns:
            The drafts, each new intent by its old id, and how many intents the device has made then.
        """
        renamed: dict[str, Intent] = {}
        drafts = []
        for draft in sorted(self.waiting, key=lambda draft: draft.intent.stamp):
            if draft.sent:
                drafts.append(draft)
                continue
            made += 1
            seen = seen.after(max(0, min(draft.intent.ms - shift_ms, latest_ms)), device)
            renamed[draft.intent.id] = draft.intent.at(seen, f"{device}-wish-{made}")
            drafts.append(replace(draft, intent=renamed[draft.intent.id]))
        return Drafts(tuple(drafts)), renamed, made


def _register(draft: Draft) -> tuple[str | None, str, str]:
    """Return what one wish replaces another in: everywhere is somewhere else for everybody."""
    intent = draft.intent
    return intent.person, intent.scope, intent.setting
