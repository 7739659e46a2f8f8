"""Test suites of rules: files named `*_test.yaml`, read with the place of every mistake.

    suite: opening the car
    contexts:                          # layers of facts, by name; `usual` lies below every test's own
      usual:   {authenticated: true, fresh: true, built_in: false, moving: false, expires_in_ms: 30000}
      rolling: {moving: true}
    entities:                          # changes to the base store, for this suite only (see `fixtures`)
      Person::kim: {in: [guest]}       # a new person, or other roles for one who is there
      Car::su7: {owner: kim}           # `null` takes away what is optional
    groups:
      household: [lin, mei]            # a name for principals, actions or resources, where a list has entries
    tests:
      - name: the owner unlocks within two metres
        principal: lin                 # `lin` is a person; everything else is written `Stranger::mallory`
        action: unlock
        resource: Car::su7
        context: [rolling, {moving: false, distance_cm: 200}]    # later wins; `null` takes a fact away
        expect: allow                  # allow, deny, or error: a rule erred and the answer was no
        because: [household-key]       # exactly the rules that determined it; [] means that none did
        errors: 0                      # how many rules erred; 0 unless said otherwise
        skip: why                      # not asked; or `todo: why`, asked but may fail; both are reported
      - name: who opens what
        principals: [household, jun]   # `principals`, `actions` and `resources` make a matrix
        actions: [unlock, open_boot]
        resource: Car::su7
        expect: {jun *: deny, household unlock: allow, "*": deny}
      - name: who may heat
        who-can: {action: set_climate, resource: Climate::climate, are: [household]}
      - name: what mei may do with the car
        what-can: {principal: mei, resource: Car::su7, context: {distance_cm: 90}, are: [unlock, lock]}

A matrix is every principal with every action and every resource. Its `expect` and `because` may be maps:
a key names the parts that vary, in the order principal, action, resource, each a name, a group or `*`;
the first key that fits a case counts. `who-can` asks for every person of the store, and `what-can` for
every action that there is for the principal and the resource; exactly those in `are` may.

A fact that an action does not know is left out for that action, and must be known to another one of the
test. Whatever is misspelt, unused, of a wrong type or can never hold is refused with its place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field

from sim.analysis.question import Question, Uid
from sim.analysis.suites.fixtures import (
    Asking,
    Fixtures,
    check_complete,
    meant,
    refusal,
    written,
)
from sim.analysis.suites.matrix import PARTS, Axis, Cell, Names, name_of, stands_twice
from sim.core.errors import Place, PolicyError, SimError, did_you_mean
from sim.documents.reading import Entry, Mistake, Node, read_document, short
from sim.documents.shape import editor_schema, validate

SUITE_SUFFIX = "_test.yaml"
CASES_MAX = 20_000
"""Most cases of one suite."""
USUAL = "usual"
"""The layer of facts that lies below every test's own."""

Answer = Literal["allow", "deny", "error"]
Effects: TypeAlias = Mapping[str, Literal["permit", "forbid"]]
"""Id of every rule to its effect."""

_ANSWERS: Mapping[Any, Answer] = {answer: answer for answer in get_args(Answer)}
_LISTINGS = ("who-can", "what-can")
_EFFECT: Mapping[Answer, str] = {"allow": "permit", "deny": "forbid"}


# --- what a file may say, by its form ---------------------------------------------------------------


