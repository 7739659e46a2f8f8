"""Remarks about rules that are hardly meant."""

import pytest

from sim.analysis.properties.lint import Remark, lint
from sim.analysis.sampling.enumeration import Enumeration, Reasoner
from sim.analysis.symbolic import Prover
from sim.policy.cedar import ROLES
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from tests.policy.small_home import KINDS, shipped_rules

VOCABULARY = Vocabulary.of(KINDS)
BUILT_IN = """
@id("household-key") @reason("r")
permit (principal in Role::"member", action in Action::"NearAccess", resource is Car);
@id("no-remote-driving") @reason("r") @instead("i")
forbid (principal, action in Action::"RemoteDriving", resource);
@id("parked-only") @reason("r") @instead("i")
forbid (principal, action in Action::"ParkedOnly", resource) when { context.moving };
@id("key-in-range") @reason("r") @instead("i")
forbid (principal, action in Action::"NearAccess", resource)
unless { context has distance_cm && context.distance_cm <= 200 };
"""


@pytest.fixture(scope="module", params=["prover", "enumeration"])
def reasoner(request: pytest.FixtureRequest) -> Reasoner:
    """Whoever looks at the rules: both must see the same."""
    if request.param == "prover":
        return Prover(VOCABULARY.to_json(), closed=True, fixed=ROLES)
    return Enumeration(VOCABULARY.to_json(), fixed=ROLES, questions_max=5_000)


def remarks(rule: str, reasoner: Reasoner | None) -> list[Remark]:
    """Return the remarks about a rule of the user's, beside those that are built in."""
    own = f'@id("own") @reason("r") @instead("i")\n{rule}'
    book = RuleBook.read([("rules/home.cedar", BUILT_IN)], VOCABULARY, [("own.cedar", own)])
    return lint(book, reasoner, only=["own"], fixed=ROLES)


def sentence(remark: Remark) -> str:
    """Return what a remark says, without what only says how sure it is."""
    return remark.sentence.removesuffix(", as far as boundary values show")


@pytest.mark.parametrize(
    "rule",
    [
        'permit (principal in Role::"guest", action == Action::"lock", resource);',
        'forbid (principal in Role::"child", action == Action::"unlock", resource);',
        'permit (principal, action == Action::"unlock", resource) when { context has worn && context.worn };',
    ],
)
def test_rule_that_does_something_has_no_remarks(reasoner: Reasoner, rule: str) -> None:
    """What can be meant is not remarked on."""
    assert remarks(rule, reasoner) == []


UNLOCK = 'principal, action == Action::"unlock", resource'


@pytest.mark.parametrize(
    ("rule", "oddity", "expected"),
    [
        (
            'permit (principal, action in Action::"RemoteDriving", resource);',
            "no-effect",
            "has no effect: whatever it permits is forbidden by `no-remote-driving`",
        ),
        (
            f"permit ({UNLOCK}) when {{ context.moving }};",
            "no-effect",
            "has no effect: whatever it permits is forbidden by `parked-only`",
        ),
        (
            f"permit ({UNLOCK}) when {{ context.moving || !(context has distance_cm) }};",
            "no-effect",
            "has no effect: whatever it permits is forbidden by several rules together",
        ),
        (
            'permit (principal, action in [Action::"steer", Action::"summon", Action::"lock"], resource);',
            "no-effect",
            "has no effect for `steer`, `summon`, forbidden by `no-remote-driving`",
        ),
        (
            """permit (principal, action in [Action::"steer", Action::"unlock", Action::"lock"], resource)
            when { context.moving };""",
            "no-effect",
            (
                "has no effect for `steer`, forbidden by `no-remote-driving`;"
                " nor for `unlock`, forbidden by `parked-only`"
            ),
        ),
        (
            """permit (principal, action == Action::"lock", resource)
            when { context.moving && !context.moving };""",
            "dead",
            "never applies",
        ),
        (
            'permit (principal in Role::"owner", action == Action::"unlock", resource is Car);',
            "redundant",
            "is not needed: whatever it permits, others permit as well",
        ),
        (
            f"forbid ({UNLOCK}) when {{ context.moving && context.fresh }};",
            "redundant",
            "is not needed: whatever it forbids, others forbid as well",
        ),
    ],
)
def test_rule_that_does_nothing_is_remarked_on(
    reasoner: Reasoner, rule: str, oddity: str, expected: str
) -> None:
    """Why a rule might as well not be there is said once, by the rule that makes it so."""
    (remark,) = remarks(rule, reasoner)

    assert (remark.oddity, sentence(remark)) == (oddity, f"rule `own` {expected}")
    assert (remark.rule, str(remark.place)) == ("own", "own.cedar:1:1")
    assert remark.help_text


