"""What the broker lets a device publish, held against what the rules could ever allow it.

A device may publish commands to the devices that its kind asks. Where no rule could allow one of them,
whoever asks and whatever the moment, the broker grants more than is of use. Two things are granted on
purpose, so that they are refused aloud: what is never allowed is answered by the device with its rule and
its reason, and a stranger's device of the household file is let knock, to be refused by its signature.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cedarpy import pst

from sim.analysis.sampling.enumeration import Reasoner
from sim.core.device import Device
from sim.core.household import Household
from sim.policy.rules import RuleBook
from sim.policy.source import policy_set
from sim.world.permissions import grants

Standing: TypeAlias = Literal["needed", "refused_aloud", "stranger", "surplus", "unknown"]
"""Some rule could allow it; granted so that it is refused aloud; a stranger's; of no use to anybody; or
nobody can tell."""


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
    known: dict[tuple[str, str, str], Standing] = {}
    for sender, target in _command_lines(household, kinds):
        asking, asked = household.devices[sender], household.devices[target]
        if not kinds[asked.kind].commands:
            yield Grant(sender, target, "", "surplus")
        for command in kinds[asked.kind].commands:
            key = (asking.kind, asked.kind, command.action)
            if asking.enrolled and key not in known:
                known[key] = _standing(book, reasoner, *key)
            yield Grant(sender, target, command.action, known[key] if asking.enrolled else "stranger")


def _command_lines(household: Household, kinds: Mapping[str, type[Device]]) -> Iterator[tuple[str, str]]:
    """Yield (sender, target) of everything in the broker's permissions that is about commands."""
    for sender, granted in grants(household, kinds).items():
        for topic in granted.write:
            _, _, target, channel, *_ = topic.split("/")
            if channel == "cmd":
                yield sender, target


def _standing(book: RuleBook, reasoner: Reasoner, sender: str, target: str, action: str) -> Standing:
    finding = reasoner.never(book.trees, _area(book, sender, target, action))
    if finding.outcome == "proved":
        return "refused_aloud" if book.vocabulary.actions[action].never else "surplus"
    return "needed" if finding.outcome == "refuted" else "unknown"


def _area(book: RuleBook, sender: str, target: str, action: str) -> Mapping[str, pst.Template]:
    """Return every request for a command by an enrolled device of one kind to one of another."""
    text = (
        f'permit (principal, action == Action::"{action}", resource is {book.vocabulary.types[target]})'
        f' when {{ context has sender && context.sender.kind == "{sender}" && context.sender.enrolled }};'
    )
    return policy_set({"asked": text}).to_pst().static_policies
