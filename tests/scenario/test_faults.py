"""Faults acted out: every form breaks what it says, and mends it when its time is over."""

import pytest

from sim.scenario.model import ClockSkew, Crash, Fault, LinkBreak, PartBreak, Partition
from sim.world.network.faults import LinkFault
from tests.scenario.stories import HEAD, STEPS, load, passes

NEAR = HEAD + "given: {lin: {from_su7: 1 m}}\nsteps:\n"
UNLOCK = "  - do: phone.unlock\n    with: {car: su7}\n    as: key\n"


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (
            "{link: phone, loss: 30 %, delay: 200 ms, duplicate: 5 %, reorder: 1 s, direction: in, for: 1 h}",
            LinkBreak("phone", LinkFault(30, 200, 5, 1_000, "in"), 3_600_000),
        ),
        ("{link: phone, loss: 100 %}", LinkBreak("phone", LinkFault(loss_percent=100), None)),
        ("{link: phone, partition: true, for: 1m}", Partition("phone", 60_000)),
        ("{crash: su7}", Crash("su7", None, None)),
        ("{crash: su7.body, for: 1s}", Crash("su7", "body", 1_000)),
        ("{crash: su7.cockpit}", Crash("dash", None, None)),  # the screens are a device of their own
        ("{crash: su7.gateway, for: 1s}", Crash("su7", None, 1_000)),
        ("{sensor: su7.speed}", PartBreak("sensor", "su7", "speed_kmh", None)),
        ("{sensor: su7.speed_kmh}", PartBreak("sensor", "su7", "speed_kmh", None)),
        ("{jam: su7.locked, for: 1s}", PartBreak("jam", "su7", "locked", 1_000)),
        ("{clock: phone, ahead: 5 min}", ClockSkew("phone", 300_000, None)),
        ("{clock: phone, behind: 5 min, for: 1s}", ClockSkew("phone", -300_000, 1_000)),
    ],
)
def test_fault_is_read_as_written(written: str, fault: object) -> None:
    """Every form of a fault, with its time or for good."""
    (step,) = load(STEPS + f"  - fault: {written}\n").cases[0].steps

    assert isinstance(step, Fault)
    assert step.fault == fault


def test_fault_loss_swallows_messages_until_it_ends() -> None:
    """A command that is lost is sent again, and arrives once the link is whole."""
    passes(
        NEAR
        + "  - fault: {link: phone, loss: 100 %, direction: out, for: 5s}\n"
        + UNLOCK
        + "  - advance: 5s\n"
        "  - never: {key: accepted, su7.asked: unlocked}\n  - expect: {key: done, su7.locked: false}\n"
        "    within: 10s\n"
    )


def test_fault_delay_makes_messages_late() -> None:
    """A link with a delay brings everything that much later: first the phone's hello, then its proof."""
    passes(
        NEAR + "  - fault: {link: phone, delay: 300 ms, direction: out}\n" + UNLOCK + "  - advance: 599ms\n"
        "  - expect: {su7.asked: unknown}\n  - advance: 1ms\n  - expect: {su7.asked: unlocked}\n"
    )


@pytest.mark.parametrize(("delay", "end"), [("1999 ms", "done"), ("2001 ms", "denied")])
def test_fault_delay_beyond_the_life_of_a_challenge_opens_nothing(delay: str, end: str) -> None:
    """A proof older than two seconds proves nothing; the phone tries again, and gives up in the end."""
    opened = "false" if end == "done" else "true"
    passes(
        NEAR + f"  - fault: {{link: phone, delay: {delay}, direction: out}}\n" + UNLOCK + "  - advance: 1m\n"
        f"  - expect: {{key: [{end}], su7.locked: {opened}}}\n"
    )


def test_fault_partition_between_challenge_and_proof_opens_nothing_late() -> None:
    """Held back on its way, the proof comes after its challenge has ended; a fresh one follows."""
    result = passes(
        NEAR + "  - fault: {link: phone, delay: 100 ms, direction: out}\n" + UNLOCK + "  - advance: 150ms\n"
        "  - fault: {link: phone, partition: true, for: 5s}\n  - advance: 5s\n"
        "  - expect: {key: done, su7.locked: false}\n    within: 5s\n"
    )

    refused = [(one["decision"]["code"], one["decision"]["layer"]) for one in result.denials]
    assert refused == [("EXPIRED", "key")]


