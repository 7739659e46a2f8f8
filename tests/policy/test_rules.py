"""Rule files: what is read, and what is refused where."""

import pytest

from sim.analysis.symbolic import Prover
from sim.core.errors import PolicyError
from sim.policy.rules import RuleBook
from sim.policy.schema import Vocabulary
from sim.shell.files import Shelf
from tests.policy.small_home import shipped_rules

GOOD = '@id("a")\n@reason("because")\npermit (principal, action, resource);\n'
HEAD = '@id("b")\n@reason("because")\n'


def refused(vocabulary: Vocabulary, text: str) -> PolicyError:
    """Return the error of a file, which stands after a good one."""
    with pytest.raises(PolicyError) as caught:
        RuleBook.read([("good.cedar", GOOD), ("bad.cedar", text)], vocabulary)
    assert caught.value.place is not None
    lines = text.split("\n")
    assert caught.value.place.source_line == lines[caught.value.place.line - 1]
    return caught.value


def test_rule_has_what_its_annotations_say(book: RuleBook) -> None:
    """Id, reason, article, quote, advice and place of a rule come from its file."""
    rule = book.rules["no-remote-driving"]

    assert rule.effect == "forbid"
    assert rule.reason.startswith("moving the car from a distance is not offered")
    assert rule.article == "000"
    assert rule.quote == "While full remote control might not be the safest approach"
    assert rule.instead == "see battery, charging and climate in the app, or get in and drive"
    assert str(rule.place).startswith("remote_motion.cedar:")
    assert rule.place.source_line == '@id("no-remote-driving")'


def test_rule_without_article_has_none(book: RuleBook) -> None:
    """What an author does not say is None, not empty."""
    rule = book.rules["household-uses-screens"]

    assert (rule.article, rule.quote, rule.instead) == (None, None, None)


def test_every_shipped_rule_has_an_unbroken_quote() -> None:
    """A quote comes with the number of its article, in every file that ships."""
    for name, text in shipped_rules():
        assert text.startswith("// "), name
        assert text.count("@quote") == text.count("@article"), name


def test_rules_are_sorted_by_weight(vocabulary: Vocabulary) -> None:
    """The absolute speaks first, then what holds for every action, then the order of the files."""
    texts = {
        "one": 'forbid (principal, action == Action::"lock", resource) when { context.moving };',
        "all": "forbid (principal, action, resource) unless { context.authenticated };",
        "car": 'forbid (principal, action == Action::"lock", resource is Car);',
        "never": 'forbid (principal, action == Action::"steer", resource);',
    }
    files = [(name, f'@id("{name}") @reason("x") {text}') for name, text in texts.items()]

    book = RuleBook.read(files, vocabulary)

    assert list(book.rules) == ["never", "all", "one", "car"]


def test_no_file_gives_an_empty_book(vocabulary: Vocabulary) -> None:
    """No rules are no error of a file."""
    assert RuleBook.read([], vocabulary).rules == {}


PERMIT = "permit (principal, action, resource)"
IN_CONTEXT = 'in context for Action::"unlock"'


@pytest.mark.parametrize(
    ("text", "where", "sentence"),
    [
        (
            f"{HEAD}{PERMIT}\nwhen {{ context.moving > }};",
            "4:25",
            "unexpected token `}`",
        ),
        (
            f"{HEAD}{PERMIT}\nwhen {{ context.moving = true }};",
            "4:23",
            "'=' is not a valid operator in Cedar",
        ),
        (f"{HEAD}{PERMIT}", "3:36", "the rule goes on after this, or misses a `;`"),
        (f"{HEAD}{PERMIT};;", "3:38", "unexpected token `;`"),
        (f"{HEAD}permt (principal, action, resource);", "3:1", "invalid policy effect: permt"),
        (
            f"{HEAD}permit (principal, action);",
            "1:1",
            "this policy is missing the `resource` variable in the scope",
        ),
        (f"{HEAD}permit (principal, action, resource\nwhen {{ true }};", "4:1", "unexpected token `when`"),
        (f'{HEAD}{PERMIT}\nwhen {{ "open }};', "4:8", "invalid token"),
        (
            f"{HEAD}{PERMIT}\nwhen {{\n  within(context.moving)\n}};",
            "5:3",
            "`within` is not a valid function",
        ),
        (f'@id("b") @id("c") @reason("x") {PERMIT};', "1:2", "duplicate annotation: @id"),
    ],
)
def test_rule_that_cannot_be_read_is_refused_at_its_place(
    vocabulary: Vocabulary, text: str, where: str, sentence: str
) -> None:
    """What the engine cannot parse is shown where it goes wrong, in the engine's words."""
    error = refused(vocabulary, text)

    assert str(error.place) == f"bad.cedar:{where}"
    assert error.sentence == f"the rule cannot be read: {sentence}"


