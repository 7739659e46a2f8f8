"""A whole household that is attacked with raw bytes, and the one check that every attack must pass.

A story is played twice, with the same seed: once nobody attacks, and once somebody does. What the attacks
add to the records is compared with what they must: for each of them one refusal, with its reason code and
the line of defence, nothing that moves, and no car that is woken or kept awake: that empties its battery.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from sim.core.asking import AskDevice, RequestAction
from sim.core.device import Answer
from sim.core.messages import CloudEvent, Frame, dump_json, load_json_object
from sim.core.topics import command_topic, parse_topic, reply_topic
from sim.devices.car import Car
from sim.devices.car.gateway import SLEEP_AFTER_MS
from sim.devices.phone import Phone
from sim.devices.watch import Watch
from sim.physics.battery import J_PER_KWH
from sim.policy.cedar import CedarDecisionPoint
from sim.scenario.households import read_household
from sim.scenario.model import Given
from sim.scenario.scene import set_scene
from sim.shell.files import Shelf
from sim.trust.derivation import digital_key, seed_for_scenario
from sim.trust.digital_key import KeyHolder, Nonces
from sim.trust.envelope import seal, unseal
from sim.trust.identity import Identity, Keyring
from sim.trust.wallet import Wallet
from sim.world.network.faults import Direction, LinkFault
from sim.world.network.link import Publish
from sim.world.node.orders import Order, Outcome
from sim.world.stage_port import StagePort
from sim.world.trace import Record
from sim.world.truth.vehicles import QUIET
from tests.scenario.stories import KINDS, WANG
from tests.stages import SEED, START_MS, Theatre

OTHERS = """
  jun_phone: {kind: phone, owner: jun}
  new_watch: {kind: watch, owner: lin, paired: false}
  tv: {kind: eavesdropper}
strangers:
  radios: {kind: relay}
"""
"""Beside the Wangs: a friend's phone, a watch that is no key yet, a television in wrong hands, two radios."""
HOUSEHOLD = WANG.text.replace("\nstrangers:\n", OTHERS)
HOME = "wang"
HOUR_MS = 3_600_000
REST_MS = SLEEP_AFTER_MS + 60_000
"""How long a story is played on before its car's battery is looked at: whatever woke it, it sleeps again."""
LATE_MS = 10_000
"""By how much the household itself may come later, and its car sleep later, where an attack delays it."""
MALLORYS = Identity.of("mallory", b"a key that nobody has enrolled..")
"""A key of a stranger's own."""
BEFORE_THE_CAR = Given(
    physical={"su7": {"locked": True}, "watch": {"on_wrist": True, "wearer": "lin"}},
    people={"lin": {"from": ("su7", 1.0)}, "jun": {"from": ("su7", 1.0)}},
)
"""Lin stands beside her locked car, with the watch on her wrist and the phone in her hand; so does Jun."""


def away(metres: float) -> Given:
    """Return the same with Lin, her watch and her phone farther away."""
    people = {**BEFORE_THE_CAR.people, "lin": {"from": ("su7", metres)}}
    return Given(physical=BEFORE_THE_CAR.physical, people=people)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One audit record about something that was not allowed.

    Attributes:
        sender: who sent it, as the broker knows it.
        action: what was asked for; the topic, where the broker refused.
        layer: which line of defence refused.
        code: reason code; None where the rules alone refused.
        rule: the first rule that refused; None where none was asked or none permits it.
        device: who was asked.
    """

    sender: str
    action: str
    layer: str
    code: str | None
    rule: str | None
    device: str = "su7"


def forbidden(sender: str, action: str, layer: str, code: str | None, rule: str | None) -> Refusal:
    """Return a refusal of the car."""
    return Refusal(sender, action, layer, code, rule)


NOT_AUTHORIZED = "0x87"


def by_the_broker(sender: str, topic: str) -> Refusal:
    """Return the broker's refusal to pass a message on."""
    return Refusal(sender, topic, "broker", NOT_AUTHORIZED, None, "broker")


@cache
def _policy(household: str) -> CedarDecisionPoint:
    """Return the rules that ship, for a household."""
    return Shelf().policy(read_household("test.household.yaml", household, KINDS))


