"""Suites: what is read from a file, and what is refused at its place."""

from typing import Any

import pytest

from sim.analysis.question import Uid
from sim.analysis.suites.fixtures import base_entities, written
from sim.analysis.suites.reading import CASES_MAX, Case, Suite, read_suite
from sim.core.errors import PolicyError
from sim.policy.schema import Vocabulary
from sim.world.kinds import kinds
from tests.analysis.broken_suites import BROKEN, Broken
from tests.analysis.small_suite import GOOD, SCHEMA, suite

CRATE = "entities: {Box::crate: {weight: 1}}\n"
HEAD = f"suite: a\ncontexts: {{usual: {{fresh: true}}}}\n{CRATE}tests:\n"


def only(text: str) -> Case:
    """Return the only case of a suite."""
    (case,) = suite(text).cases
    return case


def entity(read: Suite, name: str) -> dict[str, object]:
    """Return attributes and parents of one entity of a suite's store."""
    found = next(one for one in read.entities if f"{one['uid']['type']}::{one['uid']['id']}" == name)
    above = [f"{one['type']}::{one['id']}" for one in found["parents"]]
    return {**found["attrs"], "in": above}


def load(context: str, name: str = "one") -> str:
    """Return a suite with one test about a box."""
    return (
        f"{HEAD}  - {{name: {name}, principal: lin, action: load, resource: 'Box::crate', "
        f"context: {context}, expect: allow}}\n"
    )


# --- what is read -----------------------------------------------------------------------------------


def test_matrix_has_every_combination_in_order() -> None:
    """A matrix is every principal with every action, a group standing for its members."""
    read = suite()

    assert read.title == "the small home"
    assert [(case.cell, case.expected) for case in read.cases] == [
        ("lin unlock", "allow"),
        ("lin start", "allow"),
        ("mei unlock", "allow"),
        ("mei start", "allow"),
        ("jun unlock", "deny"),
        ("jun start", "deny"),
    ]
    assert read.cases[0].name == "the family opens [lin unlock]"
    assert str(read.cases[0].place) == "a_test.yaml:8:11"


def test_action_group_stands_for_its_actions() -> None:
    """A group of the schema may stand where a list has actions, and in the keys of a map."""
    text = GOOD.replace("[unlock, start]", "[Anything]").replace("family *", "family Access")

    assert suite(text).cases == suite().cases


def test_first_key_that_fits_a_case_counts() -> None:
    """Keys are tried from the first to the last."""
    text = GOOD.replace("{family *:", "{lin start: deny, family *:")

    assert [case.expected for case in suite(text).cases] == [
        "allow",
        "deny",
        "allow",
        "allow",
        "deny",
        "deny",
    ]


def test_later_layer_wins_and_null_takes_away() -> None:
    """Facts come from `usual`, then from the layers of the test; `null` leaves a fact out."""
    text = GOOD.replace("context: near", "context: [near, {fresh: false}, {distance_cm: null}]")

    assert suite(text).cases[1].context == {"fresh": False, "seated": True}


def test_named_layer_may_take_away() -> None:
    """A layer with a name may leave a fact out as well."""
    text = GOOD.replace("near: {distance_cm: 200}", "near: {distance_cm: null}")

    assert suite(text).cases[0].context == {"fresh": True}


def test_fact_that_an_action_does_not_know_is_left_out() -> None:
    """Each action of a matrix is told what it knows of the facts."""
    contexts = {case.action: case.context for case in suite().cases}

    assert contexts == {
        "unlock": {"fresh": True, "distance_cm": 200},
        "start": {"fresh": True, "distance_cm": 200, "seated": True},
    }


def test_facts_may_stand_in_the_test_alone() -> None:
    """Neither `usual` nor any other layer has to be there."""
    text = (
        "suite: a\ntests:\n"
        "  - {name: b, principal: lin, action: heat, resource: 'Car::car', expect: deny,\n"
        "     context: {fresh: true}}\n"
    )

    assert only(text).context == {"fresh": True}


def test_facts_have_the_types_of_the_schema() -> None:
    """Lists, records, entities and numbers beyond what YAML keeps are written as Cedar has them."""
    case = only(
        load("{tags: [a, '2'], size: {width: '-9223372036854775808', note: null}, sender: 'Device::phone'}")
    )

    assert case.context == {
        "fresh": True,
        "tags": ["a", "2"],
        "size": {"width": -(2**63)},
        "sender": {"__entity": {"type": "Device", "id": "phone"}},
    }


