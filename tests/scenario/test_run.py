"""Stories played: what each verb means at its moment, and which verdict follows."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Self

import pytest

from sim.core.device import Acted, Device, Effect, Facet, Learned, Moment, Stimulus
from sim.physics.travel import WALKING_M_PER_S
from sim.scenario.run import LAST_RECORDS, skip
from sim.world.trace import Record
from tests.scenario.stories import HEAD, KINDS, NEAR, STEPS, UNLOCK, House, fails, load, passes, play

# --- expect ---------------------------------------------------------------------------------------


def test_expect_without_a_time_is_about_now() -> None:
    """No time passes while something is expected now, and what is not so fails."""
    assert passes(STEPS + "  - expect: {su7.locked: true, su7.gear: P}\n").simulated_ms == 0
    assert fails(STEPS + "  - expect: {su7.locked: true, su7.gear: [D, R]}\n") == (
        "`su7.gear`: expected D or R, got P",
        4,
        0,
    )


@pytest.mark.parametrize(("within", "verdict"), [("249ms", "fail"), ("250ms", "pass"), ("1h", "pass")])
def test_expect_within_ends_as_soon_as_it_holds(within: str, verdict: str) -> None:
    """The bound is inclusive, and what holds earlier does not wait for it."""
    result = play(NEAR + UNLOCK + f"  - expect: {{key: done, su7.locked: false}}\n    within: {within}\n")

    assert result.verdict == verdict
    assert result.simulated_ms == min(250, 249 if within == "249ms" else 250)


def test_expect_that_misses_its_bound_fails_and_ends_the_story() -> None:
    """A missed bound fails at that instant, says what was so, and no later step is played."""
    result = play(
        NEAR + UNLOCK + "  - expect: {key: done, su7.locked: false}\n    within: 100ms\n  - advance: 1h\n"
    )

    assert result.failure is not None
    assert result.failure.sentence == "`key`: expected done, got forwarded within 100 ms"
    assert result.failure.text == "- expect: {key: done, su7.locked: false}"
    assert [(one.name, one.expected, one.actual, one.holds) for one in result.failure.comparisons] == [
        ("key", "done", "forwarded", False),
        ("su7.locked", "false", "true", False),
    ]
    assert result.simulated_ms == 100
    assert 0 < len(result.failure.records) <= LAST_RECORDS


def test_expect_ends_early_when_a_command_has_ended_otherwise() -> None:
    """Nothing is waited for that cannot come any more."""
    assert fails(NEAR + UNLOCK + "  - expect: {key: denied}\n    within: 1h\n") == (
        "`key`: expected denied, got done",
        8,
        250,
    )


def test_expect_unless_ends_early_at_a_status_on_the_way() -> None:
    """`unless` names statuses at which waiting is in vain."""
    text = NEAR + UNLOCK + "  - expect: {key: done}\n    within: 1h\n    unless: [waking, forwarded]\n"

    assert fails(text) == ("`key`: expected done, got forwarded", 8, 0)


def test_expect_remembers_what_a_command_has_passed_through() -> None:
    """A status that was passed counts, so that no step depends on the speed of an answer."""
    text = NEAR + UNLOCK + "  - advance: 5s\n  - expect: {key: accepted}\n  - expect: {key: [failed, done]}\n"

    assert passes(text).asserted == 2


def test_expect_asks_for_one_moment_at_which_all_holds() -> None:
    """Conditions that hold one after the other, but never together, are not fulfilled."""
    text = NEAR + UNLOCK + "  - expect: {key: done, su7.locked: true}\n    within: 5s\n"

    assert fails(text)[0] == "`su7.locked`: expected true, got false within 5 s"


FAR = HEAD + "given: {lin: {from_su7: 50 m}}\nsteps:\n" + UNLOCK
"""Lin asks from too far away, and is denied."""


def test_expect_says_who_denied_and_why() -> None:
    """A failed expectation of a command tells its end, the rule and the reason."""
    sentence, _, _ = fails(FAR + "  - expect: {key: done}\n    within: 5s\n")

    assert sentence.startswith(
        "`key`: expected done, got denied by key-in-range (TOO_FAR): whoever opens the car must"
    )


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("rule: key-in-range", "rule: parked-only"),
        ("kind: forbidden", "kind: not_permitted"),
        ("layer: key", "layer: policy"),
        ("code: TOO_FAR", "code: RANGING_FAILED"),
        ('article: "000"', 'article: "003"'),
        ("reason: within 2 m of it", "reason: within 3 m of it"),
        ("instead: come within 2 m of the car, or lock it from where you are", "instead: come within 2 m"),
    ],
)
def test_expect_of_a_denial_can_ask_for_its_grounds(right: str, wrong: str) -> None:
    """Rule, kind, article, reason and what to do instead can each be asserted, and each can be wrong."""
    asked = "  - expect:\n      key: denied\n      "

    passes(FAR + asked + right + "\n")
    assert fails(FAR + asked + wrong + "\n")[0].startswith("`key`: expected denied, ")


def test_expect_of_a_wrong_code_tells_the_right_one() -> None:
    """Whoever mends the file reads what it was refused with, and where."""
    sentence, _, _ = fails(FAR + "  - expect: {key: denied, code: REVOKED}\n")

    assert sentence.startswith("`key`: expected denied, code REVOKED, got denied by key-in-range (TOO_FAR): ")


def test_expect_of_what_the_rules_alone_refuse_has_no_code() -> None:
    """The layer is the policy, and no code can be expected."""
    text = STEPS + (
        "  - do: phone.request\n    with: {car: su7, action: summon}\n    as: drive\n"
        "  - expect: {drive: denied, layer: policy, rule: no-remote-driving}\n"
    )

    passes(text)
    assert fails(text.replace("rule: no-remote-driving", "code: UNSAFE_REMOTE_MOTION"))[1] == 7


def test_expect_of_what_nobody_vouches_for_can_name_the_signatures_layer() -> None:
    """A stranger's command is refused before its key is looked for."""
    passes(
        STEPS + "  - do: mallory.request\n    with: {car: su7, action: summon}\n    as: drive\n"
        "  - expect: {drive: denied, layer: signature, code: UNKNOWN_KEY, rule: no-remote-driving}\n"
    )


