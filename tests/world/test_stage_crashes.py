"""Crashes on a stage: restarts without ghosts, and nothing carried out twice."""

from collections.abc import Mapping
from typing import Any

from sim.core.beliefs import UNKNOWN
from sim.world.network.faults import LinkFault
from tests.stages import HOME, KINDS, Lamp, Theatre, Touch, believed


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
