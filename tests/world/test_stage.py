"""The stage: rounds in order, faults with an end, restarts without ghosts, the same bytes every time."""

import json
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sim.core.beliefs import UNKNOWN
from sim.core.device import Act, Acted, Overheard, PublishRaw, WatchFor
from sim.core.messages import Frame
from sim.devices.car import Car
from sim.world.batches import batches as batched
from sim.world.faults import CUT_OFF_AFTER_MS, LinkFault
from sim.world.link import Connect, Delivery, Leave, Pause, Publish, Round, Subscribe
from sim.world.rates import REPORT_BURST
from sim.world.stage import RestlessError, Stage
from tests.stages import HOME, KINDS, SESSION, START_MS, Asker, Idle, Lamp, Press, Theatre, Touch

LAMPS = HOME.replace(
    "devices:",
    "devices:\n  zebra: {kind: lamp}\n  lamp2: {kind: lamp, home: home, room: hall}\n  panel: {kind: panel}",
)
LOST = LinkFault(loss_percent=100)


def busy(seed: int = 7) -> Theatre:
    """Return a stage on which much went wrong, by chance."""
    theatre = Theatre(LAMPS, seed=seed)
    fault = LinkFault(loss_percent=40, duplicate_percent=40, reorder_ms=900, delay_ms=10)
    for device in ("button", "lamp", "panel"):
        theatre.stage.break_link(device, fault, 20_000)
    for how in ("now", "later", "tell", "on", "warm"):
        theatre.press(how)
        theatre.use("panel", Press(lamp="lamp2", how=how), by="mei")
        theatre.advance(1_500)
    theatre.stage.crash("lamp", None, 5_000)
    theatre.stage.partition("panel", 100_000)
    theatre.advance(200_000)
    return theatre


# --- the same again -------------------------------------------------------------------------------


def test_same_seed_gives_the_same_trace_byte_for_byte() -> None:
    """Signatures, chances and ids repeat; two stages in one process never meet."""
    one, other = json.dumps(busy().trace.records), json.dumps(busy().trace.records)

    assert one == other


def test_other_seed_gives_another_trace() -> None:
    """Otherwise the test above would prove nothing."""
    assert busy(seed=7).trace.records != busy(seed=8).trace.records


# --- rounds ---------------------------------------------------------------------------------------


def test_round_holds_operations_of_one_sort_and_their_deliveries_in_order() -> None:
    """Deliveries are sorted by the operation that causes them, then by receiver."""
    theatre = Theatre(LAMPS)
    theatre.press("on")
    theatre.use("panel", Press(lamp="zebra", how="tell"))
    theatre.stage.crash("lamp", None, None)
    theatre.settle()

    for one in theatre.rounds:
        assert len({type(operation) for operation in one.operations}) == 1
        causes = [
            next(number for number, operation in enumerate(one.operations) if _causes(operation, delivery))
            for delivery in one.expected
        ]
        order = [(cause, delivery.receiver) for cause, delivery in zip(causes, one.expected, strict=True)]
        assert order == sorted(order)
    assert max(len(one.expected) for one in theatre.rounds) > 5


def _causes(operation: object, delivery: Delivery) -> bool:
    """Say whether an operation causes a delivery."""
    match operation:
        case Publish(frame=frame):
            return (frame.topic, frame.payload) == (delivery.frame.topic, delivery.frame.payload)
        case Subscribe(device=device):
            return device == delivery.receiver and delivery.frame.retain
        case _:
            return isinstance(operation, Leave) and operation.device in delivery.frame.topic


def test_opening_connects_subscribes_and_publishes_in_this_order() -> None:
    """Everybody is connected before anybody subscribes, and subscribed before anybody speaks."""
    theatre = Theatre()

    assert [type(one.operations[0]) for one in theatre.rounds] == [Connect, Subscribe, Publish]
    assert [operation.device for operation in theatre.rounds[0].operations] == ["lamp", "button", "mallory"]
    assert believed(theatre) is False


def test_device_without_subscriptions_only_connects() -> None:
    """There is nothing to subscribe to."""
    theatre = Theatre(
        "household: home\npeople: {}\ndevices: {tag: {kind: tag}}", kinds={"tag": type("Tag", (Lamp,), TAG)}
    )

    assert [type(one.operations[0]) for one in theatre.rounds] == [Connect, Publish]


TAG: dict[str, Any] = {"kind": "tag", "commands": (), "reads": ()}


def believed(theatre: Theatre, lamp: str = "lamp") -> Any:
    """Return what the button may show of a lamp."""
    return theatre.node("button").beliefs.shown(lamp, "on")


queued = st.builds(
    lambda device, make: (make(device), None),
    st.sampled_from(["a", "b"]),
    st.sampled_from(
        [
            lambda device: Connect(device, Frame("w", b"")),
            lambda device: Subscribe(device, ("x",)),
            lambda device: Publish(device, Frame("x", b"")),
            lambda device: Leave(device, graceful=False),
        ]
    ),
)


