"""Which devices are meant by a wish, and which acts that makes; a question where it could be several.

It knows the household's names and, of its state, what the listening device believes: to make something
warmer or brighter one has to know how it is. What it returns is judged by the rules like any other act.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.core.asking import AskDevice
from sim.core.beliefs import Beliefs
from sim.core.household import DeviceEntry, Household
from sim.services.voice.knowledge import figure
from sim.services.voice.names import is_sort_word, spaced
from sim.services.voice.replies import AnyAct, Heard, NotUnderstood, Reply, Understood
from sim.services.voice.wishes import Wish

TARGET_MIN_C = 16
TARGET_MAX_C = 30
"""What `SetClimate` takes, °C; both ends included."""
STEP_C = 1.0
"""How much warmer something becomes when nobody says by how much, K (assumption)."""
DEVICES_MAX = 32
"""How many devices one sentence may be about."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "light": ("light",),
    "lights": ("light",),
    "lighting": ("light",),
    "heat": ("climate",),
    "cool": ("climate",),
    "climate": ("climate",),
    "temperature": ("climate",),
    "purifier": ("purifier",),
    "plug": ("plug",),
    "tv": ("tv",),
    "speaker": ("speaker",),
    "camera": ("camera",),
    "everything": ("light", "climate", "purifier", "plug", "tv", "speaker"),
}
"""What is said to the kinds of device that it can be."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a sentence was heard, and what is known there.

    Attributes:
        microphone: the device that heard it; None when that is not known.
        speaker: whose voice it is; None when that is not known.
        driver: who is at the wheel of the car the microphone is built into, or None.
        outside: whether the voice came from outside, through a window.
        now_ms: the time by the microphone's clock.
        beliefs: what the microphone has heard of others.
    """

    microphone: str | None = None
    speaker: str | None = None
    driver: str | None = None
    outside: bool = False
    now_ms: int = 0
    beliefs: Beliefs = field(default_factory=Beliefs)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One wish in one household, heard somewhere.

    Attributes:
        household: people, homes and devices.
        reply: answers in the language of the sentence.
        wish: what was said.
        listening: where it was heard.
    """

    household: Household
    reply: Reply
    wish: Wish
    listening: Listening

    # --- who is meant ----------------------------------------------------------------------------------

    def of_kinds(self, kinds: Sequence[str]) -> list[DeviceEntry]:
        """Return the household's devices of some kinds, in file order."""
        return [one for one in self.household.devices.values() if one.kind in kinds and one.enrolled]

    @property
    def microphone(self) -> DeviceEntry | None:
        """The device that heard the sentence."""
        return self.household.devices.get(self.listening.microphone or "")

    @property
    def in_car(self) -> bool:
        """Whether the microphone is built into a car."""
        return self.microphone is not None and self.microphone.car is not None

    def targets(self, kinds: Sequence[str], *, several: bool = False) -> list[DeviceEntry] | NotUnderstood:
        """Return the devices that are meant, or the question which.

        Args:
            kinds: which kinds it can be.
            several: whether all of them are meant when there is more than one.
        """
        wish = self.wish
        there = [
            one
            for one in self.of_kinds(kinds)
            if wish.room in {None, one.room} and wish.home in {None, one.home}
        ]
        found = [one for one in there if wish.device in {None, one.name}]
        if not found and wish.device is not None and is_sort_word(self.reply.tongue, wish.device):
            found = there  # `the ceiling light in the kitchen`, though another room's is called just that
        microphone = self.microphone
        placed = wish.device or wish.room or wish.home or (wish.every and not wish.here)
        if not placed and wish.near is not None:
            found = [one for one in found if one.room == wish.near] or found
        elif not placed and microphone is not None and microphone.room is not None:
            near = [one for one in found if (one.home, one.room) == (microphone.home, microphone.room)]
            found = near or found
        if not found:
            return self.reply.refusal(f"no {' or '.join(kinds)} stands there", "no_device")
        if len(found) > 1 and not (several or wish.every):
            return self.reply.which_device(found, wish)
        return found[:DEVICES_MAX]

    def car(self) -> DeviceEntry | NotUnderstood:
        """Return the car that is meant: the one that is named, the microphone's own, or the only one."""
        cars = self.of_kinds(("car",))
        own = self.microphone.car if self.microphone is not None else None
        name = self.wish.car or (own if self.in_car else None)
        named = [one for one in cars if name in {None, one.name}]
        if not named:
            return self.reply.refusal("the household has no car", "no_car")
        if len(named) > 1:
            return self.reply.which([spaced(one.name) for one in named], self.wish)
        return named[0]

    # --- what is known ---------------------------------------------------------------------------------

    def believed(self, device: str, fact: str) -> Any:
        """Return what the microphone last heard of a device, however old; None when nothing."""
        heard = self.listening.beliefs.raw(device, fact)
        return None if heard is None else heard[0]

    def stepped(self, device: str, fact: str, usual: float) -> float | None:
        """Return a believed value one step up or down; None when it is not known."""
        value = self.believed(device, fact)
        if value is None:
            return None
        by = usual if self.wish.by is None else self.wish.by
        return float(value) + (by if self.wish.step == "up" else -by)

    # --- answers ---------------------------------------------------------------------------------------

    def act(self, act: AnyAct, key: str, **parts: str) -> Understood:
        """Return one act, announced."""
        return Understood((act,), self.reply.says(key, **parts))

    def each(self, entries: Sequence[DeviceEntry], understood: Callable[[DeviceEntry], Heard]) -> Heard:
        """Return the acts for every device; what cannot be for one is not begun for any."""
        heard = [understood(entry) for entry in entries]
        refused = next((one for one in heard if isinstance(one, NotUnderstood)), None)
        if refused is not None:
            return refused
        done = [one for one in heard if isinstance(one, Understood)]
        if len(done) == 1:
            return done[0]
        acts = tuple(act for one in done for act in one.acts)
        names = self.reply.tongue.answers["and"].join(self.reply.name(entry) for entry in entries)
        return Understood(acts, self.reply.says("several", count=str(len(entries)), devices=names))

    def out_of_range(self, wanted: float, least: float, most: float, unit: str) -> NotUnderstood | None:
        """Return the answer to a number that nothing can be set to, or None when it is in range."""
        if least <= wanted <= most:
            return None
        reason = f"{figure(wanted)} {unit} is not between {figure(least)} and {figure(most)} {unit}"
        least_most = figure(least), figure(most)
        return self.reply.refusal(
            reason.strip(), "beyond", least=least_most[0], most=least_most[1], wanted=figure(wanted)
        )


def ask(device: DeviceEntry, action: str, **arguments: Any) -> AskDevice:
    """Return the act that asks a device for one of its commands."""
    return AskDevice(device=device.name, name=action, values=arguments)
