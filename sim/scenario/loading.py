"""From a document to a scenario: every name is looked up, every value is held against its fact.

Nothing is run by loading, and nothing is half loaded: either the whole file makes sense, or one error
says what does not, where, and what to do.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar

from pydantic import BaseModel

from sim.core.asking import AskDevice
from sim.core.device import Arguments, Device, reference_of
from sim.core.errors import Place, ScenarioError, did_you_mean
from sim.core.household import Household
from sim.documents.reading import Entry, Mistake, Node, read_document
from sim.documents.shape import validate
from sim.scenario.attachments import Attachments, no_files, with_files
from sim.scenario.cases import CASES_MAX, case_name, fill, placeholders
from sim.scenario.conditions import ConditionReader
from sim.scenario.facts import Facts
from sim.scenario.faulting import read_fault
from sim.scenario.flowing import STRANGER
from sim.scenario.givens import read_given
from sim.scenario.grammar import ALWAYS_SHAPES, STEP_SHAPES, ScenarioShape
from sim.scenario.households import extended, household_of
from sim.scenario.installations import SceneReader, typed_command
from sim.scenario.listing import check_listed
from sim.scenario.masking import Privacy, concealed, without_value
from sim.scenario.model import (
    Advance,
    Always,
    Case,
    CommandCondition,
    Do,
    Expect,
    FactCondition,
    Fault,
    FlowCondition,
    Never,
    Remark,
    Say,
    Scenario,
    Step,
)
from sim.scenario.snippets import unread_lines_masked
from sim.world.truth.driving import ROAD_ACTS, ROADS
from sim.world.truth.people import NATURE, NATURE_ACTS
from sim.world.truth.piloting import EVERY_PERSON_ACT
from sim.world.truth.road_users import ROAD_USER_ACTS, ROAD_USERS

Found = TypeVar("Found")

OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Library:
    """What a scenario file can refer to.

    Attributes:
        kinds: kind name to class.
        rules: ids of the rules in force.
        household: returns a household by its name, or None; may raise its own error for a bad file.
        household_document: the same as a document, for a scenario that adds to it.
        household_names: every name both know, for a suggestion.
        files: returns a file that the scenario or its household names, such as a calendar.
    """

    kinds: Mapping[str, type[Device]]
    rules: tuple[str, ...]
    household: Callable[[str], Household | None]
    household_document: Callable[[str], Node | None]
    household_names: tuple[str, ...] = ()
    files: Attachments = no_files


def load_scenario(file_name: str, text: str, library: Library) -> Scenario:
    """Return the scenario in a file.

    Args:
        file_name: as places shall show it.
        text: the whole file.
        library: what it can refer to.

    Raises:
        ScenarioError: for the first thing in the file that cannot be.
        HouseholdError: when the household it names is itself broken.
    """
    words = _words(library)
    with unread_lines_masked(file_name, text, words):
        document = read_document(file_name, text, ScenarioError)
        shape = validate(document, ScenarioShape, ScenarioError)
    household = _household(document.entries["household"].value, library)
    offset = shape.start.utcoffset()
    assert offset is not None, "a time without a zone passed"  # INVARIANT: the shape asks for it
    remarks: list[Remark] = []

    def rows_tell() -> bool:
        return _rows_tell(document, shape, Privacy(household, library.kinds))

    with unread_lines_masked(file_name, text, words, rows_only=True, rows_tell=rows_tell):
        cases = tuple(_cases(document, shape, household, library, remarks))
    return Scenario(
        file=file_name,
        title=shape.scenario,
        tags=tuple(shape.tags),
        source=shape.source,
        seed=shape.seed,
        household=household,
        start_ms=round(shape.start.timestamp() * 1000),
        utc_offset_ms=round(offset.total_seconds() * 1000),
        needs=tuple(shape.needs),
        cases=cases,
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _words(library: Library) -> frozenset[str]:
    """Return every key that a step can have, and every name of an argument."""
    models: list[type[BaseModel]] = [ScenarioShape, *STEP_SHAPES.values()]
    for kind in library.kinds.values():
        models += [*kind.acts, *kind.commands]
    fields = [pair for model in models for pair in model.model_fields.items()]
    return frozenset(word for name, declared in fields for word in (name, declared.alias) if word)


def _household(node: Node, library: Library) -> Household:
    """Return the household a scenario names, or names and adds to."""
    extends = node.step("extends")
    if extends is None:
        return _found(library.household, node, library)
    base = _found(library.household_document, extends.value, library)
    return household_of(extended(base, node), library.kinds, library.files)


def _found(look_up: Callable[[str], Found | None], node: Node, library: Library) -> Found:
    name = str(node.value)
    found = look_up(name)
    if found is None:
        sentence = f"there is no household `{name}`"
        help_text = did_you_mean(name, library.household_names) or "put one into households/"
        raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, node.place, help_text)
    return found


def _cases(
    document: Node, shape: ScenarioShape, household: Household, library: Library, remarks: list[Remark]
) -> Iterator[Case]:
    rows = _rows(document, shape)
    privacy = Privacy(household, library.kinds)
    template = privacy.masked(document.without("cases", "matrix"))
    used = placeholders(template)
    for row in rows:
        for name in row:
            if name not in used:
                place = _where_declared(document, name)
                raise Mistake.UNKNOWN_NAME.of(
                    ScenarioError,
                    f"`{name}` is never used",
                    place,
                    f"write `${name}` where it belongs, or delete it",
                )
        filled = fill(template, row)
        name = case_name(row, privacy.placeholders(template, filled))
        yield _Reader(household, library, remarks).case(name, privacy.masked(filled))


def _rows_tell(document: Node, shape: ScenarioShape, privacy: Privacy) -> bool:
    """Say whether anything private stands in the rows; where that cannot be told, something may."""
    template = document.without("cases", "matrix")
    try:
        return any(privacy.placeholders(template, fill(template, row)) for row in _rows(document, shape))
    except ScenarioError:
        return True


def _rows(document: Node, shape: ScenarioShape) -> list[dict[str, Node]]:
    """Return the values of `$name` for every case; one empty row when there are no cases."""
    cases, matrix = document.step("cases"), document.step("matrix")
    if cases is not None and matrix is not None:
        sentence = "a scenario has `cases` or a `matrix`, not both"
        raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, matrix.key.place, "write rows or lists")
    if cases is not None and shape.cases:
        return [{name: entry.value for name, entry in row.entries.items()} for row in cases.value.items]
    if matrix is not None and shape.matrix:
        names = list(matrix.value.entries)
        lists = [matrix.value.entries[name].value.items for name in names]
        count = 1
        for values in lists:
            count *= len(values)
        if count > CASES_MAX or count == 0:
            sentence = f"the matrix has {count:,} cases; between 1 and {CASES_MAX:,} can be run"
            raise Mistake.WRONG_VALUE.of(ScenarioError, sentence, matrix.key.place, "shorten its lists")
        return [dict(zip(names, values, strict=True)) for values in product(*lists)]
    return [{}]


def _where_declared(document: Node, name: str) -> Place:
    """Return where `cases` or `matrix` names a placeholder."""
    matrix = document.step("matrix")
    rows = [matrix.value] if matrix is not None else list(document.entries["cases"].value.items)
    return next(row.entries[name].key.place for row in rows if name in row.entries)


class _Reader:
    """Reads one case: it knows which commands have been named so far."""

    def __init__(self, household: Household, library: Library, remarks: list[Remark]) -> None:
        self._household = household
        self._library = library
        self._facts = Facts(household, library.kinds)
        self._conditions = ConditionReader(self._facts, library.rules, remarks)
        self._hopeless: frozenset[str] = frozenset()

    def case(self, name: str, document: Node) -> Case:
        """Return the case that a document without placeholders describes."""
        given = document.step("given")
        steps = document.entries["steps"].value
        self._conditions.later = _aliases(steps)
        self._hopeless = _hopeless(steps)
        read_steps = tuple(self._step(node) for node in steps.items)
        always = document.step("always")
        return Case(
            name=name,
            given=read_given(given, self._household, self._library.kinds, self._library.files),
            steps=read_steps,
            always=() if always is None else tuple(self._always(node) for node in always.value.items),
        )

    def _step(self, node: Node) -> Step:
        try:
            verb, shape = _shape(node, STEP_SHAPES)
        except ScenarioError as error:
            raise concealed(error, Privacy(self._household, self._library.kinds).words(node)) from None
        place, text = node.entries[verb].key.place, node.entries[verb].key.place.source_line.strip()
        match verb:
            case "do":
                return self._do(node, place, text, shape)
            case "expect":
                return self._expect(node, place, text, shape)
            case "never":
                conditions = self._conditions.read(node.entries["never"].value, negated=True)
                return Never(place, text, conditions, for_ms=shape.for_)
            case "advance":
                return self._advance(node, place, text, shape)
            case "fault":
                return Fault(
                    place,
                    text,
                    read_fault(node.entries["fault"], shape.fault, self._household, self._library.kinds),
                )
            case _:
                return self._say(node, place, text, shape)

    def _expect(self, node: Node, place: Place, text: str, shape: Any) -> Expect:
        conditions = self._conditions.read(node.entries["expect"].value)
        if shape.unless and not any(isinstance(one, CommandCondition) for one in conditions):
            sentence = "`unless` is about a command, and none is expected here"
            raise Mistake.WRONG_SECTION.of(
                ScenarioError, sentence, node.entries["unless"].key.place, "name one, or delete it"
            )
        return Expect(place, text, conditions, within_ms=shape.within, unless=tuple(shape.unless))

    def _do(self, node: Node, place: Place, text: str, shape: Any) -> Do:
        entry = node.entries["do"]
        actor, verb = shape.do.split(".", 1)
        acts = self._acts_of(actor, entry.value)
        if verb not in acts:
            sentence = f"`{actor}` has no verb `{verb}`"
            raise Mistake.UNKNOWN_NAME.of(
                ScenarioError, sentence, entry.value.place, did_you_mean(verb, acts)
            )
        arguments = node.step("with")
        try:
            hopeful = shape.as_ not in self._hopeless  # What is to fail may name what is not there.
            act = self._arguments(acts[verb], arguments, entry.value, hopeful=hopeful)
        except ScenarioError as error:
            raise concealed(error, Privacy(self._household, self._library.kinds).words(node)) from None
        if shape.by is not None:
            self._check_user(actor, node.entries["by"])
        self._name(node, shape.as_)
        return Do(place, text, actor, act, alias=shape.as_, by=shape.by)

    def _acts_of(self, actor: str, node: Node) -> Mapping[str, type[Arguments]]:
        household = self._household
        if actor == NATURE:
            return NATURE_ACTS
        if actor == ROADS:
            return ROAD_ACTS
        if actor == ROAD_USERS:
            return ROAD_USER_ACTS
        if actor in household.people:
            return EVERY_PERSON_ACT
        if actor in household.devices:
            kind = self._library.kinds[household.devices[actor].kind]
            return {act.verb: act for act in kind.acts}
        sentence = f"there is no `{actor}` in household {household.name}"
        known = [*household.people, *household.devices, NATURE, ROADS, ROAD_USERS]
        raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, node.place, did_you_mean(actor, known))

    def _arguments(self, model: type[Arguments], entry: Entry | None, verb: Node, *, hopeful: bool) -> Any:
        node = Node({}, verb.place) if entry is None else entry.value
        act = validate(node, model, ScenarioError, key=verb if entry is None else entry.key)
        act = with_files(act, node, self._library.files, ScenarioError)
        for name, argument in node.entries.items():
            refers = reference_of(model, name)
            if refers is not None and argument.value.value is not None:
                self._check_reference(refers.to, refers.kind, argument.value)
        if hopeful:
            check_listed(node, model, self._household, self._household.devices.values(), ScenarioError)
        return self._typed(act, node, hopeful=hopeful) if isinstance(act, AskDevice) else act

    def _typed(self, ask: AskDevice, node: Node, *, hopeful: bool) -> AskDevice:
        """Return a question to any device with its arguments as that device's command takes them."""
        kind = self._library.kinds[self._household.devices[ask.device].kind]
        commands = {command.action: command for command in kind.commands}
        action = node.entries["action"]
        if ask.name not in commands:
            sentence = f"`{ask.device}` has no action `{ask.name}`"
            help_text = did_you_mean(ask.name, commands) or "it can be asked nothing"
            raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, action.value.place, help_text)
        written = node.step("arguments")
        values = Node({}, action.value.place) if written is None else written.value
        key = action.value if written is None else written.key
        command = validate(values, commands[ask.name], ScenarioError, key=key)
        if hopeful:
            asked = self._household.devices[ask.device]
            check_listed(values, commands[ask.name], self._household, [asked], ScenarioError)
        scenes = SceneReader(ask.device, self._household, self._library.kinds, ScenarioError)
        command = typed_command(command, values, scenes)
        return ask.model_copy(update={"values": command.model_dump(exclude_none=True)})

    def _check_reference(self, to: str, kind: str | None, node: Node) -> None:
        household = self._household
        devices = [name for name, entry in household.devices.items() if kind in {None, entry.kind}]
        known = {
            "person": list(household.people),
            "home": list(household.homes),
            "room": list(dict.fromkeys(room for home in household.homes.values() for room in home.rooms)),
            "device": devices,
            "road": list(household.roads),
            "spot": [*household.homes, *household.places],
            "place": [*household.homes, *household.places, *household.people, *household.devices],
        }[to]
        name = str(node.value)
        if name not in known:
            what = kind if kind is not None else to
            sentence = f"`{name}` is no {what} of household {household.name}"
            raise Mistake.UNKNOWN_NAME.of(ScenarioError, sentence, node.place, did_you_mean(name, known))

    def _check_user(self, actor: str, by: Entry) -> None:
        """Refuse somebody who uses what is no device, or who is not there."""
        if actor not in self._household.devices:
            sentence = f"`by` says who uses a device, and `{actor}` acts without one"
            raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, by.key.place, "delete it")
        self._check_reference("person", None, by.value)
        device = self._household.devices[actor]
        if not self._library.kinds[device.kind].shared and by.value.value != device.config.owner:
            owner = device.config.owner
            sentence = (
                f"`{actor}` acts as its owner, {owner}, and for nobody else"
                if owner is not None
                else f"`{actor}` is nobody's, and acts for nobody"
            )
            raise Mistake.WRONG_VALUE.of(ScenarioError, sentence, by.value.place, "leave `by` out")

    def _name(self, node: Node, alias: str | None) -> None:
        if alias is not None:
            self._conditions.declare(alias, node.entries["as"].value)

    def _advance(self, node: Node, place: Place, text: str, shape: Any) -> Advance:
        if isinstance(shape.advance, BaseModel):
            until = self._conditions.read(node.entries["advance"].value.entries["until"].value)
            return Advance(place, text, until=until, within_ms=shape.within)
        if shape.within is not None:
            sentence = "`within` belongs to `advance: {until: …}`; a plain advance lasts as long as it says"
            raise Mistake.WRONG_SECTION.of(
                ScenarioError, sentence, node.entries["within"].key.place, "delete it"
            )
        return Advance(place, text, duration_ms=shape.advance)

    def _say(self, node: Node, place: Place, text: str, shape: Any) -> Say:
        household = self._household
        if shape.by != STRANGER:
            self._check_reference("person", None, node.entries["by"].value)
        listeners = [
            name for name, entry in household.devices.items() if self._library.kinds[entry.kind].listens
        ]
        through_window = shape.from_.startswith(f"{OUTSIDE} ")
        microphone = shape.from_.removeprefix(f"{OUTSIDE} ")
        if shape.from_ != OUTSIDE and microphone not in listeners:
            sentence = f"`{microphone}` is no device that listens"
            help_text = did_you_mean(microphone, [*listeners, OUTSIDE])
            raise Mistake.UNKNOWN_NAME.of(
                ScenarioError, sentence, node.entries["from"].value.place, help_text
            )
        self._name(node, shape.as_)
        chinese = any("\u4e00" <= character <= "\u9fff" for character in shape.say)
        return Say(
            place,
            text,
            sentence=shape.say,
            by=shape.by,
            language=shape.lang or ("zh" if chinese else "en"),
            heard_by=None if shape.from_ == OUTSIDE else microphone,
            outside=through_window or shape.from_ == OUTSIDE,
            unsaid=without_value(place, node.entries["say"].value.place),
            alias=shape.as_,
        )

    def _always(self, node: Node) -> Always:
        verb, _ = _shape(node, ALWAYS_SHAPES)
        entry = node.entries[verb]
        conditions = self._conditions.read(entry.value, negated=verb == "never")
        lasting: list[FactCondition | FlowCondition] = []
        for one in conditions:
            if isinstance(one, CommandCondition):
                sentence = f"`{one.alias}` is a command; what always holds is about facts"
                raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, one.place, "assert it in a step")
            if isinstance(one, FlowCondition) and one.since is not None:
                sentence = "what always holds is about the whole run, and `since` about a part of it"
                raise Mistake.WRONG_SECTION.of(ScenarioError, sentence, one.place, "assert it in a step")
            lasting.append(one)
        place = entry.key.place
        return Always(place, place.source_line.strip(), tuple(lasting), negated=verb == "never")