def test_quoted_name_is_a_name() -> None:
    """Cedar's way to write an entity is understood as well."""
    text = GOOD.replace("Car::su7", "'Car::\"su7\"'").replace("jun]", "'Person::\"jun\"']")

    assert suite(text).cases == suite().cases


def test_entities_are_changed_for_the_suite_only() -> None:
    """An entity of the file is new, or laid over the one of the base store."""
    changes = (
        "entities:\n"
        "  Person::kim: {in: [guest, Role::child], age: 7}\n"
        "  Car::su7: {owner: kim}\n"
        "  Device::phone: {owner: null, enrolled: false}\n"
        "groups:"
    )
    text = GOOD.replace("groups:", changes).replace("jun]", "kim]")
    sender = load("{sender: 'Device::phone'}").removeprefix(HEAD)
    text = text.replace("  Car::su7:", "  Box::crate: {weight: 1}\n  Car::su7:") + sender

    read = suite(text)

    assert entity(read, "Person::kim") == {"age": 7, "in": ["Role::guest", "Role::child"]}
    assert entity(read, "Car::su7") == {"owner": {"__entity": {"type": "Person", "id": "kim"}}, "in": []}
    assert entity(read, "Device::phone") == {"kind": "phone", "enrolled": False, "in": []}
    assert entity(suite(), "Device::phone")["enrolled"] is True


def test_because_and_errors_belong_to_each_case() -> None:
    """Rules may be named per case, sorted, or not at all; an expected error needs no number."""
    text = GOOD + (
        "    because: {jun unlock: [], family start: [household]}\n"
        "  - {name: b, principal: jun, action: heat, resource: 'Car::car', expect: error}\n"
        "  - {name: c, principal: jun, action: heat, resource: 'Car::car', expect: error, errors: 2}\n"
        "  - {name: d, principal: jun, action: unlock, resource: 'Car::car', expect: deny,\n"
        "     because: [in-range, fresh-only]}\n"
    )

    cases = suite(text).cases

    assert [case.because for case in cases] == [
        *(None, ("household",), None, ("household",), (), None, None, None),
        ("fresh-only", "in-range"),
    ]
    assert [case.errors for case in cases] == [0, 0, 0, 0, 0, 0, None, 2, 0]


def test_who_can_asks_for_everybody() -> None:
    """`who-can` is one case for each person of the store, those of the file included."""
    text = (
        "suite: a\ncontexts: {usual: {fresh: true}}\nentities: {Person::kim: {in: [guest]}}\n"
        "groups: {us: [lin]}\ntests:\n"
        "  - {name: who, who-can: {action: heat, resource: 'Car::su7', are: [us, kim]}}\n"
    )

    assert [(case.cell, case.expected) for case in suite(text).cases] == [
        ("lin", "allow"),
        ("mei", "deny"),
        ("tao", "deny"),
        ("jun", "deny"),
        ("kim", "allow"),
    ]


def test_what_can_asks_for_every_action_there_is() -> None:
    """`what-can` is one case for each action that fits; facts that none but one knows are no mistake."""
    text = (
        "suite: a\ncontexts: {usual: {fresh: true, seated: false}}\ntests:\n"
        "  - name: what\n"
        "    what-can: {principal: lin, resource: 'Car::su7', context: {distance_cm: 1}, are: [Access]}\n"
    )

    found = [(case.cell, case.expected, sorted(case.context)) for case in suite(text).cases]

    assert found == [
        ("unlock", "allow", ["distance_cm", "fresh"]),
        ("start", "allow", ["distance_cm", "fresh", "seated"]),
        ("heat", "deny", ["fresh"]),
    ]


def test_listing_may_have_nobody() -> None:
    """Nobody at all may be what is expected."""
    text = (
        "suite: a\ncontexts: {usual: {fresh: true}}\ntests:\n"
        "  - {name: who, who-can: {action: heat, resource: 'Car::su7', are: []}}\n"
    )

    assert {case.expected for case in suite(text).cases} == {"deny"}


