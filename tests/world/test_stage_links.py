"""Links of a stage: what they lose, double and delay, and partitions with an end."""

from sim.core.beliefs import UNKNOWN
from sim.world.network.faults import CUT_OFF_AFTER_MS, LinkFault
from tests.stages import Theatre, Touch, believed

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
