"""What all nodes of a run share: who there is, whose keys are enrolled, and who decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.core.device import Device
from sim.core.household import Household
from sim.policy.decision import PolicyDecisionPoint
from sim.trust.identity import Keyring


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all nodes of a run share.

    Attributes:
        household: who and what there is.
        kinds: kind name to class.
        keyring: the enrolled keys.
        policy: who decides.
    """

    household: Household
    kinds: Mapping[str, type[Device]]
    keyring: Keyring
    policy: PolicyDecisionPoint

    def kind_of(self, device: str) -> type[Device] | None:
        """Return the class of a device, or None for a name the household does not have."""
        entry = self.household.devices.get(device)
        return None if entry is None else self.kinds[entry.kind]