@given(st.lists(queued, max_size=12))
def test_batches_are_of_one_sort_and_keep_every_devices_order(operations: list[Any]) -> None:
    """Nothing is lost or doubled, and no device's operation overtakes an earlier one of its own."""
    batches = list(batched(list(operations)))

    played = [one for batch in batches for one in batch]
    assert all(len({type(one[0]) for one in batch}) == 1 for batch in batches)
    for device in ("a", "b"):
        own = [one for one in operations if one[0].device == device]
        assert [one for one in played if one[0].device == device] == own


def test_clock_pauses_before_it_moves() -> None:
    """A presenter's clock is told until when nothing happens; moving to now is no pause."""
    theatre = Theatre()
    theatre.press("remind")
    assert theatre.pauses == []

    theatre.advance(0)
    theatre.advance(10_000)

    assert theatre.pauses == [START_MS + 5_000, START_MS + 10_000]
    assert theatre.lamp().felt == ("timer reminder",)


def test_events_call_their_hooks() -> None:
    """What must always hold is looked at after every event."""
    theatre = Theatre()
    seen: list[int] = []
    theatre.stage.event_hooks.append(lambda _heard_only: seen.append(theatre.now_ms))

    theatre.press("later")
    theatre.advance(500)

    assert seen[0] == START_MS
    assert START_MS + 500 in seen


def test_events_that_only_tell_a_device_something_are_called_so() -> None:
    """A report that changes neither the reader nor the world is news to its screen only."""
    theatre = Theatre()
    seen: list[bool] = []
    theatre.stage.event_hooks.append(seen.append)

    theatre.press("on")
    assert False in seen
    seen.clear()
    theatre.stage.break_part("sensor", "lamp", "on", None)
    theatre.settle()

    # The lamp looks at its sensor, and the button hears what it says then.
    assert seen == [False, True]


# --- restlessness ---------------------------------------------------------------------------------


def test_devices_that_never_come_to_rest_are_stopped() -> None:
    """A timer of no time, started again and again, would stop the clock for ever."""
    with pytest.raises(RestlessError, match="more than 1000 rounds in one instant"):
        Theatre().press("restless")


class Echo(Lamp):
    """A lamp that is nervous, and calm again, whenever another one is."""

    kind = "echo"
    reads = ("echo",)

    def step(self, at: Any, stimulus: Any) -> Any:
        """Echo."""
        if type(stimulus).__name__ == "Learned":
            return replace(self, felt=() if self.felt else ("echo",)), ()
        return super().step(at, stimulus)


def test_devices_that_answer_each_other_for_ever_are_not_listened_to_any_more() -> None:
    """Two echoes never end by themselves; what a node takes of one sender does, and it says so."""
    theatre = Theatre(
        "household: home\npeople: {}\ndevices: {a: {kind: echo}, b: {kind: echo}}", kinds={"echo": Echo}
    )

    assert sorted(set(theatre.warnings())) == [
        "a says more than is listened to",
        "b says more than is listened to",
    ]
    assert len(theatre.published("/state/nerves")) <= 2 * (REPORT_BURST + 1)


class Stubborn(Lamp):
    """A lamp that tries to shine whenever it senses something."""

    kind = "stubborn"

    def step(self, at: Any, stimulus: Any) -> Any:
        """Try again."""
        if type(stimulus).__name__ == "Sensed":
            return self, self._effects("on", "none", 0)
        return super().step(at, stimulus)


def test_device_that_tries_a_jammed_part_again_and_again_comes_to_rest() -> None:
    """What does not move is nothing new to sense, nor a change to record."""
    theatre = Theatre(
        "household: home\npeople: {}\ndevices: {lamp: {kind: stubborn}}", kinds={"stubborn": Stubborn}
    )

    theatre.stage.break_part("jam", "lamp", "on", None)
    theatre.settle()

    assert theatre.records("change") == []


# --- links that lose ------------------------------------------------------------------------------


def test_fault_of_a_link_ends_when_it_should() -> None:
    """Both ends of it are on record."""
    theatre = Theatre()
    theatre.stage.break_link("button", LinkFault(loss_percent=100, direction="out"), 1_000)

    ticket = theatre.press()
    theatre.advance(2_000)

    assert theatre.status(ticket) == "done"
    assert [(record["t"], record["broken"]) for record in theatre.records("fault")] == [
        (0, True),
        (1_000, False),
    ]
    assert theatre.records("lost", device="button", direction="out")[0]["t"] == 0


def test_lost_arrival_is_recorded() -> None:
    """What a fault swallowed on the way in is said."""
    theatre = Theatre()
    theatre.stage.break_link("lamp", LinkFault(loss_percent=100, direction="in"), None)

    theatre.press()

    assert theatre.records("lost", device="lamp", direction="in")
    assert theatre.lamp().did == ()


