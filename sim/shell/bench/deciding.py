"""Decisions per second: through the decision point as a node asks it, and by the bare engine."""

import json
import time
from collections.abc import Iterator
from itertools import cycle, islice

import cedarpy

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
        self._questions = [_bare(point.question(request)) for point, request in self._asked]
        self._handles = [point.handles for point, _ in self._asked]

    def measure(self) -> Iterator[Measured]:
        """Ask everything once in both ways."""
        began_s = time.perf_counter()
        for point, request in self._asked:
            point.decide(request)
        yield self._rate(THROUGH_POINT, began_s)
        pairs = list(zip(self._questions, self._handles, strict=True))
        began_s = time.perf_counter()
        for question, (policies, entities, schema) in pairs:
            cedarpy.is_authorized(question, policies, entities, schema)
        yield self._rate(BARE_ENGINE, began_s)