def test_waiver_keeps_its_reason() -> None:
    """A test that does not count says whether it is asked, and why."""
    skipped = suite(f"{GOOD}    skip: not yet\n").cases[0]
    to_do = suite(f"{GOOD}    todo: soon\n").cases[0]

    assert skipped.waiver is not None
    assert (skipped.skipped, skipped.waiver.reason) == (True, "not yet")
    assert to_do.waiver is not None
    assert (to_do.skipped, to_do.waiver.kind) == (False, "todo")


def test_question_has_everything_a_case_rests_on() -> None:
    """A case becomes a question with the suite's whole store."""
    read = suite()
    question = read.question(read.cases[0])

    assert (question.principal, question.resource) == (Uid("Person", "lin"), Uid("Car", "su7"))
    assert question.entities == read.entities
    assert question.context == read.cases[0].context


# --- the base store ---------------------------------------------------------------------------------


def test_base_store_has_the_household() -> None:
    """People with their roles, senders and things to ask; what needs more than is known is left out."""
    names = [f"{one['uid']['type']}::{one['uid']['id']}" for one in base_entities(SCHEMA)]

    assert names == [
        *("Role::member", "Role::owner", "Role::child", "Role::guest"),
        *("Person::lin", "Person::mei", "Person::tao", "Person::jun"),
        "Stranger::mallory",
        *("Device::phone", "Device::watch", "Device::dashboard", "Device::su7", "Device::mallory"),
        *("Device::car", "Device::air_cooler", "Device::box"),
        *("Car::su7", "Car::car", "AirCooler::air_cooler"),
    ]


def test_base_store_knows_no_type_that_the_schema_lacks() -> None:
    """A schema without people has no household."""
    schema: dict[str, Any] = {"": {"entityTypes": {"Device": {}, "Person": {}}, "actions": {}}}
    lonely = {"": {"entityTypes": {"Lamp": {}}, "actions": SCHEMA[""]["actions"] | {"load": {}}}}

    assert {one["uid"]["type"] for one in base_entities(schema)} == {"Person", "Device"}
    assert base_entities(lonely) == []
    assert all(one["parents"] == [] for one in base_entities(schema))


def test_base_store_has_everything_that_can_be_asked() -> None:
    """Each kind of device is there as a sender and as what is asked, owned by Lin."""
    vocabulary = Vocabulary.of(kinds().values())
    found = {
        f"{one['uid']['type']}::{one['uid']['id']}": one["attrs"]
        for one in base_entities(vocabulary.to_json())
    }

    for kind, type_name in vocabulary.types.items():
        assert found[f"{type_name}::{kind}"] == {"owner": {"__entity": {"type": "Person", "id": "lin"}}}
        assert found[f"Device::{kind}"]["kind"] == kind
    assert found["Device::mallory"] == {"kind": "stranger", "enrolled": False}
    assert written(Uid("Person", "lin")) == "lin"


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_mistake_is_refused_at_its_place(broken: Broken) -> None:
    """Every mistake has one sentence, the spot it is about, and what to do where that is known."""
    assert broken.old in GOOD
    text = GOOD.replace(broken.old, broken.new, 1)

    with pytest.raises(PolicyError) as caught:
        suite(text)

    error = caught.value
    assert (error.sentence, error.help_text, error.code) == (broken.sentence, broken.help_text, broken.code)
    place = error.place
    assert place is not None
    assert place.source_line == text.split("\n")[place.line - 1]
    assert place.source_line[place.column - 1 :][: place.length] == broken.spot


def test_too_many_cases_are_refused() -> None:
    """The size of a suite is bounded before its cases are made."""
    people = [f"p{number}" for number in range(CASES_MAX // 2 + 1)]
    entities = "".join(f"  Person::{name}: {{}}\n" for name in people)
    text = GOOD.replace("groups:", f"entities:\n{entities}groups:").replace(
        "family: [lin, mei]", f"family: [{', '.join(people)}]"
    )

    with pytest.raises(PolicyError, match="the suite has more than 20,000 cases"):
        suite(text)


def test_file_that_is_no_yaml_is_refused() -> None:
    """What the reader of documents refuses is a mistake in a test file."""
    with pytest.raises(PolicyError, match=r"b_test\.yaml:1:1: the file is empty"):
        read_suite("b_test.yaml", "", SCHEMA, {})
