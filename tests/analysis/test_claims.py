"""Claims files, and what becomes of their claims."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from sim.analysis.evaluation.words import Words
from sim.analysis.properties.claims import Bench, Claim, ClaimResult, ClaimsFile, judge_claims
from sim.analysis.question import Finding, Question, Uid
from sim.analysis.sampling.enumeration import Enumeration, Reasoner, Trees, forbids_of
from sim.analysis.symbolic import Prover
from sim.core.errors import Place, PolicyError, SimError, UsageError
from sim.policy.cedar import ROLES
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from tests.policy.small_home import KINDS

VOCABULARY = Vocabulary.of(KINDS)
BUILT_IN = """
@id("household-key") @reason("r")
permit (principal in Role::"member", action in Action::"NearAccess", resource is Car);
@id("household-locks") @reason("r")
permit (principal in Role::"member", action in Action::"Secure", resource);
@id("key-in-range") @reason("r") @instead("i")
forbid (principal, action in Action::"NearAccess", resource)
unless { context has distance_cm && context.distance_cm <= 200 };
@id("parked-only") @reason("r") @instead("i")
forbid (principal, action in Action::"ParkedOnly", resource) when { context.moving };
@id("no-remote-driving") @reason("r") @instead("i")
forbid (principal, action in Action::"RemoteDriving", resource);
"""
OWN = """
@id("guests-heat") @reason("r")
permit (principal in Role::"guest", action in Action::"HomeControl", resource);
"""
BOOK = RuleBook.read([("rules/home.cedar", BUILT_IN)], VOCABULARY, [("own.cedar", OWN)])
SCHEMA = VOCABULARY.to_json()

REMOTE = 'permit (principal, action in Action::"RemoteDriving", resource);'
MOVING = 'permit (principal, action in Action::"ParkedOnly", resource) when { context.moving };'
FAR = (
    'permit (principal, action in Action::"NearAccess", resource)'
    " unless { context has distance_cm && context.distance_cm <= 200 };"
)


ROBUST = "".join(
    f"  - {{name: {name}, robust: true, never: '{area}'}}\n"
    for name, area in (("remote", REMOTE), ("far", FAR), ("moving", MOVING))
)
"""Claims that say all that the rules forbid."""


def read(text: str, rules_at: Callable[[str], Trees] | None = None) -> ClaimsFile:
    """Return the claims in a text."""
    return ClaimsFile.read("home.claims.yaml", text, VOCABULARY, rules_at)


def claim(line: str) -> ClaimsFile:
    """Return a file with one claim."""
    return read(f"claims:\n  - name: it\n    {line}\n")


@pytest.fixture(scope="module", params=["prover", "enumeration"])
def reasoner(request: pytest.FixtureRequest) -> Reasoner:
    """Whoever answers claims: both must."""
    if request.param == "prover":
        return Prover(SCHEMA, closed=True, fixed=ROLES)
    return Enumeration(SCHEMA, fixed=ROLES)


def judged(claims: ClaimsFile, reasoner: Reasoner | None = None, book: RuleBook = BOOK) -> list[ClaimResult]:
    """Return what becomes of claims."""
    return list(judge_claims(claims, book, book.built_in, reasoner, fixed=ROLES))


def is_sure(reasoner: Reasoner | None) -> str:
    """Return what becomes of a claim that nothing speaks against."""
    return "proved" if isinstance(reasoner, Prover) else "held"


# --- files ------------------------------------------------------------------------------------------


def test_file_is_read_with_everything_in_it() -> None:
    """Names, kinds, rows, areas and targets are all there."""
    before: Trees = {}
    file = read(
        f"""
claims:
  - name: never
    rows: [M34, X01]
    robust: true
    never: '{REMOTE}'
  - name: always
    always: |
      permit (principal in Role::"owner", action == Action::"lock", resource);
      permit (principal in Role::"guest", action == Action::"heat", resource);
  - {{name: same, same-as: built-in}}
  - {{name: narrower, narrower-than: forbids}}
  - {{name: before, same-as: ./before}}
  - {{name: covers, covers: forbids}}
