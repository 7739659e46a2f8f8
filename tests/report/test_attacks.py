"""What became of attacks, as people and machines read it."""

from sim.report.attacks import Attack, attack_record, attack_summary, attack_table, breach_lines
from sim.report.folding import COLUMNS_MAX, columns_of
from sim.report.style import COLOURED, PLAIN
from sim.scenario.assault import Judgement, Outcome

MOVED = {"n": 9, "t": 2_500, "kind": "change", "cause": None, "device": "su7", "changes": {"locked": False}}


def attack(
    attacker: str, outcome: Outcome, refusals: dict[tuple[str, str | None], int] | None = None
) -> Attack:
    """Return an attack on one story."""
    broke = outcome == "broke"
    judgement = Judgement(
        outcome, "su7 did locked: False" if broke else "", MOVED if broke else None, refusals or {}
    )
    again = f"carhome attack a.scenario.yaml -k near --attacker {attacker}"
    return Attack(attacker, "a.scenario.yaml", "distance=1 m", judgement, again)


MANY: dict[tuple[str, str | None], int] = {
    ("policy", None): 12_345,
    ("key", "TOO_FAR"): 1_000,
    ("key", "REVOKED"): 234,
    ("freshness", "EXPIRED"): 77,
    ("signature", "BAD_SIGNATURE"): 88_888,
    ("broker", "0x87"): 9,
    ("rate", "RATE_LIMIT"): 3,
}


def test_table_has_one_line_for_each_attacker_in_their_order() -> None:
    """The counts of all stories, and the layers that refused, in the order in which an attack meets them."""
    attacks = [
        attack("thief", "noticed", {("key", "NO_PRESENCE"): 3}),
        attack("mallory", "held"),
        attack("mallory", "noticed", MANY),
        attack("mallory", "broke"),
        attack("relay", "held"),
    ]

    assert attack_table(attacks, PLAIN).splitlines() == [
        "attacker     held  noticed  broke  refused by",
        "mallory         1        1      1  broker 9, rate 3, signature 88,888,",
        "                                   freshness 77, key 1,234, policy 12,345",
        "relay           1        0      0  -",
        "thief           0        1      0  key 3",
    ]


def test_table_fits_a_terminal_and_colours_add_nothing() -> None:
    """Without its colours the coloured table is the plain one, and no line is too wide."""
    attacks = [attack("mallory", "noticed", MANY), attack("eve", "broke", MANY)]
    coloured = attack_table(attacks, COLOURED)
    for sign in ("good", "bad", "doubt", "faint", "strong", "end"):
        coloured = coloured.replace(getattr(COLOURED, sign), "")

    assert coloured == attack_table(attacks, PLAIN)
    assert all(columns_of(line) <= COLUMNS_MAX for line in coloured.splitlines())


def test_breach_says_where_what_and_how_to_see_it_again() -> None:
    """The story, the sentence, the record and the command."""
    assert breach_lines(attack("thief", "broke"), PLAIN).splitlines() == [
        "  ✗ broke  thief in a.scenario.yaml, distance=1 m",
        "    su7 did locked: False",
        "        2.5 s  su7 is now locked false",
        "    again: carhome attack a.scenario.yaml -k near --attacker thief",
    ]


def test_breach_without_a_record_or_a_case_is_shorter() -> None:
    """A story that only ended otherwise has no single record to show."""
    broken = Attack("eve", "a.scenario.yaml", "", Judgement("broke", "it failed"), "carhome attack a")

    assert breach_lines(broken, PLAIN).splitlines() == [
        "  ✗ broke  eve in a.scenario.yaml",
        "    it failed",
        "    again: carhome attack a",
    ]


def test_summary_says_the_most_important_thing_first() -> None:
    """Nothing broke, or how many did; and what was left out."""
    held, broke = attack("eve", "held"), attack("eve", "broke")

    assert attack_summary([held], 0, 1.25, PLAIN) == "\nnothing broke: 1 attack in 1.2 s"
    assert attack_summary([held, broke], 3, 1, PLAIN) == "\n1 broke: 2 attacks in 1.0 s, 3 cases left out"


def test_record_has_everything_as_json() -> None:
    """Refusals are listed with layer, reason code and count, always in the same order."""
    record = attack_record(attack("thief", "broke", MANY))

    assert record["kind"] == "attack"
    assert (record["attacker"], record["outcome"], record["why"]) == (
        "thief",
        "broke",
        "su7 did locked: False",
    )
    assert record["record"] == MOVED
    assert [(one["layer"], one["code"]) for one in record["refusals"]] == [
        ("broker", "0x87"),
        ("rate", "RATE_LIMIT"),
        ("signature", "BAD_SIGNATURE"),
        ("freshness", "EXPIRED"),
        ("key", "REVOKED"),
        ("key", "TOO_FAR"),
        ("policy", None),
    ]
    assert attack_record(attack("eve", "held"))["why"] is None