def test_expect_of_a_missing_permit_can_ask_for_the_clause() -> None:
    """What no rule permits is asserted by what the nearest permit would have needed."""
    text = STEPS + (
        "  - do: dash.set_climate\n    with: {device: heater, mode: heat}\n    by: jun\n    as: warm\n"
        "  - expect: {warm: denied, kind: not_permitted, clause: 'Role::\"member\"'}\n"
    )

    passes(text)
    assert fails(text.replace("member", "owner"))[1] == 8


def test_expect_of_a_refusal_without_its_rule_is_remarked() -> None:
    """`denied` alone would be fulfilled by any refusal; the reader says so, at its place."""
    vague = load(NEAR + UNLOCK + "  - expect: {key: denied}\n  - never: {key: denied}\n")
    exact = load(NEAR + UNLOCK + "  - expect: {key: denied, rule: key-in-range}\n")

    assert [(one.sentence, one.place.line) for one in vague.remarks] == [
        ("`key: denied` does not say by which rule; any refusal would pass", 8)
    ]
    assert exact.remarks == ()


# --- never ----------------------------------------------------------------------------------------


def test_never_is_about_now_and_the_time_it_watches() -> None:
    """Without `for` it looks once; with it, up to and including the last millisecond."""
    assert passes(NEAR + UNLOCK + "  - never: {su7.locked: false}\n").simulated_ms == 0
    assert passes(NEAR + UNLOCK + "  - never: {su7.locked: false}\n    for: 249ms\n").simulated_ms == 249
    assert fails(NEAR + UNLOCK + "  - never: {su7.locked: false}\n    for: 250ms\n") == (
        "`su7.locked` must never be false, but it is false",
        8,
        250,
    )
    assert fails(STEPS + "  - never: {su7.locked: true}\n")[2] == 0


def test_never_means_none_of_its_conditions() -> None:
    """One of several is enough to fail."""
    text = NEAR + UNLOCK + "  - never: {su7.gear: D, su7.locked: false, key: failed}\n    for: 1m\n"

    assert fails(text)[0] == "`su7.locked` must never be false, but it is false"