def test_doubled_command_is_carried_out_once() -> None:
    """Every message of the button comes twice, and every answer to it."""
    theatre = Theatre()
    theatre.stage.break_link("button", LinkFault(duplicate_percent=100), None)

    theatre.press()

    assert theatre.lamp().did == ("now",)
    assert theatre.heard() == ("accepted", "done")


def test_delayed_message_comes_later() -> None:
    """Out and in are late on their own."""
    theatre = Theatre()
    theatre.stage.break_link("button", LinkFault(delay_ms=300), None)

    ticket = theatre.press()
    theatre.advance(299)
    assert theatre.lamp().did == ()
    theatre.advance(1)
    assert theatre.lamp().did == ("now",)
    assert theatre.status(ticket) == "sent"
    theatre.advance(300)

    assert theatre.status(ticket) == "done"


# --- partitions -----------------------------------------------------------------------------------


def test_short_partition_loses_nothing() -> None:
    """What was sent meanwhile comes when the link heals; nobody is called offline."""
    theatre = Theatre()
    theatre.stage.partition("lamp", 1_500)

    ticket = theatre.press("on")
    theatre.advance(1_499)
    assert theatre.status(ticket) == "sent"
    theatre.advance(1)

    assert theatre.status(ticket) == "done"
    assert believed(theatre) is True
    assert theatre.records("connection", device="lamp") == theatre.records("connection", device="lamp")[:1]
    assert len(theatre.published("/cmd/")) == 1


def test_partition_of_the_asker_holds_its_command_back() -> None:
    """TCP sends it once the link is whole."""
    theatre = Theatre()
    theatre.stage.partition("button", 1_000)

    ticket = theatre.press("on")
    assert theatre.published("/cmd/") == []
    theatre.advance(1_000)

    assert theatre.status(ticket) == "done"


def test_long_partition_ends_the_connection_and_healing_makes_a_new_one() -> None:
    """After one and a half keep-alives the will is sent; what was held is lost, the state comes anew."""
    theatre = Theatre()
    theatre.press("on")
    theatre.stage.partition("lamp", CUT_OFF_AFTER_MS + 10_000)
    theatre.advance(CUT_OFF_AFTER_MS - 1)
    assert believed(theatre) is True
    theatre.advance(1)
    assert believed(theatre) == UNKNOWN
    assert not theatre.stage.network.connected("lamp")

    theatre.advance(10_000)

    assert believed(theatre) is True
    assert [record["state"] for record in theatre.records("connection", device="lamp")] == [
        "connected",
        "lost",
        "connected",
    ]
    assert theatre.status(theatre.press()) == "done"


def test_partition_that_heals_in_the_instant_it_is_given_up_ends_connected() -> None:
    """Ninety seconds to the millisecond: the connection is lost, and made again."""
    theatre = Theatre()
    theatre.stage.partition("lamp", CUT_OFF_AFTER_MS)

    theatre.advance(CUT_OFF_AFTER_MS)

    assert theatre.stage.network.connected("lamp")
    assert theatre.status(theatre.press()) == "done"


def test_message_after_the_broker_gave_up_is_lost_and_never_comes_late() -> None:
    """A device without a connection cannot send, and what it would have sent is not kept for later."""
    theatre = Theatre()
    theatre.stage.partition("lamp", CUT_OFF_AFTER_MS + 10_000)
    theatre.advance(CUT_OFF_AFTER_MS)

    theatre.use("lamp", Touch(how="tell"))
    theatre.advance(60_000)

    assert theatre.published("/event/told") == []
    assert any(record["topic"].endswith("/event/told") for record in theatre.records("lost"))


def test_partitions_that_overlap_hold_until_the_last_one_ends() -> None:
    """The broker counts from the first."""
    theatre = Theatre()
    theatre.stage.partition("lamp", 10_000)
    theatre.advance(5_000)
    theatre.stage.partition("lamp", 10_000)

    ticket = theatre.press()
    theatre.advance(9_999)
    assert theatre.status(ticket) == "sent"
    theatre.advance(1)
    assert theatre.status(ticket) == "done"
    theatre.advance(CUT_OFF_AFTER_MS)

    assert theatre.stage.network.connected("lamp")


def test_message_delayed_into_a_partition_waits_for_its_end() -> None:
    """Being late does not help across a cut, in neither direction."""
    theatre = Theatre()
    theatre.stage.break_link("lamp", LinkFault(delay_ms=500), None)
    ticket = theatre.press()
    theatre.stage.partition("lamp", 5_000)

    theatre.advance(4_999)
    assert theatre.lamp().did == ()
    theatre.advance(2_000)

    assert theatre.status(ticket) == "done"
    assert theatre.lamp().did == ("now",)


def test_partition_for_good_stays() -> None:
    """Without an end it does not end."""
    theatre = Theatre()
    theatre.stage.partition("lamp", None)

    theatre.advance(3_600_000)

    assert not theatre.stage.network.connected("lamp")


