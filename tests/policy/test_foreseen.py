"""Words that rules weigh before a device brings them: read from a file, merged with what devices declare."""

from dataclasses import dataclass

import pytest

from sim.core.device import Circumstances, Command
from sim.core.errors import PolicyError
from sim.policy.foreseen import read_foreseen
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from tests.policy.small_home import KINDS, Inert, shipped_rules

PAY = "kinds:\n  pay:\n    pay: {groups: [Payment], facts: {amount_minor: Long, approved?: Boolean}}\n"
GROUP = "{groups: [Payment]}"


class Pay(Command, group="Payment"):
    """Pay."""


@dataclass(frozen=True, slots=True)
class PayCircumstances(Circumstances):
    """What the device that pays tells."""

    amount_minor: int = 0
    approved: bool | None = None


@dataclass(frozen=True)
class Till(Inert):
    """A device that pays, as it was foreseen."""

    kind = "pay"
    commands = (Pay,)
    Circumstances = PayCircumstances


def merged(text: str, *kinds: type[Inert]) -> Vocabulary:
    """Return the small home's vocabulary with foreseen words, and with more kinds."""
    return Vocabulary.of((*KINDS, *kinds), read_foreseen("words.yaml", text))


def test_foreseen_kind_is_a_type_that_can_be_asked() -> None:
    """Rules can name a kind that no device is of, its command, its group and its facts."""
    schema = merged(PAY).to_json()[""]

    assert "Pay" in schema["entityTypes"]
    assert schema["actions"]["pay"]["appliesTo"]["resourceTypes"] == ["Pay"]
    assert [group["id"] for group in schema["actions"]["pay"]["memberOf"]] == ["Payment", "ParkedOnly"]
    attributes = schema["actions"]["pay"]["appliesTo"]["context"]["attributes"]
    assert attributes["amount_minor"] == {"type": "Long", "required": True}
    assert attributes["approved"] == {"type": "Boolean", "required": False}


def test_foreseen_command_is_no_command_of_a_device() -> None:
    """Nobody can be asked for what is only foreseen; whoever tries hears that there is no such command."""
    vocabulary = merged("kinds: {car: {wash: {groups: [Wash]}}}")

    assert vocabulary.facts("car", "wash") is None
    assert vocabulary.actions["wash"].kinds == ()
    assert "distance_cm" in vocabulary.actions["wash"].facts


def test_tier_and_nearness_are_groups() -> None:
    """A foreseen command is parked, anytime or never, and near, as a device's command is."""
    text = "kinds: {car: {a: {groups: [X], tier: anytime, near: true}, b: {groups: [X], tier: never}}}"

    actions = merged(text).actions

    assert actions["a"].groups == ("X", "NearAccess")
    assert actions["b"].groups == ("X", "Never")
    assert actions["b"].facts == {}


def test_rules_may_use_foreseen_words() -> None:
    """A rule over a foreseen command is checked against its facts."""
    rule = (
        '@id("pays") @reason("r") permit (principal, action == Action::"pay", resource is Pay) when {{ {} }};'
    )

    RuleBook.read([("a.cedar", rule.format("context.amount_minor > 0"))], merged(PAY))
    with pytest.raises(PolicyError, match=r"amount.*not found"):
        RuleBook.read([("a.cedar", rule.format("context.amount > 0"))], merged(PAY))


def test_device_that_comes_is_as_it_was_foreseen() -> None:
    """A kind that has the command by now and tells the facts takes the place of what was foreseen."""
    action = merged(PAY, Till).actions["pay"]

    assert (action.kinds, action.foreseen) == (("pay",), ())
    assert set(action.facts) == {"amount_minor", "approved"}


def test_two_kinds_may_be_foreseen_to_have_a_command() -> None:
    """The facts of both are there; what only one of them tells is optional."""
    text = (
        "kinds: {a: {go: {groups: [G], facts: {x: Long, y: Long}}}, b: {go: {groups: [G], facts: {x: Long}}}}"
    )

    action = merged(text).actions["go"]

    assert action.foreseen == ("a", "b")
    assert (action.facts["x"]["required"], action.facts["y"]["required"]) == (True, False)