def test_fault_duplicate_has_no_second_effect() -> None:
    """A command that comes twice is carried out once."""
    result = passes(
        NEAR + "  - fault: {link: phone, duplicate: 100 %}\n"
        "  - do: phone.ask\n    with: {device: camera, action: snapshot}\n    as: look\n"
        "  - expect: {look: done, camera.pictures: 1}\n  - advance: 10s\n  - expect: {camera.pictures: 1}\n"
    )

    assert [one["fault"] for one in result.records if one["kind"] == "fault"] == ["link"]


def test_fault_partition_makes_a_screen_forget() -> None:
    """A device that is cut off is given up by the broker, shown as unknown, and known again later."""
    passes(
        STEPS + "  - expect: {dash.shows.heater: known, dash.shows.heater.mode: 'off'}\n"
        "  - fault: {link: heater, partition: true, for: 10m}\n"
        "  - expect: {dash.shows.heater: unknown, dash.shows.heater.mode: unknown}\n    within: 2m\n"
        "  - expect: {dash.believes.heater.mode: 'off', dash.shows.heater.online: false}\n"
        "  - expect: {dash.shows.heater: known, heater.online: true}\n    within: 10m\n"
    )


def test_fault_crash_takes_a_device_down_and_back() -> None:
    """A device without power is offline at once, and starts anew afterwards."""
    passes(
        STEPS + "  - fault: {crash: su7, for: 10s}\n"
        "  - expect: {su7.online: false, phone.shows.su7.locked: unknown, phone.shows.su7.battery: 80 %}\n"
        "  - expect: {su7.online: true, phone.shows.su7.locked: true}\n    within: 10s\n"
    )


def test_fault_crash_stops_a_heater_that_then_goes_on_as_it_was_set() -> None:
    """Its compressor stands still without power; mode and target survive, its state before does not."""
    passes(
        HEAD + "given: {heater: {room: 12 °C, power: on, target: 25 °C}}\nsteps:\n"
        "  - do: phone.set_climate\n    with: {device: heater, target: 20 °C}\n"
        "  - expect: {heater.heat: '> 1000', heater.working: true}\n"
        "  - fault: {crash: heater, for: 10m}\n"
        "  - expect: {heater.heat: 0}\n"
        "  - never: {heater.room: '> 12 °C'}\n    for: 10m\n"
        "  - expect: {heater.mode: heat, heater.target: 20 °C, heater.heat: '> 1000'}\n    within: 1s\n"
    )


def test_fault_crash_forgets_no_withdrawn_consent() -> None:
    """Whose consent is withdrawn sees nothing after a power cut either."""
    view = "  - do: mei_phone.ask\n    with: {device: camera, action: snapshot}\n    as: NAME\n"
    passes(
        STEPS
        + view.replace("NAME", "before")
        + "  - do: phone.set_consent\n    with: {camera: camera, person: mei, granted: false}\n"
        "  - fault: {crash: camera, for: 1s}\n  - advance: 2s\n"
        + view.replace("NAME", "after")
        + "  - expect: {before: done, camera.withdrawn: [mei]}\n"
        "  - expect: {after: denied, rule: camera-consent}\n"
    )


def test_fault_crash_of_the_asker_ends_its_commands() -> None:
    """Nobody waits for an answer to somebody who is gone; what was proved is still carried out."""
    passes(
        HEAD
        + "given: {su7: {asleep: true, locked: false}, lin: {from_su7: 1 m}}\nsteps:\n"
        + UNLOCK.replace("unlock", "lock")
        + "  - fault: {crash: phone, for: 10s}\n"
        "  - expect: {key: failed, phone.online: false}\n"
        "  - expect: {su7.locked: true}\n    within: 10s\n  - never: {key: done}\n    for: 1m\n"
    )