class _Form(BaseModel):
    """Keys are checked here; what they mean, later and with the schema in hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_Layers: TypeAlias = str | dict[str, Any] | list[str | dict[str, Any]]
_Names: TypeAlias = list[str]


class _WhoCan(_Form):
    action: str
    resource: str
    context: _Layers = []
    are: _Names


class _WhatCan(_Form):
    principal: str
    resource: str
    context: _Layers = []
    are: _Names


class _Test(_Form):
    name: str = Field(description="what it shows, as a sentence")
    principal: str = ""
    principals: _Names = []
    action: str = ""
    actions: _Names = []
    resource: str = ""
    resources: _Names = []
    context: _Layers = []
    expect: Answer | dict[str, Answer] = "deny"
    who_can: _WhoCan | None = Field(default=None, alias="who-can")
    what_can: _WhatCan | None = Field(default=None, alias="what-can")
    because: _Names | dict[str, _Names] = []
    errors: int = Field(default=0, ge=0, strict=True)
    skip: str = ""
    todo: str = ""


class _File(_Form):
    """A suite of tests for rules."""

    suite: str = Field(description="what it is about")
    contexts: dict[str, dict[str, Any]] = {}
    entities: dict[str, dict[str, Any]] = {}
    groups: dict[str, _Names] = {}
    tests: list[_Test] = Field(min_length=1)


# --- what is read -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why a test does not count: `skip`, it is not even asked, or `todo`, it may fail."""

    kind: Literal["skip", "todo"]
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """One request with what is expected of it.

    Attributes:
        suite: the suite's title.
        test: the test's name.
        cell: the parts that vary within the test, `jun unlock`; empty when nothing does.
        principal: who asks.
        action: the action's name.
        resource: what is asked.
        context: the facts, as Cedar's JSON.
        expected: the answer.
        because: ids of exactly the rules that determine it, sorted; None when that does not matter.
        errors: how many rules err; None when at least one must.
        waiver: why it does not count, or None.
        place: the test's name in its file.
    """

    suite: str
    test: str
    cell: str
    principal: Uid
    action: str
    resource: Uid
    context: Mapping[str, Any]
    expected: Answer
    because: tuple[str, ...] | None
    errors: int | None
    waiver: Waiver | None
    place: Place

    @property
    def name(self) -> str:
        """The test's name, with the parts that vary."""
        return f"{self.test} [{self.cell}]" if self.cell else self.test

    @property
    def path(self) -> str:
        """What a filter looks at: suite, test, principal, action."""
        return f"{self.suite} / {self.test} / {written(self.principal)} / {self.action}"

    @property
    def skipped(self) -> bool:
        """Whether it is not asked at all."""
        return self.waiver is not None and self.waiver.kind == "skip"


@dataclass(frozen=True, slots=True)
class Suite:
    """A file of tests.

    Attributes:
        file: its name.
        title: what it is about.
        entities: its store, as Cedar's entity JSON.
        cases: every request in it, test by test; those of a test beside each other.
    """

    file: str
    title: str
    entities: Sequence[Mapping[str, Any]]
    cases: tuple[Case, ...]

    def question(self, case: Case) -> Question:
        """Return one of its cases with everything it rests on."""
        return Question(case.principal, case.action, case.resource, case.context, self.entities)


def read_suite(file_name: str, text: str, schema: Mapping[str, Any], effects: Effects) -> Suite:
    """Return the suite in a file.

    Args:
        file_name: as places shall show it.
        text: the whole file.
        schema: the Cedar schema of the rules in its JSON form, without namespaces.
        effects: every rule there is.

    Raises:
        PolicyError: with its place, for the first thing that cannot be.
    """
    root = read_document(file_name, text, PolicyError)
    validate(root, _File, PolicyError)
    return _Reader(root, schema, effects).suite(file_name)


# --- a file, read with the schema in hand -----------------------------------------------------------


