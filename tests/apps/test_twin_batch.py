"""Several wishes in one command: some the cloud takes, others it does not believe yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sim.apps.twins.intents import Intent
from sim.apps.twins.messages import Outcome
from sim.core.device import Moment
from sim.services.cloud import Cloud
from tests.apps.twins import House


@dataclass(frozen=True)
class DoubtsOnce(Cloud):
    """A cloud that at first does not believe the stamp of a language."""

    doubts: int = 1

    def _with(self, at: Moment, intent: Intent, envelope: Mapping[str, Any]) -> tuple[Self, Outcome]:
        if intent.setting == "language" and self.doubts:
            return type(self)(**{**vars(self), "doubts": 0}), Outcome(became="ahead", why="ahead")
        return super()._with(at, intent, envelope)


def test_of_a_batch_only_what_was_not_taken_is_stamped_anew() -> None:
    """What the cloud took is settled at once: under another name it would be wished a second time."""
    house = House(("cloud", "phone", "tv"), cloud_kind=DoubtsOnce)
    house.settle()
    house.cut_off("phone")
    loud = house.wish("phone", "lin", device="tv", volume_percent=55.0)
    english = house.wish("phone", "lin", device="tv", language="en")
    house.heal("phone")

    house.settle()

    assert (house.answers[loud].status, house.answers[english].status) == ("done", "done")
    assert [command.intent for command in house.applied["tv"]] == ["phone-wish-1", "phone-wish-3"]
    assert len(house.twin("phone").drafts) == 0