class House(Theatre):
    """The household, in memory, with everything real but the radio.

    Args:
        given: the world at the start.
        attacked: whether the attacks of a story happen.
        household: YAML, as in a household file.

    Attributes:
        attacks: how many have.
    """

    def __init__(
        self, given: Given = BEFORE_THE_CAR, *, attacked: bool = True, household: str = HOUSEHOLD
    ) -> None:
        policy = _policy(household)
        super().__init__(household, kinds=KINDS, policy=policy, given=given.state, opened=False)
        set_scene(self.truth, given, START_MS)
        self._charged_j = self._battery_j()
        self.attacks = 0
        self._attacked = attacked
        self._forged = 0
        self.run(self.stage.open())

    # --- what an attacker can do --------------------------------------------------------------------

    def attack(self, blow: Callable[..., object], *arguments: Any) -> None:
        """Let somebody do something, unless this is the quiet twin; and play on."""
        if self._attacked:
            self.attacks += 1
            blow(*arguments)
            self.settle()

    def say(self, device: str, frame: Frame) -> None:
        """Put bytes on the connection of a device: of the attacker's own, or one that he sits in."""
        StagePort(self.stage, device).publish(frame)
        self.settle()

    def lose(self, device: str, direction: Direction, for_ms: int) -> None:
        """Let everything on one way of a device's link vanish."""
        fault = LinkFault(loss_percent=100, direction=direction)
        self.stage.break_link(device, fault, for_ms)

    def hold_back(self, device: str, for_ms: int, *, during_ms: int = 1) -> None:
        """Keep back for so long what a device sends from now on: in this very instant, or longer."""
        self.stage.break_link(device, LinkFault(delay_ms=for_ms, direction="out"), during_ms)

    def as_soon_as(self, happened: Callable[[Record], bool], blow: Callable[[], object]) -> None:
        """Do something once, right after the first record from now on that fits: in the midst of a talk."""
        seen, struck = len(self.trace.records), False

        def look(_heard_only: bool) -> None:  # noqa: FBT001  # the stage's protocol
            nonlocal seen, struck
            fresh, seen = self.trace.records[seen:], len(self.trace.records)
            if not struck and any(map(happened, fresh)):
                struck = True
                blow()

        self.stage.event_hooks.append(look)

    # --- what an attacker has -----------------------------------------------------------------------

    def sent(self, device: str, action: str, to: str = "su7", *, first: bool = False) -> Frame:
        """Return the latest command of a device, or its first, as it was on the wire."""
        found = list(self._published(command_topic(HOME, to, device, action)))
        return found[-1] if first else found[0]

    def reply(self, order_id: str, to: str, of: str = "su7") -> Answer:
        """Return the latest answer to a command, as it was on the wire."""
        frame = next(self._published(reply_topic(HOME, of, to, order_id)))
        opened = unseal(CloudEvent.from_json(frame.payload).data, "reply", Keyring([identity(of)]))
        return Outcome.read(opened.payload).answer

    def _published(self, topic: str) -> Iterator[Frame]:
        for round_ in reversed(self.rounds):
            for operation in reversed(round_.operations):
                if isinstance(operation, Publish) and operation.frame.topic == topic:
                    yield operation.frame

    def signed(
        self,
        sender: str,
        action: str,
        args: Mapping[str, Any] | None = None,
        *,
        to: str = "su7",
        order_id: str | None = None,
        signer: Identity | None = None,
        **but: Any,
    ) -> Frame:
        """Return an order that somebody who has a device's signing key has made up."""
        self._forged += 1
        usual: dict[str, Any] = {
            "id": order_id or f"forged-{self._forged}",
            "sender": sender,
            "to": to,
            "name": action,
            "args": dict(args or {}),
            "by": None,
            "worn": None,
            "issued_ms": self.now_ms,
            "expires_ms": self.now_ms + 30_000,
            "voice": None,
        }
        order = Order(**{**usual, **but})
        return framed(
            sender, to, action, order.id, seal(signer or identity(sender), "command", order.to_bytes())
        )

    def wallet(self, device: str) -> Wallet:
        """Return the car keys in a phone or watch, for whoever has broken into it."""
        found = self.node(device).device
        assert isinstance(found, Phone | Watch)
        return found.wallet

    def holder(self, device: str) -> KeyHolder:
        """Return the digital key in a phone or watch."""
        found = self.wallet(device).holder
        assert found is not None
        return found

    def challenged(self, device: str, holder: KeyHolder) -> tuple[KeyHolder, Any]:
        """Ask the car for a challenge with a device's own key, account and signature; return it."""
        holder, hello = holder.hello("su7")
        frame = self.signed(device, "key_hello", {"hello": hello})
        self.say(device, frame)
        answer = self.reply(f"forged-{self._forged}", device)
        return holder, answer.data.get("challenge")

    # --- looking ------------------------------------------------------------------------------------

    def refusals(self) -> list[Refusal]:
        """Return every audit record about something that was not allowed, in order."""
        return [refusal for record in self.trace.records if (refusal := _refusal(record)) is not None]

    def moved(self, *, when: bool) -> list[tuple[Any, ...]]:
        """Return what every actuator did, in order, and when if that is wanted.

        The currents that a car switches by itself are left out: it may restart at another time. What they
        cost is in `starts` and `drawn_j`.
        """
        return [
            (record["device"], dump_json(record["changes"]), record["t"] if when else None)
            for record in self.records("change")
            if not record["changes"].keys() <= QUIET
        ]

    def starts(self) -> int:
        """Return how often the car's electronics were switched on: as it woke, or booted."""
        awake_w = self._car().standby_w[1]
        return sum(
            record["changes"].get("electronics_w") == awake_w
            for record in self.records("change", device="su7")
        )

    def drawn_j(self) -> float:
        """Return how much energy has left the car's battery since the beginning, J."""
        return self._charged_j - self._battery_j()

    def awake_j(self, for_ms: int) -> float:
        """Return what the car's electronics draw in such a time awake, J."""
        return self._car().standby_w[1] * for_ms / 1000

    def _car(self) -> Car:
        found = self.node("su7").device
        assert isinstance(found, Car)
        return found

    def _battery_j(self) -> float:
        config: Any = self.household.devices["su7"].config
        percent = self.truth.fact("su7", "battery_percent", self.now_ms)
        return float(percent / 100 * config.energy.pack.capacity_kwh * J_PER_KWH)

    def allowed(self, action: str) -> int:
        """Return how often the car was told that something may be done."""
        return sum(
            record["decision"]["allowed"] for record in self.records("decision", device="su7", action=action)
        )