class _Reader:
    """Reads one file; remembers what of it was used."""

    def __init__(self, root: Node, schema: Mapping[str, Any], effects: Effects) -> None:
        self._root = root
        self._effects = effects
        self._fixtures = Fixtures(schema, _section(root, "entities"))
        self._names = Names(self._fixtures, _section(root, "groups"))
        self._layers = _section(root, "contexts")
        self._used = {USUAL}
        self._count = 0

    def suite(self, file_name: str) -> Suite:
        """Return everything in the file."""
        title = _text(self._root, "suite")
        self._check_layers()
        names: dict[str, Place] = {}
        cases: list[Case] = []
        for node in self._root.at(["tests"]).items:
            name, place = _text(node, "name"), node.at(["name"]).place
            if name in names:
                sentence = f"there is already a test named `{short(name)}`"
                help_text = f"the first one is on line {names[name].line}"
                raise refusal(Mistake.NAME_TAKEN, sentence, place, help_text)
            names[name] = place
            cases += self._cases(node, title)
        self._check_used()
        return Suite(file_name, title, self._fixtures.entities(), tuple(cases))

    # what stands beside the tests

    def _check_layers(self) -> None:
        """Refuse facts that no action knows or whose values do not fit, whether or not a test uses them."""
        for layer in self._layers.values():
            for name, fact in layer.value.entries.items():
                knowing = (action for action in self._names.actions.values() if name in action.facts)
                action = next(knowing, None)
                if action is None:
                    raise _unknown_fact(fact, self._facts())
                if fact.value.value is not None:
                    self._fixtures.value(name, fact.value, action.facts[name])

    def _facts(self) -> set[str]:
        """Return every fact that some action knows."""
        return {name for action in self._names.actions.values() for name in action.facts}

    def _check_used(self) -> None:
        """Refuse what no test can notice."""
        layers = (entry for name, entry in self._layers.items() if name not in self._used)
        for noun, entry in (("context", next(layers, None)), ("group", self._names.unused())):
            if entry is not None:
                sentence = f"no test uses the {noun} `{short(str(entry.key.value))}`"
                raise refusal(Mistake.UNKNOWN_NAME, sentence, entry.key.place, "delete it, or name it")
        self._fixtures.check_used()

    # one test

    def _cases(self, node: Node, title: str) -> Iterator[Case]:
        """Yield the cases of one test."""
        name = node.at(["name"])
        for key, entry in node.entries.items():
            if entry.value.value is None or not str(entry.value.value).strip():
                help_text = "fill it in, or delete it"
                raise refusal(Mistake.WRONG_VALUE, f"`{key}` is empty", entry.key.place, help_text)
        asked, axes = self._asked(node)
        self._count += prod(len(axis.values) for axis in axes)
        if self._count > CASES_MAX:
            sentence = f"the suite has more than {CASES_MAX:,} cases"
            raise refusal(Mistake.TOO_MANY, sentence, name.place)
        contexts = self._contexts(asked, axes[1], name.place)
        cells = tuple(product(*(axis.values for axis in axes)))
        answers = self._answers(node, asked, axes, cells)
        because = self._because(node, axes, answers)
        waiver = _waiver(node)
        for cell, answer in answers.items():
            principal, action, resource = cell
            yield Case(
                suite=title,
                test=str(name.value),
                cell=" ".join(part for part, axis in zip(cell, axes, strict=True) if axis.varies),
                principal=meant(principal),
                action=action,
                resource=meant(resource),
                context=contexts[action],
                expected=answer,
                because=because.get(cell),
                errors=_errors(node, answer),
                waiver=waiver,
                place=name.place,
            )

    def _asked(self, node: Node) -> tuple[Node, tuple[Axis, Axis, Axis]]:
        """Return where a test says what it asks, and every principal, action and resource of it."""
        listing = next((one for one in map(node.step, _LISTINGS) if one is not None), None)
        if listing is None:
            if node.step("expect") is None:
                sentence = "a test has no `expect`"
                raise refusal(Mistake.MISSING_KEY, sentence, node.at(["name"]).place, "say `expect: deny`")
            axes = (
                self._names.axis("principal", node),
                self._names.axis("action", node),
                self._names.axis("resource", node),
            )
            self._check_applies(axes)
            return node, axes
        for key, entry in node.entries.items():
            if key not in {"name", "because", "errors", "skip", "todo", listing.key.value}:
                sentence = f"`{key}` does not go with `{listing.key.value}`"
                raise refusal(Mistake.WRONG_SECTION, sentence, entry.key.place)
        return listing.value, self._listing_axes(listing)

    def _listing_axes(self, listing: Entry) -> tuple[Axis, Axis, Axis]:
        """Return the axes of `who-can`, over all people, or of `what-can`, over all actions."""
        asked = listing.value
        resource = self._names.axis("resource", asked)
        if listing.key.value == "who-can":
            people = Axis(tuple(map(written, self._fixtures.people())), varies=True, node=asked)
            axes = (people, self._names.axis("action", asked), resource)
            self._check_applies(axes)
            return axes
        principal = self._names.axis("principal", asked)
        asking, asked_of = meant(principal.values[0]), meant(resource.values[0])
        fitting = tuple(
            name
            for name, action in self._names.actions.items()
            if asking.type in action.principals and asked_of.type in action.resources
        )
        if not fitting:
            sentence = f"no action is asked by a `{asking.type}` of a `{asked_of.type}`"
            raise refusal(Mistake.UNKNOWN_NAME, sentence, resource.node.place)
        return principal, Axis(fitting, varies=True, node=asked), resource

    def _check_applies(self, axes: Sequence[Axis]) -> None:
        """Refuse requests that no device could be sent."""
        principals, actions, resources = axes
        for name in actions.values:
            action = self._names.actions[name]
            for axis, types, verb in (
                (principals, action.principals, "by"),
                (resources, action.resources, "of"),
            ):
                wrong = next((meant(one).type for one in axis.values if meant(one).type not in types), None)
                if wrong is not None:
                    sentence = f"`{name}` is not asked {verb} a `{wrong}`"
                    known = ", ".join(f"`{one}`" for one in types)
                    raise refusal(
                        Mistake.WRONG_VALUE, sentence, axis.node.place, f"it is asked {verb}: {known}"
                    )

    # the facts of a test

    def _contexts(self, asked: Node, actions: Axis, place: Place) -> dict[str, dict[str, Any]]:
        """Return the facts of a test for each of its actions."""
        written_here = asked.step("context")
        shapes = {name: self._names.actions[name] for name in actions.values}
        known = {name for shape in shapes.values() for name in shape.facts}
        own: dict[str, Entry] = {}
        if written_here is not None:
            place = written_here.key.place
            for layer in written_here.value.items or (written_here.value,):
                facts = self._layer(layer)
                stray = next((fact for name, fact in facts.items() if name not in known), None)
                if stray is not None:
                    raise _unknown_fact(stray, known, layer)
                own |= facts
        usual = self._layers[USUAL].value.entries if USUAL in self._layers else {}
        given = {name: one.value for name, one in {**usual, **own}.items() if one.value.value is not None}
        return {name: self._context(name, shape, given, place) for name, shape in shapes.items()}

    def _layer(self, layer: Node) -> Mapping[str, Entry]:
        """Return the facts of one layer, which is written out or named."""
        if not isinstance(layer.value, str):
            return layer.entries
        if layer.value not in self._layers:
            sentence = f"there is no context `{short(layer.value)}`"
            help_text = did_you_mean(layer.value, self._layers)
            raise refusal(Mistake.UNKNOWN_NAME, sentence, layer.place, help_text)
        self._used.add(layer.value)
        return self._layers[layer.value].value.entries

    def _context(self, action: str, shape: Asking, facts: Mapping[str, Node], place: Place) -> dict[str, Any]:
        """Return what of some facts an action is told."""
        check_complete(action, facts, shape.facts, place)
        known = {name: shape.facts[name] for name in facts if name in shape.facts}
        return {name: self._fixtures.value(name, facts[name], fact) for name, fact in known.items()}

    # what a test expects

    def _answers(
        self, node: Node, asked: Node, axes: Sequence[Axis], cells: Sequence[Cell]
    ) -> dict[Cell, Answer]:
        """Return the answer that each case expects."""
        expect = node.step("expect")
        if expect is not None:
            found = self._names.by_cell(expect.value, axes, cells)
            silent = next((cell for cell in cells if cell not in found), None)
            if silent is not None:
                sentence = f"`expect` says nothing of `{name_of(silent, axes)}`"
                raise refusal(Mistake.MISSING_KEY, sentence, expect.key.place, 'add `"*": deny` as the last')
            return {cell: _ANSWERS[found[cell].value] for cell in cells}
        part, axis = next((part, axis) for part, axis in zip(PARTS, axes, strict=True) if axis.varies)
        are = asked.entry_at(["are"])
        allowed = self._names.listed(part, are)
        stray = next((one for one in allowed if one not in axis.values), None)
        if stray is not None:
            sentence = f"`{stray}` is none of what is tried here"
            help_text = did_you_mean(stray, axis.values)
            raise refusal(Mistake.WRONG_VALUE, sentence, are.value.place, help_text)
        return {cell: "allow" if cell[PARTS.index(part)] in allowed else "deny" for cell in cells}

    def _because(
        self, node: Node, axes: Sequence[Axis], answers: Mapping[Cell, Answer]
    ) -> dict[Cell, tuple[str, ...]]:
        """Return the rules that shall determine each case; nothing for a case of which none are named."""
        because = node.step("because")
        if because is None:
            return {}
        found = self._names.by_cell(because.value, axes, tuple(answers))
        return {cell: self._rules(rules, answers[cell], name_of(cell, axes)) for cell, rules in found.items()}

    def _rules(self, listed: Node, answer: Answer, case: str) -> tuple[str, ...]:
        """Return ids of rules that can determine an answer."""
        if answer == "error" or (answer == "allow" and not listed.items):
            reason = (
                "some rule always determines an `allow`"
                if answer == "allow"
                else "no rule determines an error"
            )
            raise refusal(Mistake.WRONG_VALUE, f"`because` can never hold: {reason}", listed.place)
        found: set[str] = set()
        for item in listed.items:
            rule = str(item.value)
            if rule not in self._effects:
                sentence = f"there is no rule `{short(rule)}`"
                raise refusal(Mistake.UNKNOWN_NAME, sentence, item.place, did_you_mean(rule, self._effects))
            if self._effects[rule] != _EFFECT[answer]:
                sentence = f"`{rule}` is a {self._effects[rule]}, but `{case}` expects `{answer}`"
                raise refusal(Mistake.WRONG_VALUE, sentence, item.place)
            if rule in found:
                raise stands_twice(rule, item)
            found.add(rule)
        return tuple(sorted(found))