def test_fault_crash_of_a_key_opens_nothing_while_the_car_wakes() -> None:
    """Its radio is silent at the instant of the act, so nobody knows whether it is still there."""
    passes(
        HEAD
        + "given: {su7: {asleep: true}, lin: {from_su7: 1 m}}\nsteps:\n"
        + UNLOCK
        + "  - fault: {crash: phone, for: 10s}\n"
        "  - expect: {key: failed, phone.online: false}\n"
        "  - never: {su7.locked: false}\n    for: 1m\n"
    )


def test_fault_crash_of_a_controller_answers_what_it_had_begun() -> None:
    """The sender is told at once, and the motor stops with its controller."""
    passes(
        NEAR + UNLOCK + "  - fault: {crash: su7.body}\n"
        "  - expect: {key: failed, su7.locked: true}\n  - never: {su7.locked: false}\n    for: 1m\n"
    )


def test_fault_crash_of_a_controller_leaves_the_rest() -> None:
    """Without its body controller the car answers, and says what it cannot do."""
    passes(
        NEAR
        + "  - fault: {crash: su7.body, for: 10s}\n"
        + UNLOCK
        + "  - expect: {key: failed, su7.online: true, "
        "su7.believes.locked: unknown, su7.locked: true}\n"
        "  - advance: 10s\n  - expect: {su7.believes.locked: true}\n"
    )


def test_fault_jam_keeps_what_is_real_apart_from_what_is_asked() -> None:
    """Asked, believed and real are three things: a jammed bolt stays, and the car knows it."""
    passes(
        NEAR
        + "  - fault: {jam: su7.locked, for: 1m}\n"
        + UNLOCK
        + "  - expect: {key: failed}\n    within: 5s\n"
        "  - expect: {su7.asked: unlocked, su7.believes.locked: true, su7.locked: true}\n"
        "  - advance: 1m\n"
        + UNLOCK.replace("key", "again")
        + "  - expect: {again: done, su7.locked: false}\n"
        "    within: 5s\n"
    )


def test_fault_sensor_makes_a_belief_unknown() -> None:
    """A blind switch says nothing, while the bolt still moves."""
    passes(
        NEAR + "  - fault: {sensor: su7.locked, for: 1m}\n"
        "  - expect: {su7.believes.locked: unknown, su7.locked: true}\n"
        + UNLOCK
        + "  - expect: {key: failed}\n    within: 5s\n  - expect: {su7.locked: false}\n"
        "  - expect: {su7.believes.locked: false}\n    within: 1m\n"
    )


def test_fault_sensor_of_the_speed_counts_as_moving() -> None:
    """A car that does not know whether it moves opens to nobody."""
    passes(
        NEAR
        + "  - fault: {sensor: su7.speed}\n"
        + UNLOCK
        + "  - expect: {key: denied, rule: parked-only, su7.moving: true}\n"
    )


def test_fault_clock_makes_commands_come_too_late() -> None:
    """A phone whose clock is behind sends commands that have expired on arrival."""
    passes(
        NEAR + "  - fault: {clock: phone, behind: 5 min, for: 1m}\n" + UNLOCK + "  - expect: {key: expired}\n"
        "  - advance: 1m\n" + UNLOCK.replace("key", "again") + "  - expect: {again: done}\n    within: 5s\n"
    )


def test_fault_clock_far_ahead_makes_commands_untrusted() -> None:
    """What would be good for hours by the car's own clock is nothing that a phone may sign."""
    passes(
        NEAR
        + "  - fault: {clock: phone, ahead: 2 h}\n"
        + UNLOCK
        + "  - expect: {key: denied, rule: fresh-command-only, code: TTL_TOO_LONG, layer: freshness}\n"
        "  - never: {su7.locked: false}\n    for: 1m\n"
    )


def test_fault_of_a_compressor_that_jams_ends_by_itself() -> None:
    """A unit whose compressor jams goes on living, and heats as soon as it can."""
    passes(
        HEAD + "given: {heater: {room: 12 °C}}\nsteps:\n  - fault: {jam: heater.heat, for: 10m}\n"
        "  - do: phone.set_climate\n    with: {device: heater, mode: heat, target: 25 °C}\n    as: heat\n"
        "  - expect: {heat: done, heater.heat: 0}\n  - advance: 10m\n  - expect: {heater.heat: '> 1000'}\n"
    )