# --- crashes --------------------------------------------------------------------------------------


def test_crash_sends_the_will_at_once_and_stops_everything() -> None:
    """No timer fires, nothing is sensed, nobody can use it."""
    theatre = Theatre()
    theatre.press("remind")

    theatre.stage.crash("lamp", None, None)
    theatre.settle()
    theatre.truth.touched.append("lamp")
    theatre.advance(10_000)

    assert believed(theatre) == UNKNOWN
    assert theatre.lamp().felt == ()
    assert theatre.reason(theatre.use("lamp", Touch())) == "lamp is down"


def test_restarted_device_has_a_higher_boot_number_and_forgot_its_state() -> None:
    """It begins as it left the factory, not as the scenario set it, and its reports are newer."""
    theatre = Theatre(given={"lamp": {"did": "something"}})
    assert theatre.lamp().did == ("something",)

    theatre.stage.crash("lamp", None, 1_000)
    theatre.advance(1_000)

    assert theatre.lamp().did == ()
    assert theatre.published("/state/light")[-1]["data"]["boot"] == 2
    assert believed(theatre) is False
    assert theatre.status(theatre.press()) == "done"


class Diary(Lamp):
    """A lamp that writes down what it did."""

    kind = "diary"

    def kept(self) -> Mapping[str, Any]:
        """Keep the last entry."""
        return {"did": self.did[-1]} if self.did else {}


def test_restarted_device_has_what_its_kind_keeps() -> None:
    """It is given that instead of what the scenario set, again and again."""
    household = HOME.replace("{kind: lamp,", "{kind: diary,")
    given_ = {"lamp": {"did": "something"}}
    theatre = Theatre(household, kinds={**KINDS, "diary": Diary}, given=given_)
    for written in ("something", "on"):
        if written == "on":
            theatre.use("lamp", Touch(how="on"))

        theatre.stage.crash("lamp", None, 1_000)
        theatre.advance(1_000)

        assert theatre.lamp().did == (written,)
    assert theatre.lamp().felt == ()
    assert given_ == {"lamp": {"did": "something"}}


def test_device_without_power_warms_no_room() -> None:
    """What a motor did ends with its power, and does not begin again by itself."""
    theatre = Theatre()
    theatre.press("warm")
    theatre.advance(600_000)
    warm_c = theatre.truth.rooms["home", "hall"].heat.temperature_at(theatre.now_ms)

    theatre.stage.crash("lamp", None, 1_000)
    theatre.advance(600_000)

    # 3 kW, and 100 W/K to 10 °C outside.
    assert warm_c > 20.0
    assert theatre.truth.rooms["home", "hall"].heat.temperature_at(theatre.now_ms) < warm_c


def test_command_repeated_across_a_restart_is_not_carried_out_again() -> None:
    """What a device was commanded is kept in flash: the repetition gets the answer that was lost."""
    theatre = Theatre()
    theatre.stage.break_link("button", LinkFault(loss_percent=100, direction="in"), 1_500)
    ticket = theatre.press("tell")
    theatre.stage.crash("lamp", None, 500)

    theatre.advance(2_000)

    assert theatre.status(ticket) == "done"
    assert len(theatre.published("/event/told")) == 1


def test_command_interrupted_by_a_restart_fails_and_may_have_succeeded() -> None:
    """Nobody knows how far it had come, so nothing is begun again."""
    theatre = Theatre()
    ticket = theatre.press("never")
    theatre.stage.crash("lamp", None, 1_000)

    theatre.advance(1_000)

    assert theatre.status(ticket) == "failed"
    assert theatre.reason(ticket) == "lamp was restarted meanwhile; it may have been carried out"


def test_command_sent_into_the_dark_is_carried_out_when_the_light_is_back() -> None:
    """A device that never saw it may still do it within its life, once."""
    theatre = Theatre()
    theatre.stage.crash("lamp", None, 5_000)
    theatre.settle()

    ticket = theatre.press()
    theatre.advance(6_000)

    assert theatre.status(ticket) == "done"
    assert theatre.lamp().did == ("now",)


def test_crashes_that_overlap_hold_until_the_last_one_ends() -> None:
    """And then there is one restart, not two."""
    theatre = Theatre()
    theatre.stage.crash("lamp", None, 10_000)
    theatre.advance(5_000)
    theatre.stage.crash("lamp", None, 10_000)

    theatre.advance(9_999)
    assert "lamp" in theatre.stage.down
    theatre.advance(1)

    assert "lamp" not in theatre.stage.down
    assert theatre.node("lamp").boot == 2


def test_crash_and_restart_in_one_instant_end_connected() -> None:
    """The old connection is gone before the new one is made."""
    theatre = Theatre()

    theatre.stage.crash("lamp", None, 0)
    theatre.settle()

    assert theatre.stage.network.connected("lamp")
    assert theatre.status(theatre.press()) == "done"