@pytest.mark.parametrize(
    ("rule", "where", "sentence", "help_text"),
    [
        (
            'permit (principal, action == Action::"unlok", resource);',
            "4:30",
            'unrecognized action `Action::"unlok"`',
            "did you mean `unlock`?",
        ),
        (
            "permit (principal, action, resource is Cra);",
            "4:40",
            "unrecognized entity type `Cra`",
            "did you mean `Car`?",
        ),
        (
            'permit (principal == Persn::"lin", action, resource);',
            "4:22",
            "unrecognized entity type `Persn`",
            "did you mean `Person`?",
        ),
        (
            'permit (principal, action == Action::"unlock", resource)\nwhen { context.movin };',
            "5:16",
            'attribute `movin` in context for Action::"unlock" not found',
            "did you mean `moving`?",
        ),
        (
            'permit (principal, action == Action::"unlock", resource)\nwhen { context.distance_cm < 9 };',
            "5:16",
            f"unable to guarantee safety of access to optional attribute `distance_cm` {IN_CONTEXT}",
            "say `context has distance_cm &&` before it",
        ),
        (
            'permit (principal, action == Action::"unlock", resource)\nwhen { context.moving < 9 };',
            "5:8",
            "unexpected type: expected Long but saw Bool",
            "`<` and `+` take numbers, `like` takes a text, `&&` and `!` take what is true or false",
        ),
        (
            'permit (principal, action == Action::"unlock", resource is Camera);',
            "4:48",
            "no action of any device fits its scope",
            "`carhome devices` says which kinds have which commands",
        ),
    ],
)
def test_rule_that_can_never_be_right_is_refused_at_its_place(
    vocabulary: Vocabulary, rule: str, where: str, sentence: str, help_text: str | None
) -> None:
    """What names no device's words or mixes types is shown where it stands, with the nearest word."""
    error = refused(vocabulary, f'// one\n@id("b") @reason("because")\n\n{rule}\n{GOOD.replace("a", "z", 1)}')

    assert str(error.place) == f"bad.cedar:{where}"
    assert error.sentence == f"the rule can never be right: {sentence}"
    assert error.help_text == help_text


@pytest.mark.parametrize(
    ("text", "where", "sentence"),
    [
        (f'\n@reason("x") {PERMIT};', "2:1", "a rule has no `@id`"),
        (f'@id("b")\n{PERMIT};', "1:1", "a rule has no `@reason`"),
        (f'@id("b")\n@reason(" ")\n{PERMIT};', "2:1", "annotation `@reason` is empty"),
        (f'@id @reason("x") {PERMIT};', "1:1", "annotation `@id` is empty"),
        (f'{HEAD}  @artikle("000")\n{PERMIT};', "3:3", "annotation `@artikle` means nothing here"),
        (f'{HEAD}@article("0")\n{PERMIT};', "3:1", "`0` is not the number of an article"),
        (f"{HEAD}{PERMIT};\n{HEAD}{PERMIT};", "4:1", "rule `b` is there already, at bad.cedar:1:1"),
        (f'\n @id("a")\n@reason("x") {PERMIT};', "2:2", "rule `a` is there already, at good.cedar:1:1"),
        (
            f"{HEAD}permit (principal == ?principal, action, resource);",
            "1:1",
            "a rule has `?principal` or `?resource`, which nothing fills in here",
        ),
    ],
)
def test_rule_with_wrong_annotations_is_refused_at_its_place(
    vocabulary: Vocabulary, text: str, where: str, sentence: str
) -> None:
    """Every rule needs an id of its own and a reason; what else stands there must mean something."""
    error = refused(vocabulary, text)

    assert str(error.place) == f"bad.cedar:{where}"
    assert error.sentence == sentence


def test_refusal_of_a_misspelt_annotation_names_the_right_one(vocabulary: Vocabulary) -> None:
    """A typo in an annotation is not silently ignored."""
    error = refused(vocabulary, f'{HEAD}@artikle("000") {PERMIT};')

    assert error.help_text == "did you mean `article`?"


def test_rules_about_an_action_answer_as_all_rules_do() -> None:
    """Leaving out what names other actions changes no verdict: of no action, for nobody, at no moment."""
    book = Shelf().rules
    prover = Prover(book.vocabulary.to_json())
    count = 0

    for environment in prover.environments:
        here = book.about(environment.action).to_pst().static_policies
        left_out = {name: rule for name, rule in book.trees.items() if name not in here}
        count += len(left_out)
        for name in left_out:
            assert prover.can_match(book.trees, name, among=[environment]).outcome == "proved"
            assert prover.can_err(book.trees, name, among=[environment]).outcome == "proved"
    assert count > 10_000


def test_rules_about_an_action_are_fewer_and_the_same_each_time(book: RuleBook) -> None:
    """They are put together once; a forbid of everything is among them, one about keys is not."""
    unlocking, heating = book.about("unlock"), book.about("heat")

    assert book.about("unlock") is unlocking
    assert "signed-command-only" in heating.to_pst().static_policies
    assert "key-in-range" in unlocking.to_pst().static_policies
    assert "key-in-range" not in heating.to_pst().static_policies
    assert "no-remote-driving" in book.about("steer").to_pst().static_policies
    assert "no-remote-driving" not in book.about("fly").to_pst().static_policies