def _shape(node: Node, shapes: Mapping[str, type[BaseModel]]) -> tuple[str, Any]:
    """Return which verb a step has, and its checked shape."""
    found = [name for name in node.entries if name in shapes]
    if len(found) != 1:
        words = ", ".join(f"`{verb}`" for verb in shapes)
        if found:
            sentence = f"a step has one verb, but here are `{found[0]}` and `{found[1]}`"
            raise Mistake.WRONG_VALUE.of(
                ScenarioError, sentence, node.entries[found[1]].key.place, "make two steps of it"
            )
        first = next(iter(node.entries.values()), None)
        if first is None:
            sentence = "a step is a mapping with one verb"
            raise Mistake.WRONG_VALUE.of(ScenarioError, sentence, node.place, f"begin it with one of {words}")
        sentence = f"unknown verb `{first.key.value}`"
        help_text = did_you_mean(str(first.key.value), shapes)
        raise Mistake.UNKNOWN_KEY.of(ScenarioError, sentence, first.key.place, help_text)
    return found[0], validate(node, shapes[found[0]], ScenarioError, key=node.entries[found[0]].key)


def _aliases(steps: Node) -> dict[str, Place]:
    """Return every name given by `as`, wherever it stands: for the error about using one too early."""
    found: dict[str, Place] = {}
    for step in steps.items:
        entry = step.step("as")
        if entry is not None:
            found.setdefault(str(entry.value.value), entry.value.place)
    return found


def _hopeless(steps: Node) -> frozenset[str]:
    """Return the names of what is expected to fail, as what asks for something that is not there does."""
    expected = (entry.value for step in steps.items if (entry := step.step("expect")) is not None)
    return frozenset(
        name for one in expected for name, entry in one.entries.items() if entry.value.written == "failed"
    )
