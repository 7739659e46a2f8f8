"""Witnesses: the request that refutes a claim reads well, is the same every time, and is found again."""

import json

import pytest
import z3

from sim.analysis.symbolic import Environment, Prover
from sim.analysis.symbolic.facts import Store
from sim.analysis.symbolic.footprint import Footprint
from sim.analysis.symbolic.replay import with_blanket
from sim.analysis.symbolic.shapes import Shapes
from sim.analysis.symbolic.sorts import Sorts, path_to
from sim.analysis.symbolic.wishes import fulfilled
from sim.analysis.symbolic.witness import Witness
from sim.policy.engine import Verdict
from tests.analysis.symbolic.drafts import SCHEMA as DRAFTS
from tests.analysis.symbolic.small_rules import RULES, area, asked, named, prover


def test_witness_reads_well(home: Prover) -> None:
    """A witness has short names, words of the rules, small numbers and nothing that is not needed."""
    finding = home.never(
        RULES, area('principal, action == Action::"heat", resource', 'context.sender.kind like "smart*"')
    )

    assert finding.question is not None
    assert finding.question.to_json() == {
        "principal": {"type": "Person", "id": "person1"},
        "action": {"type": "Action", "id": "heat"},
        "resource": {"type": "AirConditioner", "id": "air_conditioner1"},
        "context": json.dumps(
            {
                "moving": False,
                "fresh": True,
                "sender": {"__entity": {"type": "Device", "id": "device1"}},
            }
        ),
    }
    entities = {entity["uid"]["id"]: entity for entity in finding.question.entities}
    assert entities["device1"]["attrs"] == {"kind": "smart", "enrolled": True}
    assert entities["person1"]["parents"] == [{"type": "Role", "id": "member"}]
    assert entities["owner"]["parents"] == [{"type": "Role", "id": "member"}]
    assert entities["air_conditioner1"]["attrs"] == {}


def test_witness_names_nobody_like_a_rule_does(home: Prover) -> None:
    """New names never are names that rules use for somebody else."""
    rules = named("""
    @id("not-her") permit (principal is Person, action == Action::"heat", resource)
    unless { principal == Person::"person1" };
    """)
    finding = home.never(rules, area("principal, action, resource"))

    assert finding.question is not None
    assert finding.question.principal.id == "person2"


def test_impossible_wishes_are_dropped(home: Prover) -> None:
    """Where only odd values will do, the witness has them, and is plain elsewhere."""
    rules = named("""
    @id("odd") permit (principal, action == Action::"heat", resource)
    when
    {
      context has distance_cm && context.distance_cm < -5 &&
      context has key_role && context.key_role like "\\u{7}*é" && context.key_role != "\\u{7}é"
    };
    """)
    finding = home.can_match(rules, "odd")

    assert finding.question is not None
    context = finding.question.context
    assert context["distance_cm"] < -5
    assert "\u0007" in context["key_role"]
    assert "é" in context["key_role"]
    assert "sender" not in context


def test_same_query_gives_the_same_witness() -> None:
    """What was asked before leaves no trace in a witness."""
    query = area("principal, action, resource", "!context.moving && context has sender")
    fresh, used = prover(), prover()
    for rule in RULES:
        used.can_err(RULES, rule)
        used.matters(RULES, rule)

    first = fresh.never(RULES, query).question

    assert first is not None
    assert used.never(RULES, query).question == first
    assert fresh.never(RULES, query).question == first


def test_hard_wishes_are_given_up(home: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """When wishing takes too long, any witness will do."""
    monkeypatch.setattr("sim.analysis.symbolic.wishes.EFFORT_MAX", 1)

    finding = home.never(RULES, area('principal is Stranger, action in Action::"NearAccess", resource'))

    assert asked(RULES, finding) == Verdict("permitted", ("shared-key",))


def test_witness_that_cannot_be_found_again_is_none(home: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found once but not for showing is no counterexample and no proof."""
    monkeypatch.setattr("sim.analysis.symbolic.search.fulfilled", lambda *_: None)

    assert home.can_match(RULES, "shared-key").outcome == "unknown"


def test_nothing_fulfils_what_cannot_be() -> None:
    """Without any model there is none that fulfils wishes."""
    solver = z3.SimpleSolver()
    solver.add(z3.BoolVal(val=False))

    assert fulfilled(solver, [z3.Bool("a"), z3.Bool("b")]) is None


def test_witness_is_short_enough_to_read(home: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that nobody could read is not shown."""
    monkeypatch.setattr("sim.analysis.symbolic.witness.ENTITIES_MAX", 1)

    finding = home.can_match(RULES, "household-key")

    assert finding.outcome == "unknown"
    assert finding.note == "the prover knows nothing of stores of more than 1 entities"


def test_half_characters_are_not_written(home: Prover, monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver may choose half a character, which no file can hold."""
    monkeypatch.setattr("sim.analysis.symbolic.witness.string_text", lambda _: "\ud800")

    assert home.can_match(RULES, "shared-key").note == "the prover knows nothing of halves of characters"


def test_elements_beyond_64_bits_become_numbers() -> None:
    """An element of a set that is equal to nothing a rule can say may be any number that is not used."""
    shapes = Shapes.read(DRAFTS)
    sorts, environment = Sorts(shapes), Environment("User", "view", "Doc")
    numbers = shapes.actions["view"].context.attributes["numbers"].shape
    path = path_to("context", "numbers")
    array = sorts.value(path, numbers, None)
    solver = z3.SimpleSolver()
    solver.add(
        array == z3.SetAdd(z3.SetAdd(z3.EmptySet(z3.IntSort()), 1 << 70), 3), sorts.present(path, None)
    )
    solver.check()

    question = Witness(sorts, solver.model(), Footprint(), Store(())).question(environment)

    assert sorted(question.context["numbers"]) == [3, 2**63 - 1]


def test_blanket_takes_a_free_name() -> None:
    """The rule that permits everything replaces none that happens to be called like it."""
    rules = {"blanket": RULES["heating"]}

    assert [*with_blanket(rules)] == ["blanket", "blanket-"]