Story: TypeAlias = Callable[[House], None]


def refused(
    story: Story,
    *expected: Refusal,
    given: Given = BEFORE_THE_CAR,
    late: bool = False,
    restarts: int = 0,
    household: str = HOUSEHOLD,
) -> House:
    """Assert that the attacks of a story come to exactly these refusals, move nothing, and drain no battery.

    Args:
        story: what happens; the attacks in it go through `House.attack`.
        expected: one record for each attack, in order.
        given: the world at the start.
        late: whether what the household itself does may come later than without the attack.
        restarts: how often the attacker has cut the car's power with his own hands: it boots awake.
        household: YAML of the household that is attacked.

    Returns:
        The household after it, when its car has come to rest.
    """
    quiet = House(given, attacked=False, household=household)
    house = House(given, household=household)
    story(quiet)
    story(house)

    assert house.attacks > quiet.attacks == 0
    moved, usual = house.moved(when=not late), quiet.moved(when=not late)
    assert moved == usual, f"what moved is not what moves without the attack:\n{moved}\n{usual}"
    found = beyond(house.refusals(), quiet.refusals())
    assert found == list(expected), f"the attack comes to\n{found}\nand not to\n{list(expected)}"
    _undrained(house, quiet, late=late, restarts=restarts)
    return house


