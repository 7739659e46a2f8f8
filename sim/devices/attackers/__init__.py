"""Those who try: devices like any other, whose acts are attacks; `do: mallory.replay` in a scenario.

    stranger      sits in somebody's line and has an account, but no enrolled key: forges, replays, tampers
    eavesdropper  a compromised device with a valid key: asks, claims to act for others, reads what it may
    relay         two radios, one beside the car and one beside its key
    thief         takes a key away and presses its buttons
    noisy         an enrolled device that floods

None of them can do what cryptography or physics forbids: sign with the key of another, or be nearer than
it is. An ex-friend needs no kind of his own; he has a phone, whose key was revoked. With `relentless` an
attacker acts by itself, a bounded number of times: that is how `carhome attack` sends him into any story.
"""

from sim.devices.attackers.eavesdropper import Eavesdropper
from sim.devices.attackers.noisy import Noisy
from sim.devices.attackers.relay import RelayPair
from sim.devices.attackers.stranger import Stranger
from sim.devices.attackers.thief import Thief

__all__ = ["Eavesdropper", "Noisy", "RelayPair", "Stranger", "Thief"]
