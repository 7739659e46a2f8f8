"""The phone's app for receipts: it fetches what was booked, and tells its owner what they have paid.

The service only reports how many receipts there are; what is on them goes to who asks for it, and may.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Self

from sim.apps.app import settled
from sim.apps.patience import Patience
from sim.apps.payments.messages import ListReceipts, Receipt
from sim.core.device import (
    Answered,
    Booted,
    Effect,
    Facet,
    Learned,
    Linked,
    Moment,
    Provision,
    Request,
    Stimulus,
    TimerFired,
)
from sim.core.parts import Part

APP: Final = "Xiaomi Pay"
"""Which app a notice is of."""
PURPOSE: Final = "receipts"


class ReceiptsReport(Facet):
    """How many receipts the phone has read; nothing of what is on them."""

    receipts_read: int


@dataclass(frozen=True)
class Receipts(Part):
    """See the module.

    Attributes:
        device: the phone.
        owner: whose it is.
        boot: how often it has started.
        sent: how many questions it has sent since.
        services: the services that pay; the first is asked.
        read: number of the last entry that was read.
        asked: ticket of the question under way; empty without one.
        refused: whether its owner may not read receipts; it asks no more until it starts again.
        notices: what is to be told: merchant and sentence.
        patience: whether the service is asked again yet.
    """

    facets: ClassVar = (ReceiptsReport,)
    reads: ClassVar = ("pay",)
    asks: ClassVar = ("pay",)

    device: str = ""
    owner: str | None = None
    boot: int = 1
    sent: int = 0
    services: tuple[str, ...] = ()
    read: int = 0
    asked: str = ""
    refused: bool = False
    notices: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    patience: Patience = field(default_factory=lambda: Patience(PURPOSE))

    @classmethod
    def new(cls, device: str, config: Any, given: Mapping[str, Any]) -> Self:
        """Return the app; what it has read it does not tell again."""
        return cls(device=device, owner=config.owner, read=given.get("receipts_read", 0))

    def provisioned(self, provision: Provision) -> Self:
        """Return the app with the names of the services that pay."""
        services = provision.of_kind("pay")
        return replace(self, services=services, boot=provision.boot)

    def kept(self) -> Mapping[str, Any]:
        """Keep how far it has read."""
        return {"receipts_read": self.read}

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Fetch what is new."""
        match stimulus:
            case Booted() | Linked(up=True):
                return self._asking(at)
            case Learned(device=device) if device in self.services:
                return replace(self, patience=self.patience.looked(at))._asking(at)
            case TimerFired(name=name) if self.patience.is_due(name):
                return replace(self, patience=self.patience.due(name))._asking(at)
            case Answered(ticket=ticket, answer=answer) if answer.final and ticket == self.asked:
                app = replace(self, asked="")
                if not settled(answer):
                    patience, effects = app.patience.in_vain(at, self.services[0])
                    return replace(app, patience=patience), effects
                heard = replace(app, patience=app.patience.answered(self.services[0]))
                if answer.status != "done":
                    return replace(heard, refused=True), ()
                told = heard._with(answer.data)
                if told.read > self.read:
                    return told._asking(at)
                # A service that tells nothing new although it said so is not asked without a pause.
                patience, effects = app.patience.in_vain(at, self.services[0])
                return replace(told, patience=patience), effects
            case _:
                return self, ()

    def shown(self) -> Self:
        """Return the app after its notices were shown."""
        return replace(self, notices=())

    def report(self) -> tuple[Facet, ...]:
        """Report how many it has read."""
        return (ReceiptsReport(receipts_read=self.read),)

    def _asking(self, at: Moment) -> tuple[Self, tuple[Effect, ...]]:
        service = self.services[0] if self.services else ""
        there = at.beliefs.raw(service, "receipts")
        new = there is not None and int(there[0]) > self.read
        if not new or self.asked or self.refused or not self.patience.allows(service, busy=False):
            return self, ()
        ticket = f"{self.device}-{PURPOSE}-{self.boot}-{self.sent + 1}"
        question = Request.of(ListReceipts(after=self.read), ticket=ticket, target=service, by=self.owner)
        return replace(self, sent=self.sent + 1, asked=ticket), (question,)

    def _with(self, data: Mapping[str, Any]) -> Self:
        """Return the app with what it was told; its owner hears of what they paid themselves."""
        told: list[Mapping[str, Any]] = data.get("receipts", [])
        receipts = [
            Receipt.model_validate({name: one for name, one in fields.items() if name != "receipt"})
            for fields in told
        ]
        own = tuple((one.merchant, one.sentence()) for one in receipts if one.by == self.owner)
        read = max([self.read, data.get("through", 0), *(one.n for one in receipts)])
        return replace(self, read=read, notices=own)