""",
        {"./before": before}.__getitem__,
    )

    assert file.file == "home.claims.yaml"
    assert [one.kind for one in file.claims] == [
        "never",
        "always",
        "same-as",
        "narrower-than",
        "same-as",
        "covers",
    ]
    first, second, _, _, fifth, sixth = file.claims
    assert (first.rows, first.robust, str(first.place)) == (("M34", "X01"), True, "home.claims.yaml:3:11")
    assert (list(first.area), list(second.area)) == (["area-1-1"], ["area-2-1", "area-2-2"])
    assert (fifth.target, fifth.rules) == ("./before", before)
    assert sixth.target == "forbids"
    assert list(file.robust_areas) == ["area-1-1"]


OK = f"never: '{REMOTE}'"


@pytest.mark.parametrize(
    ("text", "where", "sentence", "help_text"),
    [
        ("claims: []", "1:9", "`claims` is a list of 0, expected at least 1", None),
        ("clams: []", "1:1", "unknown key `clams`", "did you mean `claims`?"),
        ("claims:\n  - {nam: a}", "2:6", "unknown key `nam`", "did you mean `name`?"),
        (f"claims:\n  - {OK}", "2:5", "key `name` is missing in entry 1 of `claims`", None),
        (
            "claims:\n  - {name: '', covers: forbids}",
            "2:12",
            "`name` is ``, expected at least 1 characters",
            None,
        ),
        (
            "claims:\n  - name: a",
            "2:11",
            "claim `a` claims nothing",
            "say `never`, `always`, `same-as`, `narrower-than` or `covers`",
        ),
        (
            f"claims:\n  - name: a\n    {OK}\n    same-as: built-in",
            "4:5",
            "claim `a` has `never` and `same-as`",
            "make two claims of it",
        ),
        (
            "claims:\n  - {name: a, covers: forbids, robust: true}",
            "2:32",
            "`covers` cannot be `robust`",
            "only `never` can hold even if everything else were permitted",
        ),
        (
            "claims:\n  - {name: a, covers: permits}",
            "2:23",
            "`covers` is `permits`, expected `forbids`",
            None,
        ),
        (
            f"claims:\n  - name: a\n    {OK}\n    rows: [M1]",
            "4:12",
            "entry 1 of `rows` is `M1`, expected text of the form `^[A-Z][0-9]{2}$`",
            None,
        ),
        (
            "claims:\n  - {name: a, covers: forbids}\n  - {name: a, covers: forbids}",
            "3:12",
            "there is a claim `a` already",
            "the first one is on line 2",
        ),
        (
            "claims:\n  - {name: a, same-as: buit-in}",
            "2:24",
            "there are no rules called `buit-in`",
            "did you mean `built-in`?",
        ),
        (
            "claims:\n  - {name: a, same-as: ./before}",
            "2:24",
            "there are no rules called `./before`",
            "say `built-in` or `forbids`",
        ),
        (
            "claims:\n  - {name: a, never: }",
            "2:15",
            "`never` is empty, expected text",
            None,
        ),
        (
            "claims:\n  - {name: a, never: ''}",
            "2:22",
            "an area is one rule or more, and here is none",
            "write `permit (…);`",
        ),
        (
            "claims:\n  - {name: a, never: '@id(\"x\") permit (principal, action, resource);'}",
            "2:23",
            "an area has no annotations",
            "begin it with `permit`",
        ),
    ],
)
def test_file_that_cannot_be_is_refused_at_its_place(
    text: str, where: str, sentence: str, help_text: str | None
) -> None:
    """Whatever is wrong is said in a sentence, with its line and column, however YAML has it written."""
    with pytest.raises(PolicyError) as refused:
        read(text)

    assert (str(refused.value.place), refused.value.sentence) == (f"home.claims.yaml:{where}", sentence)
    assert refused.value.help_text == help_text


AREA = 'permit (principal, action == Action::"unlok", resource);'


@pytest.mark.parametrize(
    ("area", "line", "underlined", "sentence"),
    [
        ("'permit (principal, action, resource)'", 3, ")", "cannot be read: the rule goes on after this"),
        ("'permit (principal, action = x, resource);'", 3, "=", "cannot be read: "),
        (f"|\n      // all\n      {AREA}\n", 5, "unlok", "can never be right: unrecognized action"),
        (f">-\n\n      permit\n      {AREA[6:]}\n", 6, "unlok", "can never be right: unrecognized action"),
        (f"permit\n      {AREA[6:]}\n", 4, "unlok", "can never be right: unrecognized action"),
        (f"'{AREA}'", 3, "unlok", "can never be right: unrecognized action"),
        (json.dumps(AREA), 3, "unlok", "can never be right: unrecognized action"),
        (f"|\n      {REMOTE}\n      {AREA}", 5, "unlok", "can never be right: unrecognized action"),
        (
            "|\n      permit (principal, action,\n      resource)\n        when { context.movin };",
            6,
            "movin",
            "can never be right: attribute `movin` in context",
        ),
        (
            "'permit (principal, action, resource) when { context.moving < 9 };'",
            3,
            "context.moving < 9",
            "can never be right: ",
        ),
    ],
)
def test_mistake_in_an_area_is_underlined_in_the_file(
    area: str, line: int, underlined: str, sentence: str
) -> None:
    """The word that is wrong is underlined where it stands, however YAML has the area written."""
    with pytest.raises(PolicyError) as refused:
        read(f"claims:\n  - name: a\n    never: {area}")

    place = refused.value.place
    assert place is not None
    assert (place.file, place.line) == ("home.claims.yaml", line)
    assert underlined in place.source_line[place.column - 1 : place.column - 1 + place.length]
    assert place.length <= len(underlined) + len('Action::""')
    assert refused.value.sentence.startswith(f"the area {sentence}")


def test_mistake_behind_an_escape_is_placed_at_the_area() -> None:
    """Where YAML spells a character otherwise, the area as a whole is underlined."""
    area = '"\\u0070ermit (principal, action, resource is Cra);"'
    with pytest.raises(PolicyError) as refused:
        read(f"claims:\n  - name: a\n    never: {area}")

    place = refused.value.place
    assert place is not None
    assert place.source_line[place.column - 1 :] == area


def test_area_with_something_to_fill_in_is_refused() -> None:
    """Nothing fills in a placeholder."""
    with pytest.raises(PolicyError) as refused:
        read("claims:\n  - name: a\n    never: permit (principal == ?principal, action, resource);")

    assert str(refused.value.place).startswith("home.claims.yaml:3:")
    assert "?principal" in refused.value.sentence


@pytest.mark.parametrize(
    ("there", "shown"), [(None, "home.claims.yaml:2:24"), (Place("before.cedar", 3, 4), "before.cedar:3:4")]
)
def test_mistake_at_a_path_is_placed_in_its_rules_or_where_it_is_named(
    there: Place | None, shown: str
) -> None:
    """What is wrong in rules elsewhere is shown there; that there are none, where the claim names them."""

    def nothing(path: str) -> Trees:
        msg = f"there is no `{path}`"
        raise UsageError(msg, place=there)

    with pytest.raises(SimError) as refused:
        read("claims:\n  - {name: a, same-as: ./before}", nothing)

    assert (refused.value.sentence, str(refused.value.place)) == ("there is no `./before`", shown)


# --- judging ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        f"never: '{REMOTE}'",
        f"never: '{FAR}'",
        f"robust: true\n    never: '{REMOTE}'",
        f"robust: true\n    never: '{MOVING} {FAR}'",
        'always: permit (principal in Role::"owner", action == Action::"lock", resource);',
        'always: permit (principal in Role::"guest", action == Action::"heat", resource);',
        "narrower-than: forbids",
    ],
)
def test_claim_that_holds_is_proved_or_held(reasoner: Reasoner, line: str) -> None:
    """What holds is proved by the prover, and held by an enumeration that does not call it proved."""
    (result,) = judged(claim(line), reasoner)

    assert (result.status, result.passed, result.question) == (is_sure(reasoner), True, None)
    assert result.checked > 0


@pytest.mark.parametrize(
    ("line", "outcome", "against"),
    [
        (
            'never: permit (principal, action in Action::"Secure", resource);',
            ("permitted", ("household-locks",)),
            None,
        ),
        (
            'robust: true\n    never: permit (principal is Stranger, action in Action::"Secure", resource);',
            ("permitted", ("everything is permitted",)),
            None,
        ),
        ('always: permit (principal, action in Action::"Secure", resource);', ("not_permitted", ()), None),
        ("same-as: built-in", ("permitted", ("guests-heat",)), ("not_permitted", ())),
        ("narrower-than: built-in", ("permitted", ("guests-heat",)), ("not_permitted", ())),
    ],
)
def test_claim_that_does_not_hold_is_refuted_by_a_request(
    reasoner: Reasoner,
    line: str,
    outcome: tuple[str, Sequence[str]],
    against: tuple[str, Sequence[str]] | None,
) -> None:
    """A request and the engine's answers to it show that a claim is wrong."""
    (result,) = judged(claim(line), reasoner)

    assert (result.status, result.passed) == ("refuted", False)
    assert result.question is not None
    assert result.verdict is not None
    assert (result.verdict.outcome, result.verdict.rules) == outcome
    assert (result.against and (result.against.outcome, result.against.rules)) == against