BROKEN = [
    ("kinds: {}", "1:8", "at least 1"),
    ("kind: {}", "1:1", "unknown key `kind`"),
    (f"kinds: {{Pay: {{pay: {GROUP}}}}}", "1:9", "Pay"),
    (f"kinds: {{pay: {{Pay: {GROUP}}}}}", "1:15", "Pay"),
    ("kinds: {pay: {pay: {groups: []}}}", "1:29", "at least 1"),
    ("kinds: {pay: {pay: {groups: [payment]}}}", "1:30", "payment"),
    ("kinds: {pay: {pay: {tier: parked}}}", "1:15", "key `groups` is missing"),
    ("kinds: {pay: {pay: {groups: [G], tier: sometimes}}}", "1:40", "one of `parked`, `anytime`, `never`"),
    (
        "kinds: {pay: {pay: {groups: [G], facts: {amount: Float}}}}",
        "1:50",
        "one of `Boolean`, `Long`, `String`",
    ),
    ("kinds: {pay: {pay: {groups: [G], facts: {Amount: Long}}}}", "1:42", "Amount"),
    ("kinds: {pay: {pay: {groups: [G], facts: {a: Long, a?: Long}}}}", "1:51", "fact `a` is there already"),
    ("kinds: {pay: {pay: {groups: [G], facts: {moving: Boolean}}}}", "1:15", "every request uses already"),
    ("kinds: {car: {wash: {groups: [G], facts: {distance_cm: String}}}}", "1:15", "as Long, not as String"),
    (f"kinds: {{device: {{go: {GROUP}}}}}", "1:18", "cannot be a type of the rules"),
    ("kinds: {car: {lock: {groups: [G], tier: anytime}}}", "1:15", "command `lock` is in `Secure`"),
    (
        "kinds: {a: {go: {groups: [G], facts: {x: Long}}}, b: {go: {groups: [G], facts: {x: String}}}}",
        "1:55",
        "has another type in kind `b`",
    ),
]


@pytest.mark.parametrize(("text", "place", "sentence"), BROKEN)
def test_broken_vocabulary_is_refused_with_its_place(text: str, place: str, sentence: str) -> None:
    """Whatever cannot be is said in one sentence, where it stands."""
    with pytest.raises(PolicyError) as refused:
        merged(text)

    assert str(refused.value.place) == f"words.yaml:{place}"
    assert sentence in refused.value.sentence


def test_device_that_breaks_its_word_is_refused() -> None:
    """A kind that comes to have a foreseen command must tell what rules weigh, and be in the same groups."""
    silent = PAY.replace("approved?", "cap_minor")
    with pytest.raises(PolicyError, match="does not tell `cap_minor`"):
        merged(silent, Till)
    with pytest.raises(PolicyError, match="command `pay` is in `Payment`"):
        merged(PAY.replace("Payment", "Shopping"), Till)


def test_nothing_is_foreseen_twice() -> None:
    """Two files that foresee the same command of the same kind contradict each other, even if alike."""
    one = read_foreseen("words.yaml", PAY)
    with pytest.raises(PolicyError, match="foreseen twice"):
        Vocabulary.of(KINDS, (*one, *one))


def test_added_rules_stand_beside_the_others() -> None:
    """A rule of the user's is marked as such, and left out of what is built in."""
    vocabulary = Vocabulary.of(KINDS)
    mine = ("mine.cedar", '@id("mine") @reason("r") permit (principal, action, resource is Car);')

    book = RuleBook.read(shipped_rules(), vocabulary, [mine])

    assert book.rules["mine"].added
    assert [rule.id for rule in book.rules.values() if rule.added] == ["mine"]
    assert "mine" not in book.built_in.rules
    assert set(book.built_in.rules) | {"mine"} == set(book.rules) == set(book.trees)


def test_added_rule_takes_no_id_of_another() -> None:
    """A rule of the user's cannot take the place of a built-in one."""
    mine = ("mine.cedar", '@id("no-remote-driving") @reason("r") permit (principal, action, resource);')

    with pytest.raises(PolicyError, match=r"is there already, at remote_motion\.cedar") as refused:
        RuleBook.read(shipped_rules(), Vocabulary.of(KINDS), [mine])

    assert str(refused.value.place) == "mine.cedar:1:1"