def test_never_sees_what_was_so_for_an_instant_only() -> None:
    """What was wrong between two messages of one instant is not forgiven because it is mended now."""
    text = STEPS + (
        "  - fault: {crash: su7, for: 1s}\n  - never: {su7.online: true, phone.shows.su7.asleep: unknown}\n"
        "    for: 2s\n"
    )

    assert play(text).verdict == "fail"


# --- do -------------------------------------------------------------------------------------------


def test_do_waits_while_somebody_walks() -> None:
    """The story goes on when the walker has arrived: 78.5 m at walking speed."""
    text = HEAD + (
        "given: {lin: {from_su7: 80 m}}\nsteps:\n  - do: lin.walk\n    with: {to: su7, until: 1.5 m}\n"
        "  - expect: {lin.from_su7: 1.5 m}\n"
    )

    assert passes(text).simulated_ms == pytest.approx(78.5 / WALKING_M_PER_S * 1000, abs=1)


def test_do_does_not_wait_while_somebody_drives() -> None:
    """A drive goes on beside the story, and ends parked."""
    text = HEAD + (
        "given: {su7: {from_home: 1 km, locked: false}, lin: {from_su7: 0 m}}\nsteps:\n"
        "  - do: lin.enters\n    with: {car: su7}\n"
        "  - do: lin.drives\n    with: {car: su7, speed: 60 km/h, to: home}\n"
        "  - expect: {su7.speed: 60 km/h, su7.gear: D, su7.driver: lin, lin.in: su7, su7.at: away}\n"
        "  - advance: {until: {su7.gear: P}}\n"
        "  - expect: {su7.speed: 0 km/h, su7.at: home, su7.moving: false}\n"
        "  - do: lin.leaves\n    with: {car: su7}\n  - expect: {su7.driver: none, lin.in: none}\n"
    )

    # 1,000 m at 60 km/h take 60 s.
    assert passes(text).simulated_ms == 60_000


def test_do_what_the_world_does_not_allow_fails_the_step() -> None:
    """An impossible act of a person is a mistake of the story, unless it has a name."""
    enter = STEPS + "  - do: lin.enters\n    with: {car: su7}\n"

    assert fails(enter) == ("this cannot be done: su7 is locked", 4, 0)
    passes(enter + "    as: try\n  - expect: {try: failed}\n  - never: {try: done}\n")


def test_do_what_the_world_allows_is_done() -> None:
    """A person's or nature's act with a name is done at once."""
    passes(
        STEPS + "  - do: lin.goes_into\n    with: {room: bedroom}\n    as: inside\n"
        "  - do: weather.set\n    with: {outdoor: 5 °C}\n    as: winter\n"
        "  - expect: {inside: done, winter: done, lin.room: bedroom, weather.outdoor: 5 °C}\n"
    )
    passes(STEPS + "  - do: lin.goes_into\n    with: {room: bedroom}\n  - expect: {mei.room: none}\n")


def test_do_with_a_device_that_is_down_fails() -> None:
    """Nothing comes of a touch on a dead screen."""
    passes(STEPS + "  - fault: {crash: phone}\n" + UNLOCK + "  - expect: {key: failed}\n")


def test_do_by_somebody_is_judged_as_that_person() -> None:
    """Whoever uses a shared screen acts with their own rights."""
    touch = "  - do: dash.set_climate\n    with: {device: heater, mode: heat}\n    by: WHO\n    as: heat\n"

    passes(STEPS + touch.replace("WHO", "mei") + "  - expect: {heat: done, heater.mode: heat}\n")
    passes(STEPS + touch.replace("WHO", "jun") + "  - expect: {heat: denied, kind: not_permitted}\n")


def test_do_ask_any_device_for_any_action_it_has() -> None:
    """A general question takes the action's own arguments, with their units."""
    passes(
        STEPS + "  - do: phone.ask\n    with: {device: heater, action: set_climate,\n"
        "      arguments: {mode: heat, target: 24 °C}}\n    as: heat\n"
        "  - expect: {heat: done, heater.mode: heat, heater.target: 24 °C}\n"
    )
    passes(
        STEPS + "  - do: phone.ask\n    with: {device: camera, action: snapshot}\n    as: look\n"
        "  - expect: {look: done, camera.pictures: 1}\n"
    )


# --- say ------------------------------------------------------------------------------------------


