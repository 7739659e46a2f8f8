"""Explanations as people read them: 80 columns, the answer first, then why, then what would be allowed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.explanation.reasons import Explanation, explain
from sim.core.device import Presence
from sim.policy.decision import AccessRequest, Decision
from sim.report.folding import COLUMNS_MAX, columns_of
from sim.report.policy.explanations import explanation_lines
from sim.report.style import COLOURED, PLAIN
from tests.analysis.asking import ANYBODY, POINT, PROVER, SHIPPED, at_till, forbid, permit, question, till
from tests.policy.small_home import CarCircumstances, asked


def told(request: AccessRequest) -> Explanation:
    """Return why the small home answers a request as it does."""
    recorded = POINT.decide(request).to_record()
    return explain(SHIPPED, question(request), PROVER, recorded=recorded, command=request.action)


def lines(explanation: Explanation) -> list[str]:
    """Return the lines without colours."""
    return explanation_lines(explanation, PLAIN).splitlines()


def place(rule: str) -> str:
    """Return where a shipped rule stands."""
    return str(SHIPPED.book.rules[rule].place)


FAR = CarCircumstances(distance_cm=350, key_role="owner")


def test_forbidden_reads_from_the_answer_to_the_way_out() -> None:
    """First the answer, then the rule with its reason, conditions and source, then what would be allowed."""
    assert lines(told(asked("unlock", circumstances=FAR))) == [
        '✕ forbidden: the rules forbid `unlock` of `Car::"su7"` to `Person::"lin"` in',
        "  `owner` and `member`",
        f"  key-in-range forbids it ({place('key-in-range')})",
        "    whoever opens the car must be within 2 m of it, and the car does not measure",
        "    that",
        '    ✓ `action in Action::"NearAccess"` is true: `unlock` is in `NearAccess` and',
        "      `ParkedOnly`",
        "    ✗ `context.distance_cm <= 200` is false: `context.distance_cm` is 350",
        "    article 000: “Operating a vehicle from a distance through a smartphone may",
        "    not provide the same level of awareness and responsiveness as being",
        "    physically present inside the car”",
        "  nearest allowed: 1 change",
        "    - come within 2 m of the car, or lock it from where you are:",
        "      `context.distance_cm` from 350 to 200",
        "  allowed instead: `lock`; `refresh_status`",
    ]


def test_permitted_has_nothing_to_offer() -> None:
    """What is permitted says by which rule, and no more."""
    shown = lines(told(asked("lock")))

    assert shown[0].startswith("✓ permitted: the rules permit `lock` of ")
    assert any(line.startswith("  household-locks-from-anywhere permits it (") for line in shown)
    assert not any("allowed" in line or "instead" in line for line in shown)


def test_not_permitted_says_what_every_permit_misses() -> None:
    """Each permit of the action says what is not so, and another asker is offered with a note."""
    shown = lines(told(asked("snapshot", "camera", principal="jun")))

    assert shown[0] == '∅ not permitted: no rule permits `snapshot` of `Camera::"camera"` to'
    assert shown[2] == f"  household-views-camera would permit it ({place('household-views-camera')}), but"
    assert '    ✗ `principal in Role::"member"` is false: `Person::"jun"` is in `guest`' in shown
    assert "  nearest allowed: 1 change; nothing about the moment would be enough for" in shown


def test_never_says_that_it_is_proved_and_what_else_there_is() -> None:
    """What is never allowed says so, how that is known, the rule's own advice and other actions."""
    shown = lines(told(asked("steer")))

    assert "    instead: see battery, charging and climate in the app, or get in and drive" in shown
    assert "  never allowed: the rules allow `steer` on any `Car` to nobody, whatever the" in shown
    assert "    moment: proved for all requests" in shown
    assert sum(line.startswith("  allowed instead: `lock`") for line in shown) == 1
    offered = " ".join(" ".join(shown).split()).partition("allowed instead:")[2]
    assert offered.count(";") == 2  # three of them; the record has all
    assert '`lock`, if `context.key_role` is "friend"' in offered


def test_unknown_says_that_nothing_is_proved() -> None:
    """What could not be proved is not called never."""
    rules = till(permit("context.approved"), forbid("context.built_in"))
    explained = explain(rules, at_till())
    assert explained.nearest is not None
    cut = replace(explained, nearest=replace(explained.nearest, outcome="unknown", note="cut short"))

    assert "  perhaps never allowed: cut short" in lines(cut)