def test_remark_that_is_not_proved_says_so() -> None:
    """Without a prover, what was only looked at is not called certain."""
    rule = 'permit (principal, action in Action::"RemoteDriving", resource);'
    prover = Prover(VOCABULARY.to_json(), closed=True, fixed=ROLES)

    (shown,), (proved,) = remarks(rule, None), remarks(rule, prover)

    assert shown.sentence == f"{proved.sentence}, as far as boundary values show"


def test_rule_that_can_err_is_remarked_on_with_a_request(reasoner: Reasoner) -> None:
    """Numbers that grow too large make a rule err; a request shows it."""
    (remark,) = remarks(
        'forbid (principal, action == Action::"unlock", resource)\nwhen { context.expires_in_ms + 1 > 300 };',
        reasoner,
    )

    assert remark.oddity == "errs"
    assert remark.sentence == "rule `own` can err, and whoever asks is then refused without a reason"
    assert remark.question is not None
    assert remark.question.context["expires_in_ms"] == 2**63 - 1
    record = remark.to_record()
    assert record["question"] == remark.question.to_record()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("permit (principal, action, resource);", "rule `own` permits everything to everybody"),
        ("forbid (principal, action, resource);", "rule `own` forbids everything"),
    ],
)
def test_rule_about_everything_is_remarked_on(reasoner: Reasoner, rule: str, expected: str) -> None:
    """A rule without any scope or condition is hardly meant."""
    first, *_ = remarks(rule, reasoner)

    assert (first.oddity, first.sentence) == ("everything", expected)


def test_annotations_that_say_too_little_are_remarked_on() -> None:
    """A forbid says what is allowed instead, and a quote where it comes from."""
    text = """
        @id("bare") @reason("r") forbid (principal in Role::"child", action == Action::"start", resource);
        @id("quoted") @reason("r") @quote("words")
        permit (principal in Role::"guest", action == Action::"lock", resource);
    """
    book = RuleBook.read([("odd.cedar", text)], VOCABULARY)

    found = lint(book, fixed=ROLES)

    assert [(one.oddity, one.rule) for one in found] == [("no-instead", "bare"), ("quote-alone", "quoted")]
    assert found[0].sentence == "rule `bare` forbids, and does not say what is allowed instead"
    assert found[1].help_text == 'add `@article("000")`'
    assert found[0].to_record() == {
        "kind": "remark",
        "oddity": "no-instead",
        "rule": "bare",
        "place": "odd.cedar:2:9",
        "sentence": found[0].sentence,
        "help": 'add `@instead("…")`',
        "question": None,
    }


def test_remarks_stand_in_the_order_of_the_files() -> None:
    """Whatever decides first, remarks are read from top to bottom."""
    first, second = (
        "".join(
            f'@id("{name}-{action}") @reason("r")forbid (principal, action == Action::"{action}", resource);'
            for action in ("lock", "heat", "steer", "start")
        )
        for name in ("first", "second")
    )
    book = RuleBook.read([("b.cedar", first), ("a.cedar", second)], VOCABULARY)

    places = [
        (one.place.file, one.place.line) for one in lint(book, fixed=ROLES) if one.oddity == "no-instead"
    ]

    assert places == sorted(places)
    assert len(places) == 8


def test_shipped_rules_have_nothing_odd_about_them() -> None:
    """Of the rules that ship, none can err, none is dead, and none is without effect."""
    book = RuleBook.read(shipped_rules(), VOCABULARY)
    prover = Prover(VOCABULARY.to_json(), closed=True, fixed=ROLES)

    found = [one for one in lint(book, prover) if one.oddity in ("errs", "everything", "no-effect")]

    assert found == []