def test_restart_during_a_partition_connects_when_the_link_heals() -> None:
    """Power alone makes no connection."""
    theatre = Theatre()
    theatre.stage.partition("lamp", 20_000)
    theatre.stage.crash("lamp", None, 5_000)

    theatre.advance(10_000)
    assert not theatre.stage.network.connected("lamp")
    theatre.advance(10_000)

    assert theatre.stage.network.connected("lamp")
    assert theatre.status(theatre.press()) == "done"


def test_link_that_heals_while_the_device_is_down_makes_no_connection() -> None:
    """It comes with the restart."""
    theatre = Theatre()
    theatre.stage.partition("lamp", 5_000)
    theatre.stage.crash("lamp", None, 10_000)

    theatre.advance(9_999)
    assert not theatre.stage.network.connected("lamp")
    theatre.advance(1)

    assert theatre.status(theatre.press()) == "done"


def test_message_that_was_late_when_its_sender_crashed_is_lost() -> None:
    """Whoever is gone sends nothing."""
    theatre = Theatre()
    theatre.stage.break_link("button", LinkFault(delay_ms=1_000), None)
    theatre.press()
    theatre.stage.crash("button", None, None)

    theatre.advance(5_000)

    assert theatre.lamp().did == ()
    assert theatre.records("lost", device="button", direction="out")


def test_message_that_was_late_when_its_receiver_crashed_is_gone() -> None:
    """Nobody is there to take it."""
    theatre = Theatre()
    theatre.stage.break_link("lamp", LinkFault(delay_ms=1_000, direction="in"), None)
    theatre.press()
    theatre.stage.crash("lamp", None, None)

    theatre.advance(1_500)

    assert theatre.records("decision") == []


def test_refusal_that_comes_to_a_crashed_device_is_recorded_only() -> None:
    """The dead are told nothing."""
    theatre = Theatre()
    theatre.stage.crash("button", None, None)

    theatre.stage._refuse("button", "button-act-1", "x")

    assert theatre.records("refused")
    assert theatre.heard() == ()


def test_part_of_a_device_crashes_on_its_own() -> None:
    """The rest goes on, and power comes back to it."""
    theatre = Theatre()

    theatre.stage.crash("lamp", "bulb", 1_000)
    theatre.settle()
    assert theatre.status(theatre.press()) == "done"
    theatre.advance(1_000)

    assert theatre.lamp().felt == ("bulb down", "bulb up")


def test_power_that_comes_back_to_a_part_finds_the_device_as_it_is_now() -> None:
    """Neither a device that is down nor the ghost of one from before its restart is spoken to."""
    theatre = Theatre()
    theatre.stage.crash("lamp", "bulb", 2_000)
    theatre.stage.crash("lamp", None, 1_000)
    ghost = theatre.node("lamp")
    theatre.stage.crash("lamp", "bulb", 500)

    theatre.advance(2_000)

    assert theatre.lamp().felt == ("bulb up",)
    assert ghost is not theatre.node("lamp")
    assert isinstance(ghost.device, Lamp)
    assert ghost.device.felt == ("bulb down",)


# --- parts and clocks -----------------------------------------------------------------------------


def test_blind_sensor_says_nothing_until_it_is_mended() -> None:
    """The device looks when it goes blind and when it sees again; what is true stays so."""
    theatre = Theatre()
    theatre.press("on")
    theatre.stage.break_part("sensor", "lamp", "on", 1_000)
    theatre.settle()
    assert theatre.lamp().on is None
    assert theatre.truth.fact("lamp", "on", theatre.now_ms) is True

    theatre.advance(1_000)

    assert theatre.lamp().on is True


def test_broken_parts_that_overlap_hold_until_the_last_is_mended() -> None:
    """Two faults of one sensor are two."""
    theatre = Theatre()
    theatre.stage.break_part("sensor", "lamp", "on", 1_000)
    theatre.stage.break_part("sensor", "lamp", "on", 2_000)

    theatre.advance(1_999)
    assert theatre.lamp().on is None
    theatre.advance(1)

    assert theatre.lamp().on is False
    assert theatre.truth.blind == {}


def test_jammed_part_does_not_move() -> None:
    """A motor that runs moves nothing, and afterwards it does again."""
    theatre = Theatre()
    theatre.stage.break_part("jam", "lamp", "on", 1_000)
    theatre.press("on")
    assert theatre.lamp().on is False
    theatre.advance(1_000)

    theatre.press("soon")
    assert theatre.lamp().on is False
    theatre.advance(250)

    assert theatre.lamp().on is True
    assert theatre.records("change")[-1]["changes"] == {"on": True}