def test_not_evaluated_has_the_rule_and_the_engine() -> None:
    """What erred is marked, and the engine's words follow."""
    rules = till(ANYBODY, forbid("context has spent && context.spent + context.amount > 9"))

    shown = lines(explain(rules, at_till(spent=2**63 - 1)))

    assert shown[0].startswith("⚠ not evaluated: the rules could not be evaluated for `pay` of ")
    assert "  r1 could not be evaluated (till.cedar:2:1)" in shown
    assert "    ! `context.spent + context.amount > 9` errs: `context.spent` is" in shown
    assert any("overflow" in line for line in shown)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (
            Decision(
                "refused", (), "it came too late", layer="freshness", code="EXPIRED", because="of dawdling"
            ),
            ["✕ refused: it came too late", "  because of dawdling (freshness, EXPIRED)"],
        ),
        (
            Decision("refused", (), "too many", layer="rate"),
            ["✕ refused: too many", "  refused by a check before the rules (rate)"],
        ),
    ],
)
def test_refused_names_the_check(decision: Decision, expected: list[str]) -> None:
    """What an earlier check refused says which, and what it found."""
    assert lines(explain(SHIPPED, None, recorded=decision.to_record())) == expected


def test_unknown_command_has_a_suggestion_and_no_proof() -> None:
    """Of a command that does not exist, only what may have been meant and what there is is told."""
    shown = lines(told(asked("unlok")))

    assert shown[:2] == [
        '∅ not permitted: `Car::"su7"` is a `Car`, which has no command `unlok`',
        "  did you mean `unlock`?",
    ]
    assert shown[2].startswith("  allowed instead: ")
    assert not any("never" in line for line in shown)


def test_other_answer_than_recorded_is_noted() -> None:
    """That the rules have changed since is said above them."""
    far = asked("unlock", circumstances=FAR)
    recorded = {**POINT.decide(far).to_record(), "rules": ["old"]}

    shown = lines(explain(SHIPPED, question(far), recorded=recorded))

    assert shown[2] == "  note: the rules now answer `forbidden` by `key-in-range`; recorded was"
    assert shown[3] == "    `forbidden` by `old`"


def test_source_is_quoted_once_and_advice_is_given_once() -> None:
    """Two rules from the same sentence quote it once, and advice is not repeated."""
    shown = "\n".join(lines(told(asked("unlock", authenticated=False, fresh=False))))

    assert shown.count("stringent security measures") == 1
    assert shown.count("instead: ask from a device that the household has enrolled") == 1
    assert shown.count("send a new one: ") == 1


def test_what_others_wrote_cannot_reach_the_terminal() -> None:
    """Whatever names hold, nothing that a terminal would obey gets through."""
    evil = "\x1b[2J\u202e"
    explained = explain(SHIPPED, replace(question(asked("unlock")), action=evil), command=evil)

    shown = explanation_lines(explained, PLAIN)

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[2J\\u202e" in shown


def test_colours_change_no_word() -> None:
    """With colours the text is the same."""
    for request in (asked("unlock"), asked("unlock", circumstances=FAR), asked("steer")):
        explained = told(request)
        coloured = explanation_lines(explained, COLOURED)
        for sequence in {value for value in vars_of(COLOURED) if value}:
            coloured = coloured.replace(sequence, "")
        assert coloured == explanation_lines(explained, PLAIN)


def vars_of(style: object) -> list[str]:
    """Return the escape sequences of a style."""
    return [getattr(style, name) for name in ("good", "bad", "doubt", "faint", "strong", "end")]


@settings(max_examples=40)
@given(
    request_=st.builds(
        asked,
        action=st.sampled_from(["unlock", "start", "lock", "unplug", "open_pairing", "steer", "fly"]),
        principal=st.sampled_from(["lin", "mei", "tao", "jun", None]),
        authenticated=st.booleans(),
        circumstances=st.builds(
            CarCircumstances,
            moving=st.booleans(),
            code=st.sampled_from([None, "NO_PROOF", "TOO_FAR"]),
            distance_cm=st.sampled_from([None, 60, 300]),
            key_role=st.sampled_from([None, "owner", "friend"]),
        ),
        presence=st.builds(Presence, worn=st.sampled_from([None, True, False])),
    )
)
def test_every_line_fits(request_: AccessRequest) -> None:
    """Whatever is explained fits a terminal of 80 columns, but for single words."""
    for line in lines(told(request_)):
        assert columns_of(line) <= COLUMNS_MAX or " " not in line.strip()