def test_claim_about_robust_areas_says_what_they_leave_out(reasoner: Reasoner) -> None:
    """`covers` holds if every forbid lies in a robust area, and is refuted by a request otherwise."""
    covers = "  - {name: all, covers: forbids}\n"
    whole = read(f"claims:\n{ROBUST}{covers}")
    gap = read(f"claims:\n{ROBUST.replace('robust: true', 'robust: false', 1)}{covers}")

    assert [one.status for one in judged(whole, reasoner)] == [is_sure(reasoner)] * 4
    *_, last = judged(gap, reasoner)
    assert last.status == "refuted"
    assert last.question is not None
    assert "RemoteDriving" in Words(SCHEMA).groups(last.question.action)


def test_selected_claims_are_judged_as_in_their_file(reasoner: Reasoner) -> None:
    """Who asks for `covers` alone does not lose the areas it is about."""
    file = read(f"claims:\n{ROBUST}  - {{name: all, covers: forbids}}\n")

    (result,) = judged(replace(file, claims=file.claims[-1:]), reasoner)

    assert result.status == is_sure(reasoner)


def test_claim_can_compare_with_rules_at_a_path(reasoner: Reasoner) -> None:
    """Rules elsewhere are compared with as they are."""
    text = "claims:\n  - {name: same, same-as: ./here}\n  - {name: less, narrower-than: ./nothing}\n"
    rules = {"./here": BOOK.trees, "./nothing": {}}

    same, less = judged(read(text, rules.__getitem__), reasoner)

    assert (same.passed, less.status) == (True, "refuted")


