"""The dashboard's button that approves a payment: this order, this merchant and this amount, as shown.

All of it stands in the command that the dashboard signs, so whoever changes one of them afterwards asks for
something that nobody has approved.
"""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Self

from sim.apps.app import refused
from sim.apps.payments.messages import ApprovePayment
from sim.core.device import Act, Acted, Effect, Moment, Provision, Refers, Request, Stimulus
from sim.core.parts import Part


class ApproveBill(Act):
    """Approve the bill that the car's card shows, or none when there is none."""

    car: Annotated[str, Refers("device", "car")]


@dataclass(frozen=True)
class Approvals(Part):
    """See the module.

    Attributes:
        services: the services that pay; the first is asked.
    """

    acts: ClassVar = (ApproveBill,)
    reads: ClassVar = ("car", "pay")
    heeds: ClassVar = ("car",)
    asks: ClassVar = ("pay",)

    services: tuple[str, ...] = ()

    def provisioned(self, provision: Provision) -> Self:
        """Return the button with the names of the services that pay."""
        services = provision.of_kind("pay")
        return replace(self, services=services)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:
        """Ask the service to remember the approval."""
        match stimulus:
            case Acted(act=ApproveBill(car=car), ticket=ticket, by=by):
                shown = [
                    at.beliefs.shown(car, f"bill_{name}")
                    for name in ("order", "merchant", "minor", "currency")
                ]
                waits = at.beliefs.shown(car, "bill_needs_approval") is True
                if not waits or not self.services:
                    return self, (refused(ticket, f"no bill of {car} waits for approval"),)
                order, merchant, minor, currency = shown
                approval = ApprovePayment(
                    order=order, merchant=merchant, amount_minor=minor, currency=currency
                )
                return self, (Request.of(approval, ticket=ticket, target=self.services[0], by=by),)
            case _:
                return self, ()
