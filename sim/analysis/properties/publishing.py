"""What the broker lets a device publish, held against what the rules could ever allow it.

A device may publish commands to the devices that its kind asks. Where no rule could allow one of them,
whoever asks and whatever the moment, the broker grants more than is of use. Two things are granted on
purpose, so that they are refused aloud: what is never allowed is answered by the device with its rule and
its reason, and a stranger's device of the household file is let knock, to be refused by its signature.
A topic names who asks and who is asked, and no command: with what a device needs it is also granted what
only devices of another kind may ask, such as what a service tells a car. That is refused by the rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cedarpy import pst

from sim.analysis.sampling.enumeration import Reasoner
from sim.core.device import Device
from sim.core.household import Household
from sim.policy.rules import RuleBook
from sim.policy.schema import ASKERS
from sim.policy.source import policy_set
from sim.world.network.permissions import grants

Standing: TypeAlias = Literal["needed", "refused_aloud", "stranger", "for_others", "surplus", "unknown"]
"""Some rule could allow it; granted so that it is refused aloud; a stranger's; allowed to another kind of
device only, on a topic that is needed; of no use to anybody; or nobody can tell."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One command that the broker lets one device publish to another.

    Attributes:
        sender: the device that may publish.
        target: the device that is asked.
        action: the command; empty where the target has none at all.
        standing: whether that is of use.
    """

    sender: str
    target: str
    action: str
    standing: Standing


def command_grants(
    household: Household, kinds: Mapping[str, type[Device]], book: RuleBook, reasoner: Reasoner
) -> Iterator[Grant]:
    """Yield every command that the broker lets a device publish, in the order of the household's file.

    Args:
        household: whose permissions.
        kinds: every kind of device.
        book: the rules.
        reasoner: asked once for each command and pair of kinds whether the rules never allow it.
    """
    known: dict[tuple[str, str], dict[str, Standing]] = {}
    for sender, target in _command_lines(household, kinds):
        asking, asked = household.devices[sender], household.devices[target]
        actions = [command.action for command in kinds[asked.kind].commands]
        if not actions:
            yield Grant(sender, target, "", "surplus")
        pair = (asking.kind, asked.kind)
        if asking.enrolled and pair not in known:
            known[pair] = _standings(book, reasoner, *pair, actions)
        for action in actions:
            yield Grant(sender, target, action, known[pair][action] if asking.enrolled else "stranger")


def _command_lines(household: Household, kinds: Mapping[str, type[Device]]) -> Iterator[tuple[str, str]]:
    """Yield (sender, target) of everything in the broker's permissions that is about commands."""
    for sender, granted in grants(household, kinds).items():
        for topic in granted.write:
            _, _, target, channel, *_ = topic.split("/")
            if channel == "cmd":
                yield sender, target


def _standings(
    book: RuleBook, reasoner: Reasoner, sender: str, target: str, actions: Iterable[str]
) -> dict[str, Standing]:
    """Return the standing of every command that devices of one kind may publish to those of another.

    What is for others is surplus where the topic is of no use to the sender: then it need not be granted.
    """
    found = {action: _standing(book, reasoner, sender, target, action) for action in actions}
    if "needed" in found.values():
        return found
    return {action: "surplus" if one == "for_others" else one for action, one in found.items()}


def _standing(book: RuleBook, reasoner: Reasoner, sender: str, target: str, action: str) -> Standing:
    own = f'context has sender && context.sender.kind == "{sender}" && context.sender.enrolled'
    # Nothing else can match the area; to search only here takes half the time.
    among = [(asker, action, book.vocabulary.types[target]) for asker in ASKERS]
    finding = reasoner.never(book.trees, _area(book, target, action, own), among=among)
    if finding.outcome == "refuted":
        return "needed"
    if finding.outcome != "proved":
        return "unknown"
    if book.vocabulary.actions[action].never:
        return "refused_aloud"
    anybody = "context has sender && context.sender.enrolled"
    finding = reasoner.never(book.trees, _area(book, target, action, anybody), among=among)
    return "for_others" if finding.outcome == "refuted" else "surplus"


def _area(book: RuleBook, target: str, action: str, sender: str) -> Mapping[str, pst.Template]:
    """Return every request for a command to a device of a kind, under a condition on who sends it."""
    asked = f'permit (principal, action == Action::"{action}", resource is {book.vocabulary.types[target]})'
    text = f"{asked} when {{ {sender} }};"
    return policy_set({"asked": text}).to_pst().static_policies