def _section(root: Node, name: str) -> Mapping[str, Entry]:
    """Return the entries of one part of the file; nothing if the part is not there."""
    found = root.step(name)
    return found.value.entries if found else {}


def _text(node: Node, key: str) -> str:
    """Return a title, which is not empty."""
    found = node.entry_at([key])
    text = str(found.value.value).strip()
    if not text:
        raise refusal(Mistake.WRONG_VALUE, f"`{key}` is empty", found.key.place, "say why")
    return text


def _unknown_fact(fact: Entry, known: Iterable[str], layer: Node | None = None) -> SimError:
    """Return the error for a fact that no action knows; of a named layer, at the name that a test uses."""
    name = str(fact.key.value)
    sentence, place = f"no action here knows the fact `{short(name)}`", fact.key.place
    if layer is not None and isinstance(layer.value, str):
        sentence, place = f"{sentence} of `{layer.value}`", layer.place
    return refusal(Mistake.UNKNOWN_KEY, sentence, place, did_you_mean(name, known))


def _waiver(node: Node) -> Waiver | None:
    """Return why a test does not count, if it says so."""
    skip, todo = node.step("skip"), node.step("todo")
    if skip is not None and todo is not None:
        raise refusal(
            Mistake.WRONG_SECTION, "`skip` and `todo` do not go together", todo.key.place, "keep one"
        )
    if skip is not None:
        return Waiver("skip", str(skip.value.value))
    return None if todo is None else Waiver("todo", str(todo.value.value))


def _errors(node: Node, answer: Answer) -> int | None:
    """Return how many rules shall err in a case; None for any number but none."""
    written_here = node.step("errors")
    if written_here is None:
        return None if answer == "error" else 0
    count = int(str(written_here.value.value))
    if (count == 0) is (answer == "error") and answer != "deny":
        sentence = f"`errors: {count}` can never hold where `{answer}` is expected"
        raise refusal(Mistake.WRONG_VALUE, sentence, written_here.value.place)
    return count


def suite_schema() -> dict[str, Any]:
    """Return the JSON Schema of a suite file, for editors."""
    return editor_schema(_File, "Tests of rules for carhome")
