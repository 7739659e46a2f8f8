"""The stage: rounds until nothing moves, then the clock.

A round takes what is due, lets the devices act, publishes all their messages in order, waits until
each has arrived everywhere it must, and lets the devices act on the arrivals in the order in which
they were published. When a round publishes nothing, the clock moves. Nothing in here waits for real:
the stage is a generator that yields rounds and gets their deliveries back, so that the same stage
plays in memory, over a broker and live.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any, TypeAlias

from sim.core.device import Act, Device, Voice
from sim.core.household import Household
from sim.core.messages import Frame
from sim.policy.decision import PolicyDecisionPoint
from sim.trust.identity import Identity, Keyring
from sim.world.network import Network
from sim.world.network.batches import Queued, batches
from sim.world.network.faults import CUT_OFF_AFTER_MS, LinkFault, LinkState, describe
from sim.world.network.link import Connect, Delivery, Leave, Pause, Publish, Round, Subscribe
from sim.world.network.payloads import record_operation
from sim.world.network.permissions import grants, subscriptions
from sim.world.node import Node
from sim.world.node.surroundings import Surroundings
from sim.world.provisioning import provisions
from sim.world.senses import TruthSenses
from sim.world.stage_port import StagePort
from sim.world.storages import StorageMaker, Storages
from sim.world.thresholds import Thresholds
from sim.world.timeline import Timeline
from sim.world.trace import Trace
from sim.world.truth import Truth
from sim.world.truth.assisting import replanned
from sim.world.truth.people import Course, PersonAct, on_the_way
from sim.world.truth.running_out import RunningOut
from sim.world.witness import Witness

Waiting: TypeAlias = Generator[Round | Pause, tuple[Delivery, ...], None]
"""What a driver runs: it is given rounds and pauses, and sends the deliveries back."""

ROUNDS_AT_ONCE_MAX = 1_000
"""Rounds in one instant before the run is stopped: devices that answer each other for ever."""


class RestlessError(Exception):
    """Raised when devices answer each other without end in one instant."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays, and by which rules.

    Attributes:
        household: people, homes and devices.
        kinds: kind name to class.
        policy: who decides.
        seed: of every chance in the run, and of the keys.
        permissions: whether the link enforces broker permissions.
        storages: what makes a storage that a kind declares; other kinds' storages make themselves.
    """

    household: Household
    kinds: Mapping[str, type[Device]]
    policy: PolicyDecisionPoint
    seed: int
    permissions: bool = True
    storages: Mapping[type[Any], StorageMaker] = field(default_factory=dict)


class Stage:
    """One run's whole mutable state; two stages in one process never meet.

    Args:
        cast: who plays.
        truth: the world as it is at the start.
        timeline: the clock.
        trace: where records go.
        given: device name to the state a scenario sets at the start.
    """

    def __init__(
        self,
        cast: Cast,
        truth: Truth,
        timeline: Timeline,
        trace: Trace,
        given: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.cast = cast
        self.truth = truth
        self.timeline = timeline
        self.trace = trace
        self.dice = Random(cast.seed)  # noqa: S311  # chance must repeat with the seed
        self.event_hooks: list[Callable[[bool], None]] = []
        """Called after every event, for what must always hold; with True when a device has only heard
        something: neither it nor the world has changed."""
        self.down: dict[str, int] = {}
        """Devices without power, each with how many crashes it has not been helped up from."""
        self._given = given
        self.network = Network(grants(cast.household, cast.kinds), enforced=cast.permissions)
        self._links = {name: LinkState() for name in cast.household.devices}
        self._skews_ms = dict.fromkeys(cast.household.devices, 0)
        self._operations: list[Queued] = []
        self._timers: dict[tuple[str, str], Callable[[], None]] = {}
        self._running_out = RunningOut(truth)
        self._thresholds = Thresholds(truth, timeline, lambda device, name: self.nodes[device].crossed(name))
        self.storages = Storages(timeline, lambda device, *told: self.nodes[device].persisted(*told))
        self._acts = 0
        identities = {
            name: Identity.for_scenario(cast.seed, cast.household.name, name)
            for name in cast.household.devices
        }
        self._identities = identities
        enrolled = [identities[name] for name, entry in cast.household.devices.items() if entry.enrolled]
        self._eavesdroppers = [
            name for name, entry in cast.household.devices.items() if cast.kinds[entry.kind].overhears
        ]
        self._provisions = provisions(cast.household, cast.kinds, cast.seed)
        self._witness = Witness(truth, trace, cast.household, cast.kinds, self._provisions)
        self._shared = Surroundings(cast.household, cast.kinds, Keyring(enrolled), cast.policy)
        self.nodes: dict[str, Node] = {}
        for name, entry in cast.household.devices.items():
            self.storages.install(entry, cast.kinds[entry.kind], cast.storages)
            self.nodes[name] = self._new_node(name)

    # --- the course of a run -------------------------------------------------------------------------

    def open(self) -> Waiting:
        """Connect every device, start it, and wait until all is quiet."""
        self.truth.touched.clear()  # Everybody looks around at the start anyway.
        for name in self.nodes:
            self._witness.look(name, self.timeline.now_ms)
        self._switch_supply()
        for name in self.nodes:
            if name not in self.down:
                self._come_online(name)
        yield from self.settle()

    def settle(self) -> Waiting:
        """Play rounds until nothing more happens in this instant.

        Raises:
            RestlessError: when it does not end.
        """
        for _ in range(ROUNDS_AT_ONCE_MAX):
            for action in self.timeline.take_due():
                action()
                self._event()
            self._notice_truth()
            operations, self._operations = self._operations, []
            for batch in batches(operations):
                yield from self._play(batch)
            if not (operations or self._unnoticed() or self.timeline.next_due_ms() == self.timeline.now_ms):
                return
        msg = f"more than {ROUNDS_AT_ONCE_MAX} rounds in one instant"
        raise RestlessError(msg)

    def _unnoticed(self) -> bool:
        return bool(self.truth.touched or self.truth.air.calls)

    def run_until(self, until_ms: int) -> Waiting:
        """Play everything due up to and including `until_ms`, and stop there."""
        while (due_ms := self.timeline.next_due_ms()) is not None and due_ms <= until_ms:
            yield from self.move_clock(due_ms)
            yield from self.settle()
        yield from self.move_clock(until_ms)

    def move_clock(self, now_ms: int) -> Waiting:
        """Move to an instant before which nothing is due."""
        if now_ms > self.timeline.now_ms:
            yield Pause(now_ms)
            self.timeline.advance(now_ms)

    def _play(self, batch: list[Queued]) -> Waiting:
        expected: list[Delivery] = []
        for operation, ticket in batch:
            deliveries = self.network.apply(operation)
            record_operation(self.trace, self.timeline.now_ms, operation, deliveries)
            expected += deliveries
            if self._eavesdroppers and isinstance(operation, Publish) and operation.allowed:
                self._overhear(operation)
            if isinstance(operation, Publish) and not operation.allowed:
                self.timeline.at(
                    self.timeline.now_ms,
                    partial(self._refuse, operation.device, ticket, operation.frame.topic),
                )
        if not isinstance(batch[0][0], Publish):
            self._event()  # Somebody came or went.
        arrivals = yield Round(tuple(operation for operation, _ in batch), tuple(expected))
        for delivery in arrivals:
            self._arrive(delivery.receiver, delivery.frame)

    def _overhear(self, operation: Publish) -> None:
        for name in self._eavesdroppers:
            if name not in (operation.device, *self.down):
                self.nodes[name].overheard(operation.device, operation.frame)

    def _event(self, *, heard_only: bool = False) -> None:
        for hook in self.event_hooks:
            hook(heard_only)

    # --- what people, nature and faults do -------------------------------------------------------------

    def use(self, device: str, act: Act, by: str | None, voice: Voice | None = None) -> str:
        """Let a person use a device, by hand or by voice; return the ticket that follows it."""
        self._acts += 1
        ticket = f"{device}-act-{self._acts}"
        if device in self.down:
            sentence = f"{device} is down"
            self._note(
                "command",
                None,
                command=ticket,
                device=device,
                status="failed",
                reason=sentence,
                denial=None,
            )
        else:
            self.nodes[device].act(act, ticket, by, voice)
        return ticket

    def perform(self, person: str, act: PersonAct) -> Course:
        """Let a person act on the world with hands and feet.

        Raises:
            ImpossibleActError: when the world does not allow it.
        """
        course = act.perform(self.truth, person, self.timeline.now_ms)
        self.follow(course)
        return course

    def follow(self, course: Course) -> None:
        """Let what follows from an act happen in its time, and what follows from that."""
        if course.ends_ms is None or course.then is None:
            return
        then = course.then

        def go_on() -> None:
            further = then(self.timeline.now_ms)
            if further is not None:
                self.follow(further)

        self.timeline.at(course.ends_ms, go_on)

    def break_link(self, device: str, fault: LinkFault, for_ms: int | None) -> None:
        """Add a rule to a device's link, for a time or for good."""
        rules = self._links[device].rules
        rules.append(fault)
        self._record_fault("link", device, **describe(fault))
        if for_ms is not None:
            self._mend_after(for_ms, "link", device, partial(rules.remove, fault))

    def partition(self, device: str, for_ms: int | None) -> None:
        """Cut a device off; the broker gives it up after one and a half keep-alives."""
        link = self._links[device]
        link.cuts += 1
        self._record_fault("partition", device)
        if link.cuts == 1:
            give_up_ms = self.timeline.now_ms + CUT_OFF_AFTER_MS
            link.give_up = self.timeline.at(give_up_ms, partial(self._cut_off, device))
        if for_ms is not None:
            self._mend_after(for_ms, "partition", device, partial(self._heal, device))

    def crash(self, device: str, controller: str | None, for_ms: int | None) -> None:
        """Take power from a device, or from one of its controllers, for a time or for good."""
        self._record_fault("crash", device, controller=controller)
        if controller is not None:
            self._power(device, controller, up=False)
            restart = partial(self._power, device, controller, up=True)
        else:
            self._go_down(device)
            restart = partial(self._restart, device)
        if for_ms is not None:
            self._mend_after(for_ms, "crash", device, restart)

    def break_part(self, what: str, device: str, field: str, for_ms: int | None) -> None:
        """Let a sensor go blind (`what` is `sensor`) or a moving part jam (`jam`)."""
        broken = self.truth.blind if what == "sensor" else self.truth.jammed
        part = (device, field)
        broken[part] = broken.get(part, 0) + 1
        self.truth.touch(device)
        self._record_fault(what, device, field=field)

        def mend() -> None:
            broken[part] -= 1
            if not broken[part]:
                del broken[part]
            self.truth.touch(device)

        if for_ms is not None:
            self._mend_after(for_ms, what, device, mend)

    def skew_clock(self, device: str, ahead_ms: int, for_ms: int | None) -> None:
        """Put a device's clock ahead of the truth, or behind it when negative."""
        self._skews_ms[device] = ahead_ms
        self._record_fault("clock", device, ahead_ms=ahead_ms)
        if for_ms is not None:
            self._mend_after(for_ms, "clock", device, partial(self._skews_ms.__setitem__, device, 0))

    # --- faults, inside ---------------------------------------------------------------------------------

    def _record_fault(self, what: str, device: str, **fields: Any) -> None:
        self._note("fault", None, fault=what, device=device, broken=True, **fields)

    def _mend_after(self, for_ms: int, what: str, device: str, mend: Callable[[], None]) -> None:
        def act() -> None:
            self._note("fault", None, fault=what, device=device, broken=False)
            mend()

        self.timeline.at(self.timeline.now_ms + for_ms, act)

    def _power(self, device: str, controller: str, *, up: bool) -> None:
        if device not in self.down:
            self.nodes[device].crashed(controller, up=up)

    def _give_up(self, device: str) -> None:
        if self._links[device].part():
            self._operations.append((Leave(device, graceful=False), None))

    def _cut_off(self, device: str) -> None:
        """Let broker and device give each other up: neither has heard of the other for too long."""
        self._give_up(device)
        if device not in self.down:
            self.nodes[device].cut_off()

    def _heal(self, device: str) -> None:
        link = self._links[device]
        link.cuts -= 1
        if link.cuts:
            return
        link.give_up()
        if not link.joined:
            if device not in self.down:
                self._connect(device)
                self.nodes[device].reconnected()
            return
        held_out, link.held_out = link.held_out, []
        held_in, link.held_in = link.held_in, []
        for frame, ticket in held_out:
            self._put_on_link(device, frame, ticket)
        for frame in held_in:
            self._receive(device, frame)

    def _go_down(self, device: str) -> None:
        self.down[device] = self.down.get(device, 0) + 1
        if self.down[device] > 1:
            return
        for key in [key for key in self._timers if key[0] == device]:
            self._timers.pop(key)()
        self._thresholds.forget(device)
        self.storages.lose_power(device)
        self._give_up(device)
        self.nodes[device].lost_power()
        self.truth.lose_power(device, self.timeline.now_ms)

    def _switch_supply(self) -> None:
        """Take power from what a plug has switched off, and give it back to what it has switched on."""
        for device, has_current in self.truth.rooms.switched():
            (self._restart if has_current else self._go_down)(device)

    def _restart(self, device: str) -> None:
        self.down[device] -= 1
        if self.down[device]:
            return
        del self.down[device]
        self._given = {**self._given, device: self.nodes[device].device.kept()}
        self.nodes[device] = self._new_node(device)
        self._come_online(device)

    # --- connections ------------------------------------------------------------------------------------

    def _new_node(self, device: str) -> Node:
        entry = self.cast.household.devices[device]
        kind = self.cast.kinds[entry.kind]
        before = self.nodes.get(device)
        provision = replace(
            self._provisions[device],
            boot=1 if before is None else before.boot + 1,
            now_ms=self.timeline.now_ms + self._skews_ms[device],
        )
        given = {**self._given.get(device, {}), **self.storages.found(device)}
        return Node(
            kind.new(device, entry.config, given).provisioned(provision),
            identity=self._identities[device],
            shared=self._shared,
            senses=TruthSenses(self.truth, self.timeline, device),
            port=StagePort(self, device),
            before=before,
        )

    def _come_online(self, device: str) -> None:
        self._connect(device)
        self.nodes[device].started()

    def _connect(self, device: str) -> None:
        if self._links[device].cuts:
            return  # It connects once the link is whole again.
        filters = subscriptions(self.cast.household, self.cast.kinds, device)
        self._links[device].joined = True
        self._operations.append((Connect(device, self.nodes[device].will()), None))
        if filters:
            self._operations.append((Subscribe(device, filters), None))

    # --- messages ---------------------------------------------------------------------------------------

    def _publish(self, device: str, frame: Frame, ticket: str | None) -> None:
        fate = self._links[device].fate(self.dice, "out")
        if fate.untouched:
            self._put_on_link(device, frame, ticket)
            return
        if not fate.delays_ms:
            self._note("lost", None, device=device, topic=frame.topic, direction="out")
        for delay_ms in fate.delays_ms:
            self.timeline.at(
                self.timeline.now_ms + delay_ms, partial(self._put_on_link, device, frame, ticket)
            )

    def _put_on_link(self, device: str, frame: Frame, ticket: str | None) -> None:
        link = self._links[device]
        if not link.joined:
            self._note("lost", None, device=device, topic=frame.topic, direction="out")
            return
        if link.cuts:
            link.held_out.append((frame, ticket))
            return
        allowed = self.network.may_write(device, frame.topic)
        self._operations.append((Publish(device, frame, allowed), ticket))

    def _refuse(self, device: str, ticket: str | None, topic: str) -> None:
        self._note("refused", ticket, device=device, topic=topic, reason_code=135)
        if device not in self.down:
            self.nodes[device].refused(ticket, topic)

    def _arrive(self, device: str, frame: Frame) -> None:
        fate = self._links[device].fate(self.dice, "in")
        if fate.untouched:
            self._receive(device, frame)
            return
        if not fate.delays_ms:
            self._note("lost", None, device=device, topic=frame.topic, direction="in")
        for delay_ms in fate.delays_ms:
            self.timeline.at(self.timeline.now_ms + delay_ms, partial(self._receive, device, frame))

    def _receive(self, device: str, frame: Frame) -> None:
        link = self._links[device]
        if link.cuts and link.joined:
            link.held_in.append(frame)
        elif link.joined:
            node = self.nodes[device]
            before = node.device
            self._witness.delivered(device, frame, self.timeline.now_ms)
            node.receive(frame)
            self._event(heard_only=node.device is before and not self.truth.touched)

    # --- truth and timers -------------------------------------------------------------------------------

    def _notice_truth(self) -> None:
        """Let devices look at what changed around them, and plan again when thresholds will be reached."""
        self._switch_supply()
        for car in replanned(self.truth, self.timeline.now_ms):
            self.follow(on_the_way(self.truth, car, self.timeline.now_ms))
        for course in self._running_out.watched(self.timeline.now_ms):
            self.follow(course)
        touched, self.truth.touched = list(dict.fromkeys(self.truth.touched)), []
        if touched:
            self._thresholds.plan_again()
        for device in touched:
            self._witness.look(device, self.timeline.now_ms)
            if device not in self.down:
                self.nodes[device].sensed()
                self._event()
        calls, self.truth.air.calls = self.truth.air.calls, []
        for call in (one for one in calls if one.key not in self.down):
            self.nodes[call.key].polled(call.car, call.action)
            self._event()

    def _note(self, kind: str, cause: str | None, **fields: Any) -> None:
        self.trace.add(self.timeline.now_ms, kind, cause, **fields)
