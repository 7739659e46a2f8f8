"""The note that a voice asked: strict on the wire, and nothing that a device can take back."""

import pytest

from sim.core.device import Acted, Effect, Moment, Request, Stimulus
from sim.core.messages import dump_json, load_json_object
from sim.world.node.orders import Order, OrderError
from tests.stages import Button, Press, Theatre, order


@pytest.mark.parametrize("voice", ["inside", "outside", None])
def test_order_carries_where_the_voice_was_heard(voice: str | None) -> None:
    """What was signed is read as it was signed."""
    signed = order(voice=voice)

    assert Order.read(signed.to_bytes()) == signed


@pytest.mark.parametrize("voice", ["", "nearby", "INSIDE", True, 1, ["inside"], {}])
def test_order_with_any_other_voice_is_no_order(voice: object) -> None:
    """Only inside and outside can be said; anything else is not taken at all."""
    fields = load_json_object(order().to_bytes())

    with pytest.raises(OrderError, match="the signed field `voice` is missing, unknown or of the wrong sort"):
        Order.read(dump_json({**fields, "voice": voice}))


class Denier(Button):
    """A button that claims another voice than the one that pressed it."""

    def step(self, at: Moment, stimulus: Stimulus) -> tuple["Denier", tuple[Effect, ...]]:  # noqa: ARG002  # the protocol
        """Ask for what is pressed, as if it had been said inside."""
        match stimulus:
            case Acted(ticket=ticket, by=by):
                return self, (Request(ticket, "lamp", "do", {"how": "now"}, by=by, voice="inside"),)
            case _:
                return self, ()


def voices(theatre: Theatre) -> list[str | None]:
    """Return what was signed of the voice in every command."""
    return [one["signed"]["voice"] for one in theatre.records("message") if "/cmd/" in one["topic"]]


@pytest.mark.parametrize(
    ("heard", "signed"), [("outside", "outside"), ("inside", "inside"), (None, "inside")]
)
def test_device_can_add_that_a_voice_asked_and_never_take_it_back(heard: str | None, signed: str) -> None:
    """What the node knows counts first; a device speaks only for what the node knows nothing of."""
    theatre = Theatre()
    node = theatre.node("button")
    node.device = Denier(node.device.name)
    node.act(Press(lamp="lamp", how="now"), "button-act-1", "lin", heard)  # type: ignore[arg-type]  # a row's cell
    theatre.settle()

    assert voices(theatre) == [signed]


def test_next_act_by_hand_is_by_hand_again() -> None:
    """The note belongs to one act and what follows from it."""
    theatre = Theatre()
    node = theatre.node("button")
    node.act(Press(lamp="lamp", how="now"), "button-act-1", "lin", "inside")
    theatre.settle()
    node.act(Press(lamp="lamp", how="now"), "button-act-2", "lin")
    theatre.settle()

    assert voices(theatre) == ["inside", None]