def test_skewed_clock_is_the_devices_own_and_is_set_right_again() -> None:
    """What it writes is by its own clock; the stage's does not move."""
    theatre = Theatre()
    theatre.stage.skew_clock("lamp", 10_000, 1_000)
    theatre.press("tell")
    theatre.advance(1_000)
    theatre.press("tell")
    theatre.stage.skew_clock("lamp", -1, None)

    theatre.press("tell")

    times = [json.loads(publish.frame.payload)["time"] for publish in told(theatre)]
    assert times == ["2026-01-12T07:30:10.000Z", "2026-01-12T07:30:01.000Z", "2026-01-12T07:30:00.999Z"]


def told(theatre: Theatre) -> list[Publish]:
    """Return the events that were published."""
    operations = [operation for one in theatre.rounds for operation in one.operations]
    return [
        operation
        for operation in operations
        if isinstance(operation, Publish) and "/event/" in operation.frame.topic
    ]


# --- thresholds -----------------------------------------------------------------------------------


def test_threshold_is_crossed_in_the_very_millisecond() -> None:
    """The hall warms by 3 kW and the device is told once, exactly then."""
    theatre = Theatre()
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=25.0))
    theatre.press("warm")
    heat = theatre.truth.rooms["home", "hall"].heat
    crossing_ms = heat.crossing_ms(25.0, rising=True)
    assert crossing_ms is not None

    theatre.advance(crossing_ms - theatre.now_ms - 1)
    before = theatre.lamp().felt
    theatre.advance(1)

    assert theatre.lamp().felt == (*before, "crossed edge")
    assert heat.temperature_at(theatre.now_ms) >= 25.0 > heat.temperature_at(theatre.now_ms - 1)


def test_threshold_is_planned_anew_when_the_room_changes() -> None:
    """Cooling instead of warming: the edge is never reached, or another one is."""
    theatre = Theatre()
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=25.0))
    theatre.press("warm")
    theatre.press("cool")
    theatre.advance(3_600_000)
    assert theatre.lamp().felt == ()

    theatre.node("lamp")._perform(WatchFor("edge", at_most_c=-19.0))
    theatre.advance(100 * 3_600_000)

    assert theatre.lamp().felt == ("crossed edge",)


def test_threshold_that_is_forgotten_is_not_crossed() -> None:
    """Stopping, a crash and a new one of the same name all forget it."""
    theatre = Theatre()
    theatre.press("warm")
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=25.0))
    theatre.press("unwatch")
    theatre.advance(3_600_000)
    assert theatre.lamp().felt == ()
    theatre.node("lamp")._perform(WatchFor("edge", at_least_c=38.0))
    theatre.stage.crash("lamp", None, None)

    theatre.advance(100 * 3_600_000)

    assert theatre.lamp().felt == ()


# --- timers ---------------------------------------------------------------------------------------


def test_timer_that_is_started_again_replaces_the_running_one() -> None:
    """No stale one fires."""
    theatre = Theatre()
    theatre.press("remind")

    theatre.advance(4_999)
    assert theatre.lamp().felt == ()
    theatre.advance(1)

    assert theatre.lamp().felt == ("timer reminder",)


def test_timer_that_is_cancelled_does_not_fire() -> None:
    """And cancelling what does not run does nothing."""
    theatre = Theatre()
    theatre.press("remind")

    theatre.press("forget")
    theatre.advance(10_000)

    assert theatre.lamp().felt == ()


# --- what passes through the air ------------------------------------------------------------------


def test_radio_answers_a_session_until_it_stops() -> None:
    """The device says when, and the world remembers whose radio it is."""
    theatre = Theatre(LAMPS)

    theatre.press("answer")
    assert theatre.truth.air.answering == {SESSION: "lamp"}
    theatre.press("answer", lamp="lamp2")
    assert theatre.truth.air.answering == {SESSION: "lamp2"}
    theatre.press("hush")
    assert theatre.truth.air.answering == {SESSION: "lamp2"}
    theatre.press("hush", lamp="lamp2")

    assert theatre.truth.air.answering == {}


def test_screen_shows_a_code_until_it_is_blank() -> None:
    """And whatever it shows is in no record of the run."""
    theatre = Theatre()

    theatre.press("show")
    assert theatre.truth.air.shown == {"lamp": "a secret"}
    theatre.press("blank")

    assert theatre.truth.air.shown == {}
    assert "a secret" not in json.dumps(theatre.trace.records)


def test_crash_silences_the_radio_and_darkens_the_screen() -> None:
    """A restart brings neither back."""
    theatre = Theatre()
    theatre.press("answer")
    theatre.press("show")

    theatre.stage.crash("lamp", None, 1_000)
    assert (theatre.truth.air.answering, theatre.truth.air.shown) == ({}, {})
    theatre.advance(1_000)

    assert (theatre.truth.air.answering, theatre.truth.air.shown) == ({}, {})


