"""Decisions per second: through the decision point as a node asks it, and by the bare engine."""

import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import cedarpy

from sim.policy.cedar import CedarDecisionPoint
from sim.policy.decision import AccessRequest
from sim.shell.bench.material import Material
from sim.shell.bench.series import Measured

DECISIONS = "decisions/s"
THROUGH_POINT = "decisions as a node asks for them"
BARE_ENGINE = "bare cedarpy.is_authorized"


class Decisions:
    """Asks again what was asked in the stories.

    Args:
        material: the stories.
        count: how many decisions one repetition takes.
    """

    def __init__(self, material: Material, count: int) -> None:
        asked = [
            (story.point, request)
            for story, recording in zip(material.stories, material.recordings, strict=True)
            for request in recording.requests
        ]
        self.distinct = len(asked)
        self.denied = sum(not point.decide(request).allowed for point, request in asked)
        self._asked = list(islice(cycle(asked), count))
        self._calls = [_call(point, request) for point, request in self._asked]

    def measure(self) -> Iterator[Measured]:
        """Ask everything once in both ways."""
        began_s = time.perf_counter()
        for point, request in self._asked:
            point.decide(request)
        yield self._rate(THROUGH_POINT, began_s)
        began_s = time.perf_counter()
        for call in self._calls:
            cedarpy.is_authorized(*call)
        yield self._rate(BARE_ENGINE, began_s)

    def _rate(self, series: str, began_s: float) -> Measured:
        return Measured(series, DECISIONS, len(self._asked) / (time.perf_counter() - began_s))


def _call(point: CedarDecisionPoint, request: AccessRequest) -> tuple[Any, Any, Any, Any]:
    """Return what the engine is given for a request, complete: uids as dicts, parsed handles, schema."""
    question = point._question(request, point._targets[request.resource])  # noqa: SLF001  # the bare call has no other source
    return question, point._book.policies, point._entities, point._book.schema  # noqa: SLF001  # as above
