"""What is measured with: scenarios, and the rounds and decisions recorded from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sim.core.errors import UsageError
from sim.policy.cedar import CedarDecisionPoint
from sim.policy.decision import AccessRequest, Decision
from sim.scenario.model import Case, Scenario
from sim.scenario.run import CaseResult, Performance, perform
from sim.shell.files import Shelf, find_scenarios
from sim.shell.playing import play_in_memory
from sim.world.network.link import Delivery, LinkPlan, Pause, Publish, Round
from sim.world.network.permissions import grants
from sim.world.stage import Cast


class NotedRequests:
    """A decision point that notes what it is asked; another one answers."""

    def __init__(self, point: CedarDecisionPoint) -> None:
        self.requests: list[AccessRequest] = []
        self._point = point

    def decide(self, request: AccessRequest) -> Decision:
        """Note a request and pass it on."""
        self.requests.append(request)
        return self._point.decide(request)


@dataclass(frozen=True, slots=True)
class Recording:
    """One case as it was played in memory.

    Attributes:
        rounds: everything it asked of the link.
        requests: everything it asked of the rules.
        result: how it ended.
    """

    rounds: tuple[Round, ...]
    requests: tuple[AccessRequest, ...]
    result: CaseResult

    @property
    def messages(self) -> int:
        """How many messages were published."""
        return sum(isinstance(one, Publish) for round_ in self.rounds for one in round_.operations)


class Story:
    """One case that is played again and again.

    Args:
        shelf: where files come from.
        scenario: the file's scenario.
        case: which of its cases.
    """

    def __init__(self, shelf: Shelf, scenario: Scenario, case: Case) -> None:
        self.scenario = scenario
        self._shelf = shelf
        self._case = case

    @property
    def plan(self) -> LinkPlan:
        """What a broker must know of it."""
        household = self.scenario.household
        return LinkPlan(household.name, grants(household, self._shelf.kinds))

    @property
    def point(self) -> CedarDecisionPoint:
        """Who decides in it."""
        return self._shelf.policy(self.scenario.household)

    def performance(self, *, permissions: bool) -> Performance:
        """Return it, ready to be played."""
        return self._performance(self.point, permissions=permissions)

    def record(self, *, permissions: bool) -> Recording:
        """Play it once in memory and note everything."""
        noted = NotedRequests(self.point)
        rounds: list[Round] = []
        result = play_in_memory(_noting(self._performance(noted, permissions=permissions), rounds))
        return Recording(tuple(rounds), tuple(noted.requests), result)

    def _performance(self, point: CedarDecisionPoint | NotedRequests, *, permissions: bool) -> Performance:
        scenario = self.scenario
        cast = Cast(scenario.household, self._shelf.kinds, point, scenario.seed, permissions)
        return perform(scenario, self._case, cast)


def _noting(performance: Performance, rounds: list[Round]) -> Performance:
    """Play a performance through, and note its rounds in passing."""
    deliveries: tuple[Delivery, ...] = ()
    try:
        step: Round | Pause = next(performance)
        while True:
            if isinstance(step, Round):
                rounds.append(step)
            deliveries = yield step
            step = performance.send(deliveries)
    except StopIteration as end:
        result: CaseResult = end.value
        return result


class Material:
    """Every case that can be played on every broker.

    Args:
        paths: files and folders.

    Raises:
        UsageError: when there is none.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        shelf = Shelf()
        self.stories = tuple(_stories(shelf, paths))
        if not self.stories:
            sentence = "no scenario is left to measure with that needs no permissions of a broker"
            raise UsageError(sentence)

    @cached_property
    def recordings(self) -> tuple[Recording, ...]:
        """What each story does on a link that enforces permissions."""
        return tuple(story.record(permissions=True) for story in self.stories)

    @cached_property
    def messages(self) -> int:
        """How many messages all stories publish."""
        return sum(one.messages for one in self.recordings)

    @cached_property
    def longest(self) -> int:
        """Which story simulates the longest time, by its index."""
        times_ms = [one.result.simulated_ms for one in self.recordings]
        return times_ms.index(max(times_ms))


def _stories(shelf: Shelf, paths: Sequence[str]) -> Iterator[Story]:
    for path in find_scenarios(paths):
        scenario = shelf.scenario(path)
        if "permissions" not in scenario.needs:
            yield from (Story(shelf, scenario, case) for case in scenario.cases)