def test_report_of_what_was_measured_again_is_published_again() -> None:
    """Its age begins anew, although nothing changed."""
    theatre = Theatre()
    theatre.press("now")
    count = len(theatre.published("/state/light"))

    theatre.press("again")

    values = [record["data"]["values"] for record in theatre.published("/state/light")[count:]]
    assert values == [{"on": False, "did": ["now", "again"]}] * 2


# --- somebody in the line -------------------------------------------------------------------------


class Forward(Act):
    """Put bytes on somebody else's connection."""

    topic: str
    through: str


class Listener(Asker):
    """Somebody who sits in the line: hears what others send, and sends on their connections."""

    kind = "listener"
    trusted = False
    overhears = True
    acts = (Press, Forward)

    def step(self, at: Any, stimulus: Any) -> Any:
        """Note who sent what; forward."""
        match stimulus:
            case Overheard(device=device, topic=topic):
                return replace(self, heard=(*self.heard, f"{device} {topic}")), ()
            case Acted(act=Forward(topic=topic, through=through), ticket=ticket):
                return self, (PublishRaw(ticket, topic, b"forged", through=through),)
            case _:
                return super().step(at, stimulus)


LISTENERS = HOME.replace(
    "  mallory: {kind: stranger}", "  mallory: {kind: listener}\n  eve: {kind: listener}"
)


def line(**options: Any) -> Theatre:
    """Return a stage with two who listen in."""
    return Theatre(LISTENERS, kinds={**KINDS, "listener": Listener}, **options)


def overheard(theatre: Theatre, listener: str = "mallory") -> list[str]:
    """Return what somebody has heard that others sent."""
    device = theatre.node(listener).device
    assert isinstance(device, Listener)
    return list(device.heard)


COMMAND = "carhome/home/lamp/cmd/button/do"


def test_listener_overhears_what_others_send_and_not_itself() -> None:
    """Before it arrives, with who sent it; two listeners hear each other."""
    theatre = line()
    before = len(overheard(theatre))

    theatre.press("tell")
    theatre.use("mallory", Press(lamp="lamp"))

    new = overheard(theatre)[before:]
    assert new[0] == f"button {COMMAND}"
    assert "lamp carhome/home/lamp/event/told" in new
    assert not any(one.startswith("mallory ") for one in new)
    assert "mallory carhome/home/lamp/cmd/mallory/do" in overheard(theatre, "eve")


def test_listener_overhears_nothing_while_it_is_down() -> None:
    """And nothing later of what it missed."""
    theatre = line()
    theatre.stage.crash("mallory", None, 1_000)

    theatre.press("tell")
    assert not any("/cmd/" in one for one in overheard(theatre))
    theatre.advance(1_000)

    assert not any("/cmd/" in one for one in overheard(theatre))
    assert any("/cmd/" in one for one in overheard(theatre, "eve"))


def test_listener_overhears_nothing_that_the_broker_refused() -> None:
    """What was not allowed never passed by."""
    theatre = line()

    theatre.use("mallory", Forward(topic="carhome/home/lamp/online", through="mallory"))

    assert theatre.records("refused", device="mallory")
    assert not any(one.startswith("mallory carhome/home/lamp/online") for one in overheard(theatre, "eve"))


def test_message_on_anothers_connection_is_anothers_to_the_broker() -> None:
    """It travels with that account's permissions, and is refused by the signature instead."""
    theatre = line()

    theatre.use("mallory", Forward(topic=COMMAND, through="button"))

    (message,) = [record for record in theatre.published("/cmd/") if record["topic"] == COMMAND]
    assert message["device"] == "button"
    (record,) = theatre.records("decision")
    assert (record["sender"], record["decision"]["code"]) == ("button", "DECODING")
    assert theatre.lamp().did == ()


def test_message_on_anothers_connection_gains_no_permissions_of_its_own() -> None:
    """What the button may not write, nobody can write through it; only the button is told."""
    theatre = line()

    ticket = theatre.use("mallory", Forward(topic="carhome/home/lamp/online", through="button"))

    assert [record["device"] for record in theatre.records("refused")] == ["button"]
    assert theatre.status(ticket) == "started"
    assert theatre.heard() == ()


class Tap(Listener):
    """A device that subscribes to everything."""

    kind = "tap"
    overhears = False
    eavesdrops = True


def tapped(*, permissions: bool) -> Theatre:
    """Return a stage with a tap, beside a broker with or without permissions."""
    household = HOME.replace("kind: stranger", "kind: tap")
    return Theatre(household, kinds={**KINDS, "tap": Tap}, permissions=permissions)


def test_tap_is_given_what_it_may_read_only() -> None:
    """With permissions that is nothing but the answers to itself."""
    theatre = tapped(permissions=True)

    theatre.press("tell")
    theatre.use("mallory", Press(lamp="lamp"))

    assert overheard(theatre) == ["denied"]