def said(sentence: str, by: str = "lin", device: str = "dash", more: str = "") -> str:
    """Return a step in which somebody says something."""
    return f"  - say: {sentence}\n    by: {by}\n    from: {device}\n    as: wish\n{more}"


HEATER = "Hey Xiaomi, turn on the heater at home"


def test_say_becomes_the_act_it_asks_for() -> None:
    """A sentence that is understood does what a touch would have done, by the same rules."""
    passes(STEPS + said(HEATER) + "  - expect: {wish: done, heater.mode: heat}\n    within: 1s\n")
    passes(STEPS + said("小爱同学，打开家里的暖气", device="phone") + "  - expect: {heater.mode: heat}\n")
    passes(STEPS + said(HEATER, more="    lang: en\n") + "  - expect: {wish: done}\n    within: 1s\n")


@pytest.mark.parametrize(
    ("sentence", "by", "device", "reason"),
    [
        (HEATER, "stranger", "outside", "a voice from outside is not listened to"),
        (HEATER, "stranger", "dash", "the voice belongs to nobody of the household"),
        (HEATER, "mei", "phone", "phone serves the voice of its owner only"),
        ("Hey Xiaomi, sing a song", "lin", "dash", "the assistant knows no such sentence"),
        ("turn on the heater", "lin", "dash", "it does not begin with the wake word"),
    ],
)
def test_say_what_comes_to_nothing_fails_with_its_reason(
    sentence: str, by: str, device: str, reason: str
) -> None:
    """Voices from outside, of strangers and of others fail, as do sentences that are not understood."""
    text = STEPS + said(sentence, by, device)
    result = passes(text + "  - expect: {wish: failed, heater.mode: 'off'}\n")

    assert [one["reason"] for one in result.records if one["kind"] == "command"] == [reason]


def test_say_without_a_name_is_played_all_the_same() -> None:
    """A sentence need not be followed to have its effect, and two on one line are two."""
    text = HEAD + (
        "steps: [{say: 'Hey Xiaomi, sing', by: lin, from: dash, as: one}, "
        "{say: 'Hey Xiaomi, dance', by: lin, from: dash, as: two}, "
        "{say: '" + HEATER + "', by: lin, from: dash},\n"
        "  {expect: {one: failed, two: failed, heater.mode: heat}, within: 1s}]\n"
    )

    result = passes(text)
    assert len({one["command"] for one in result.records if one["kind"] == "command"}) == 3