def _undrained(house: House, quiet: House, *, late: bool, restarts: int) -> None:
    """Assert that an attack neither wakes the car nor keeps it awake; play on until it sleeps.

    An attack that takes its time has the battery looked at later; that time alone is allowed for.
    """
    longer_ms = house.now_ms - quiet.now_ms
    for one in (house, quiet):
        one.advance(REST_MS)
    starts, usual = house.starts(), quiet.starts()
    assert starts - restarts == usual, f"the attack wakes the car: {starts} starts instead of {usual}"
    spare_ms = longer_ms + restarts * SLEEP_AFTER_MS + (LATE_MS if late else 0) + 1
    spare_j = house.awake_j(spare_ms)
    more_j = house.drawn_j() - quiet.drawn_j()
    assert more_j <= spare_j, f"the attack drains the car: {more_j:.0f} J more, {spare_j:.0f} J at most"


def beyond(more: Iterable[Refusal], fewer: Iterable[Refusal]) -> list[Refusal]:
    """Return what the first has more than the second, in its order."""
    known = Counter(fewer)
    added = []
    for one in more:
        if known[one]:
            known[one] -= 1
        else:
            added.append(one)
    return added


def _refusal(record: Record) -> Refusal | None:
    if record["kind"] == "refused":
        return by_the_broker(record["device"], record["topic"])
    if record["kind"] == "warning":
        return Refusal("", record["text"], "warning", None, None, record["device"])
    if record["kind"] != "decision" or record["decision"]["allowed"]:
        return None
    decision = record["decision"]
    rule = decision["rules"][0] if decision["rules"] else None
    asked = (record["sender"], record["action"])
    return Refusal(*asked, decision["layer"], decision["code"], rule, record["device"])


def decided(action: str) -> Callable[[Record], bool]:
    """Return what recognises the car's permission for an action."""
    return lambda record: (
        record["kind"] == "decision" and record["action"] == action and record["decision"]["allowed"]
    )


def asking(device: str, action: str) -> AskDevice:
    """Return the general button of phones and dashboards, pressed for any action."""
    return AskDevice.model_validate({"device": device, "action": action})


def requesting(action: str) -> RequestAction:
    """Return the button that asks the car for anything by its name."""
    return RequestAction.model_validate({"car": "su7", "action": action})


def identity(device: str) -> Identity:
    """Return the key with which a device signs its messages."""
    return Identity.for_scenario(SEED, HOME, device)


def key(device: str) -> Identity:
    """Return a device's digital key."""
    return digital_key(device, seed_for_scenario(SEED, HOME, device))


def outsider(house: House, device: str = "tv") -> KeyHolder:
    """Return a digital key that the car does not know, in a device of the household."""
    public = house.holder("phone").cars["su7"].public_key
    return KeyHolder.new(device, key(device), Nonces(b"of an outsider", 1)).paired_with(
        "su7", public, "friend"
    )


def framed(sender: str, to: str, action: str, order_id: str, envelope: Mapping[str, Any]) -> Frame:
    """Return an envelope as its sender would put it on the link."""
    event = CloudEvent(order_id, f"carhome/{HOME}/{sender}", "carhome.command", START_MS, dict(envelope))
    return Frame(command_topic(HOME, to, sender, action), event.to_json())


def opened(frame: Frame) -> tuple[CloudEvent, Order]:
    """Return what everybody can read in a captured command."""
    event = CloudEvent.from_json(frame.payload)
    topic = parse_topic(frame.topic)
    assert topic is not None
    found = unseal(event.data, "command", Keyring([identity(topic.words[0])]))
    return event, Order.read(found.payload)


def on_topic_of(sender: str, frame: Frame) -> Frame:
    """Return the same bytes on another sender's topic."""
    topic = parse_topic(frame.topic)
    assert topic is not None
    return Frame(command_topic(HOME, topic.device, sender, topic.words[1]), frame.payload, frame.retain)


def signed_in(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an envelope's signature is about, as everybody can read it."""
    text = str(envelope["p"])
    return load_json_object(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def retouched(envelope: Mapping[str, Any], field: str, value: Any) -> dict[str, Any]:
    """Return an envelope with one signed field changed, or added, under its old signature."""
    changed = dump_json({**signed_in(envelope), field: value})
    return {**envelope, "p": base64.urlsafe_b64encode(changed).rstrip(b"=").decode()}