def test_tap_reads_everything_of_a_broker_without_permissions() -> None:
    """Each message with who really sent it, and what answers its own commands as ever."""
    theatre = tapped(permissions=False)

    theatre.press("tell")
    theatre.use("mallory", Press(lamp="lamp"))

    heard = overheard(theatre)
    assert f"button {COMMAND}" in heard
    assert any(one.startswith("lamp carhome/home/lamp/reply/button/") for one in heard)
    assert "lamp carhome/home/lamp/event/told" in heard
    assert "mallory carhome/home/lamp/cmd/mallory/do" in heard
    assert "denied" in heard


# --- people ---------------------------------------------------------------------------------------


def test_act_that_nobody_follows_is_only_begun() -> None:
    """A button that does nothing says nothing."""
    theatre = Theatre()

    assert theatre.status(theatre.use("button", Idle())) == "started"


def test_arrival_follows_a_drive() -> None:
    """What an act leads to happens at its time."""
    theatre = Theatre(HOME.replace("devices:", "devices:\n  su7: {kind: car}"), kinds={**KINDS, "car": Car})
    theatre.truth.change("su7", {"locked": False}, START_MS)
    theatre.does("lin", "enters", car="su7")

    course = theatre.does("lin", "drives", car="su7", speed_kmh=36, to="home")
    theatre.advance(1)

    assert course.ends_ms == START_MS
    assert theatre.truth.physical("su7", theatre.now_ms).gear == "P"


def test_device_that_tries_to_drive_crashes_the_run() -> None:
    """It is a bug of the device, and nothing a user can mend (M34)."""
    with pytest.raises(AssertionError, match="tried to drive the car"):
        Theatre().press("drive")


# --- a stage that anything can happen to ----------------------------------------------------------


class Weathered(RuleBasedStateMachine):
    """Faults in any order never double an act, lose a command unseen, or leave a ghost connected."""

    @initialize(seed=st.integers(0, 9))
    def begin(self, seed: int) -> None:
        """Open a stage."""
        self.theatre = Theatre(seed=seed)
        self.tickets: list[str] = []

    @rule(how=st.sampled_from(["tell", "later", "on", "never"]))
    def press(self, how: str) -> None:
        """Ask the lamp."""
        self.tickets.append(self.theatre.press(how, expires_in_ms=10_000))

    @rule(
        device=st.sampled_from(["lamp", "button"]),
        loss=st.sampled_from([0, 50, 100]),
        twice=st.sampled_from([0, 100]),
        late_ms=st.sampled_from([0, 700]),
        for_ms=st.sampled_from([0, 1_000, 5_000]),
    )
    def disturb(self, device: str, loss: int, twice: int, late_ms: int, for_ms: int) -> None:
        """Break a link for a while."""
        fault = LinkFault(loss_percent=loss, duplicate_percent=twice, reorder_ms=late_ms)
        self.theatre.stage.break_link(device, fault, for_ms)
        self.theatre.settle()

    @rule(device=st.sampled_from(["lamp", "button"]), for_ms=st.sampled_from([0, 1_000, 90_000, 95_000]))
    def cut(self, device: str, for_ms: int) -> None:
        """Cut a link."""
        self.theatre.stage.partition(device, for_ms)
        self.theatre.settle()

    @rule(for_ms=st.sampled_from([0, 1_000, 90_000]))
    def crash(self, for_ms: int) -> None:
        """Crash the lamp."""
        self.theatre.stage.crash("lamp", None, for_ms)
        self.theatre.settle()

    @rule(by_ms=st.sampled_from([1, 999, 1_000, 45_000]))
    def advance(self, by_ms: int) -> None:
        """Let time pass."""
        self.theatre.advance(by_ms)

    @invariant()
    def acts_once(self) -> None:
        """No command is permitted twice, whatever was repeated."""
        permitted = [
            record["command"] for record in self.theatre.records("decision") if record["decision"]["allowed"]
        ]
        assert len(permitted) == len(set(permitted))

    def teardown(self) -> None:
        """After everything has ended, every command has, and everybody is connected and believed."""
        theatre = self.theatre
        theatre.advance(600_000)

        assert all(
            theatre.status(ticket) in {"done", "denied", "expired", "failed"} for ticket in self.tickets
        )
        assert [name for name in theatre.stage.nodes if not theatre.stage.network.connected(name)] == []
        assert theatre.stage.down == {}
        # A link that lost the lamp's `online` told nobody; the next connect over a whole one tells everybody.
        theatre.stage.crash("lamp", None, 1_000)
        theatre.advance(1_000)
        assert theatre.status(theatre.press("on")) == "done"
        assert believed(theatre) is True


TestWeathered = Weathered.TestCase


def test_stage_is_a_generator_of_rounds_and_pauses() -> None:
    """Whatever drives it, a broker or a presenter, sees nothing else."""
    theatre = Theatre(opened=False)
    stage: Stage = theatre.stage

    waiting: Generator[Round | Pause, tuple[Delivery, ...], None] = stage.open()

    assert isinstance(next(waiting), Round)