def test_claims_are_held_against_requests_where_there_is_no_prover() -> None:
    """Without a prover nothing is called proved, and it is said how far was looked."""
    (result,) = judged(claim(f"never: '{REMOTE}'"))

    assert result.status == "held"
    assert result.note == (
        f"held for {result.checked:,} requests of boundary values; not a proof: install carhome[verify]"
    )


# --- whoever answers may be wrong -------------------------------------------------------------------


class Liar(Enumeration):
    """A reasoner with a planted answer."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(SCHEMA)
        self._finding = finding

    def _look(self, *_: object) -> Finding:  # type: ignore[override]
        return self._finding


INNOCENT = Question(
    Uid("Person", "lin"),
    "lock",
    Uid("Car", "su7"),
    {
        "authenticated": True,
        "fresh": True,
        "built_in": False,
        "moving": False,
        "expires_in_ms": 1,
        "asker_drives": False,
    },
    [
        *ROLES,
        {"uid": {"type": "Person", "id": "lin"}, "attrs": {}, "parents": [{"type": "Role", "id": "owner"}]},
    ],
)


@pytest.mark.parametrize(
    "line",
    [
        f"never: '{REMOTE}'",
        f"robust: true\n    never: '{MOVING}'",
        'always: permit (principal in Role::"owner", action == Action::"lock", resource);',
        'always: permit (principal in Role::"guest", action == Action::"lock", resource);',
        "same-as: built-in",
        "narrower-than: forbids",
        "covers: forbids",
    ],
)
def test_counterexample_that_is_none_to_the_engine_refutes_nothing(line: str) -> None:
    """A question that the engine answers as the claim says makes the claim unknown, not refuted."""
    (result,) = judged(claim(line), Liar(Finding("refuted", INNOCENT)))

    assert (result.status, result.passed, result.question) == ("unknown", False, None)
    assert "the engine does not confirm" in result.note


def test_counterexample_that_is_not_shown_refutes_nothing() -> None:
    """Whoever says that there is one must show it."""
    (result,) = judged(claim(f"never: '{REMOTE}'"), Liar(Finding("refuted")))

    assert (result.status, result.note) == ("unknown", "a counterexample is said to be there, but not shown")


def test_what_is_unknown_is_no_proof() -> None:
    """A prover that gives up leaves a claim unknown, with its reason."""
    (result,) = judged(claim(f"never: '{REMOTE}'"), Liar(Finding("unknown", note="it took too long")))

    assert (result.status, result.passed, result.note) == ("unknown", False, "it took too long")


def test_what_cannot_be_asked_is_unknown() -> None:
    """Rules that a reasoner does not understand are no reason to stop, and no proof."""

    class Helpless(Enumeration):
        def _look(self, *_: object) -> Finding:  # type: ignore[override]
            msg = "`like` is not known here"
            raise PolicyError(msg)

    (result,) = judged(claim(f"never: '{REMOTE}'"), Helpless(SCHEMA))

    assert (result.status, result.note) == ("unknown", "`like` is not known here")


def test_question_can_be_held_against_a_claim() -> None:
    """A request from elsewhere refutes a claim if the engine agrees."""
    (one,) = claim('never: permit (principal in Role::"owner", action == Action::"lock", resource);').claims
    bench = Bench(BOOK.trees, BOOK.built_in.trees, SCHEMA, {}, Enumeration(SCHEMA))

    result = bench.refuted_by(one, INNOCENT)

    assert isinstance(result.claim, Claim)
    assert (result.status, result.question) == ("refuted", INNOCENT)
    assert list(forbids_of(BOOK.trees)) == ["no-remote-driving", "key-in-range", "parked-only"]
