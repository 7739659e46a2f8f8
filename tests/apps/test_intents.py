"""Intents: nobody's word counts but that of whose device has signed it."""

from typing import Any

import pytest

from sim.apps.twins.drafts import DRAFTS_MAX, Draft, Drafts
from sim.apps.twins.intents import EVERYWHERE, Intent, IntentError, Peers, opened, sealed
from sim.apps.twins.stamps import NEVER
from sim.core.device import Peer
from sim.trust.derivation import intent_key
from sim.trust.envelope import seal
from sim.trust.identity import Identity

KEYS = {name: intent_key(name, name.encode() * 4) for name in ("phone", "tv", "stranger")}


def _peer(name: str, kind: str, owner: str | None, *, shared: bool) -> Peer:
    return Peer(kind, owner, shared, KEYS[name].key.public_key().public_bytes_raw())


PEERS = Peers(
    {"phone": _peer("phone", "phone", "lin", shared=False), "tv": _peer("tv", "tv", None, shared=True)}
)


def intent(**more: Any) -> Intent:
    """Return what Lin wishes at her phone for the television."""
    said: dict[str, Any] = {
        "id": "phone-wish-1",
        "device": "phone",
        "person": "lin",
        "scope": "tv",
        "setting": "volume_percent",
        "value": 40.0,
        "ms": 1_000,
        "count": 0,
    }
    return Intent.model_validate({**said, **more})


def test_an_intent_arrives_as_it_was_signed() -> None:
    """What is sealed is opened, by whoever knows the household's keys."""
    assert opened(sealed(KEYS["phone"], intent()), PEERS) == intent()


def test_a_number_is_read_in_its_one_spelling() -> None:
    """An integer where a setting has a fraction is the same value."""
    assert repr(opened(sealed(KEYS["phone"], intent(value=40)), PEERS).value) == "40.0"


def test_a_shared_device_speaks_for_whoever_uses_it() -> None:
    """A television is believed who sits before it, a phone is its owner's."""
    meis = intent(device="tv", person="mei")

    assert opened(sealed(KEYS["tv"], meis), PEERS).person == "mei"


@pytest.mark.parametrize(
    ("signer", "more", "said"),
    [
        ("stranger", {}, "it is no intent: the household has not enrolled the key"),
        ("tv", {}, "it is signed by tv in the name of phone"),
        ("phone", {"person": "mei"}, "phone does not speak for mei"),
        ("phone", {"person": None}, "phone does not speak for None"),
        ("phone", {"setting": "colour"}, "it is no intent: there is no setting `colour`"),
        ("phone", {"value": 140.0}, "it is no intent: `volume_percent` cannot be 140.0"),
    ],
)
def test_what_is_not_signed_by_its_author_is_no_intent(signer: str, more: dict[str, Any], said: str) -> None:
    """Neither a stranger nor the wrong device nor a wrong value comes through."""
    with pytest.raises(IntentError) as refusal:
        opened(sealed(KEYS[signer], intent(**more)), PEERS)

    assert str(refusal.value).startswith(said)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"[]", "not a JSON object"),
        (b"{}", "the field `id` is missing"),
        (b'{"a":"' + b"x" * 1_024 + b'"}', "bytes are more than the 1024 allowed"),
    ],
)
def test_signed_bytes_that_are_no_intent_are_refused(payload: bytes, said: str) -> None:
    """A signature alone does not make an intent."""
    with pytest.raises(IntentError, match=said):
        opened(seal(_phone(), "intent", payload), PEERS)


def _phone() -> Identity:
    return KEYS["phone"]


def test_a_changed_intent_is_nobodys() -> None:
    """A cloud that turns up the volume breaks the signature."""
    envelope = sealed(KEYS["phone"], intent())
    louder = sealed(KEYS["phone"], intent(value=100.0))

    with pytest.raises(IntentError, match="the signature does not fit the bytes"):
        opened({**envelope, "p": louder["p"]}, PEERS)


def test_everywhere_is_where_its_author_may_wish() -> None:
    """It means the author's own devices and those that belong to nobody; a name means one device."""
    everywhere = intent(scope=EVERYWHERE)

    assert [everywhere.concerns("x", owner) for owner in ("lin", None, "mei")] == [True, True, False]
    assert [intent().concerns(device, None) for device in ("tv", "phone")] == [True, False]


def test_peers_know_whose_a_device_is() -> None:
    """A device that nobody knows belongs to nobody, and there may be no cloud."""
    assert [PEERS.owner(name) for name in ("phone", "tv", "radio")] == ["lin", None, None]
    assert PEERS.cloud() is None
    assert Peers({**PEERS.by_name, "sky": _peer("tv", "cloud", None, shared=False)}).cloud() == "sky"


def test_drafts_have_a_bound_and_one_place_for_each_wish() -> None:
    """A newer wish of the same person takes the place of the older one, and says whose ticket it was."""
    drafts = Drafts()
    for number in range(DRAFTS_MAX):
        drafts, replaced = drafts.with_one(Draft(intent(scope=f"tv{number}"), f"t{number}"))
        assert replaced is None
    assert drafts.obstacle == "32 wishes wait for the cloud already"

    drafts, replaced = drafts.with_one(Draft(intent(scope="tv0", ms=2_000), "again"))

    assert (len(drafts), replaced) == (DRAFTS_MAX, "t0")
    assert Drafts().obstacle == ""


def test_what_is_handed_on_at_once_is_of_one_person_for_one_scope() -> None:
    """Four at most, the oldest first, and nothing when nothing waits."""
    several = [
        intent(id=f"w{number}", scope="tv", setting=setting, value=value)
        for number, (setting, value) in enumerate(
            [("volume_percent", 1.0), ("language", "en"), ("do_not_disturb", True), ("comfort_c", 20.0)]
        )
    ]
    others = [
        intent(id="w8", person="mei"),
        intent(id="w9", scope="radio"),
        intent(id="w4", setting="temperature_unit", value="celsius"),
    ]
    drafts = Drafts(tuple(Draft(one, None) for one in (*several[:2], *others, *several[2:])))

    assert [draft.intent.id for draft in drafts.batch()] == ["w0", "w1", "w4", "w2"]
    assert Drafts().batch() == ()


def test_drafts_are_stamped_anew_in_their_order() -> None:
    """By a right clock, and never later than it, nor before what was seen."""
    drafts = Drafts((Draft(intent(id="b", ms=9_000), "tb"), Draft(intent(id="a", ms=8_000, scope="x"), None)))

    again, renamed, made = drafts.restamped("phone", NEVER, shift_ms=5_000, latest_ms=3_500, made=7)

    assert [(one.intent.ms, one.intent.count, one.ticket) for one in again.waiting] == [
        (3_000, 0, None),
        (3_500, 0, "tb"),
    ]
    assert {old: new.id for old, new in renamed.items()} == {"a": "phone-wish-8", "b": "phone-wish-9"}
    assert made == 9