def test_say_without_the_library_for_it_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that lacks a part ends the case as an error, which is neither a pass nor a failure."""
    monkeypatch.setitem(sys.modules, "hassil", None)

    result = play(STEPS + said(HEATER) + "  - expect: {wish: done}\n")

    assert (result.verdict, result.failure) == ("error", None)
    assert "`hassil`, which is not installed" in result.note


# --- verdicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict", "asserted"),
    [
        (STEPS + "  - advance: 1s\n", "unknown", 0),
        (STEPS + UNLOCK, "unknown", 0),
        (STEPS + "  - fault: {crash: phone}\n", "unknown", 0),
        (HEAD + "always: [{never: {su7.gear: D}}]\nsteps: [{advance: 1s}]\n", "unknown", 0),
        (HEAD + "always: [{never: {su7.gear: D}}]\nsteps:\n" + UNLOCK, "pass", 1),
        (STEPS + "  - expect: {su7.gear: P}\n  - never: {su7.gear: D}\n", "pass", 2),
        (STEPS + "  - expect: {su7.gear: P}\n  - never: {su7.gear: P}\n", "fail", 1),
        (HEAD + "always: [{never: {su7.gear: D}}]\nsteps:\n  - never: {su7.gear: P}\n", "fail", 0),
    ],
)
def test_verdict_follows_what_was_really_asserted(text: str, verdict: str, asserted: int) -> None:
    """What always holds counts only where something was done; nothing asserted is `unknown`, never a pass."""
    result = play(text)

    assert (result.verdict, result.asserted) == (verdict, asserted)
    assert result.records[-1]["kind"] == "verdict"
    assert result.records[-1]["verdict"] == verdict
    assert (result.note == "nothing was asserted") is (verdict == "unknown")


def test_result_counts_denials_messages_and_time() -> None:
    """The result of a case has what a summary needs."""
    result = passes(FAR + "  - expect: {key: denied}\n")

    assert [one["decision"]["rules"] for one in result.denials] == [["key-in-range"]]
    assert result.messages == sum(1 for one in result.records if one["kind"] == "message") > 0
    assert (result.scenario.title, result.case) == ("A story", "")


def test_run_is_a_function_of_file_and_seed() -> None:
    """The same file gives the same records, one by one as they are made; another seed gives others."""
    text = NEAR + "  - fault: {link: phone, delay: 20 ms, reorder: 500 ms}\n" + UNLOCK + "  - advance: 10s\n"
    told: list[Record] = []

    first, second = play(text, sink=told.append), play(text)

    assert first.records == second.records == told
    assert play(text.replace("steps:", "seed: 2\nsteps:")).records[1:] != first.records[1:]


def test_run_that_is_skipped_is_recorded_with_its_reason() -> None:
    """What a link cannot show is no gap in a recording: it begins like the case, and says why it ends."""
    scenario = load(NEAR + UNLOCK)
    heard: list[Record] = []

    result = skip(scenario, scenario.cases[0], 5, "the link cannot show this", heard.append)

    assert (result.verdict, result.note) == ("skipped", "the link cannot show this")
    assert [record["kind"] for record in heard] == ["run", "verdict"]
    assert heard[0] == {**play(NEAR + UNLOCK).records[0], "seed": 5}
    assert (heard[1]["verdict"], heard[1]["text"]) == ("skipped", "the link cannot show this")
    assert result.records == heard


def test_run_begins_at_the_start_with_its_zone() -> None:
    """Clocks on the wall show the start as it is written."""
    text = HEAD + (
        "start: 2026-06-21T12:30:00+02:00\nsteps:\n"
        "  - do: phone.ask\n    with: {device: camera, action: snapshot}\n    as: look\n"
        "  - expect: {look: done}\n"
    )
    result = passes(text)
    (taken,) = (one for one in result.records if one.get("topic", "").endswith("event/picture_taken"))

    assert taken["data"]["taken"] == "2026-06-21 12:30:00"
    assert result.records[0]["start_ms"] == datetime.fromisoformat("2026-06-21T10:30:00Z").timestamp() * 1000


# --- devices that never rest ----------------------------------------------------------------------


class Count(Facet):
    """How often it has heard the other."""

    count: int


@dataclass(frozen=True)
class Echo(Device):
    """Answers whatever it hears of its like, for ever, once it is touched."""

    kind: ClassVar[str] = "echo"
    acts: ClassVar = KINDS["watch"].acts
    facets: ClassVar = (Count,)
    reads: ClassVar = ("echo",)

    count: int = 0

    @classmethod
    def new(cls, name: str, config: Any, given: Mapping[str, Any]) -> Self:  # noqa: ARG003  # the protocol
        """Return it, silent."""
        return cls(name)

    def step(self, at: Moment, stimulus: Stimulus) -> tuple[Self, tuple[Effect, ...]]:  # the protocol
        """Count on."""
        touched = isinstance(stimulus, Acted) or (isinstance(stimulus, Learned) and self.count > 0)
        heard = isinstance(stimulus, Learned) and any(
            belief.values["count"] > 0
            for belief in at.beliefs.about(stimulus.device).facets.values()
            if "count" in belief.values
        )
        return (replace(self, count=self.count + 1) if touched or heard else self), ()

    def report(self) -> tuple[Facet, ...]:
        """Report the count."""
        return (Count(count=self.count),)


ECHOES = House(
    "echoes",
    "household: echoes\npeople: {lin: {role: owner}}\n"
    "devices: {a: {kind: echo}, b: {kind: echo}, su7: {kind: car}}\n",
    {**KINDS, "echo": Echo},
)


def test_run_of_devices_that_never_rest_fails_at_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two devices that answer each other for ever in one instant end the story where it began."""
    monkeypatch.setattr("sim.world.stage.ROUNDS_AT_ONCE_MAX", 50)
    text = (
        "scenario: Echoes\nhousehold: echoes\nsteps:\n"
        "  - expect: {a.count: 0}\n  - do: a.lock\n    with: {car: su7}\n"
    )

    sentence, line, at_ms = fails(text, ECHOES)

    assert sentence.startswith("the devices never come to rest: ")
    assert (line, at_ms) == (5, 0)
