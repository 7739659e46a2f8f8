"""What devices are given in the factory: which keys open which car, and whose secrets are whose."""

import re
from dataclasses import replace

import pytest

from sim.core.device import Provision
from sim.devices.phone import Phone
from sim.scenario.households import read_household
from sim.trust.derivation import digital_key, intent_key, seed_for_scenario
from sim.world.kinds import kinds
from sim.world.provisioning import provisions
from tests.stages import SEED

PEOPLE = """
people:
  lin: {role: owner}
  kai: {role: owner}
  mei: {role: member}
  tao: {role: child}
  jun: {role: guest}
"""
FAMILY = f"""
household: wang
{PEOPLE.strip()}
devices:
  su7: {{kind: car, owner: lin}}
  dash: {{kind: dashboard, car: su7}}
  phone: {{kind: phone, owner: lin}}
  watch: {{kind: watch, owner: lin}}
  kai_phone: {{kind: phone, owner: kai}}
  mei_phone: {{kind: phone, owner: mei}}
  tao_phone: {{kind: phone, owner: tao}}
  jun_phone: {{kind: phone, owner: jun}}
  new_phone: {{kind: phone, owner: lin, paired: false}}
  found_phone: {{kind: phone}}
strangers:
  mallory: {{kind: stranger}}
  cloned_phone: {{kind: clone, owner: lin}}
"""


class Clone(Phone):
    """A phone that nobody has enrolled, and that says whose it is."""

    kind = "clone"
    trusted = False


KINDS = {**kinds(), "clone": Clone}


def given_to(household: str = FAMILY, seed: int = SEED) -> dict[str, Provision]:
    """Return what every device of a household is given."""
    return provisions(read_household("a.household.yaml", household, KINDS), KINDS, seed)


def public(device: str) -> bytes:
    """Return the public digital key of a device of these households."""
    identity = digital_key(device, seed_for_scenario(SEED, "wang", device))
    return identity.key.public_key().public_bytes_raw()


def test_car_comes_with_the_keys_of_owners_and_members() -> None:
    """Not of children and guests, nor what nobody owns or what is bought later; and never a stranger's."""
    su7 = given_to()["su7"]

    assert su7.paired == ("phone", "watch", "kai_phone", "mei_phone")
    assert su7.owners == {"phone", "watch", "kai_phone"}
    assert su7.keys == {device: public(device) for device in su7.paired}


@pytest.mark.parametrize("device", ["phone", "watch", "kai_phone"])
def test_key_of_an_owner_knows_its_cars_and_may_share(device: str) -> None:
    """It knows the car's public key, and those of the other keys, whom it may revoke."""
    key = given_to()[device]

    assert key.paired == ("su7",)
    assert key.owners == {"su7"}
    assert set(key.keys) == {"su7", "phone", "watch", "kai_phone", "mei_phone"}
    assert key.keys["su7"] == public("su7")


def test_key_of_a_member_opens_and_does_not_share() -> None:
    """It is paired like an owner's, without the right to pass keys on."""
    key = given_to()["mei_phone"]

    assert key.paired == ("su7",)
    assert key.owners == frozenset()


@pytest.mark.parametrize(
    "device",
    ["dash", "tao_phone", "jun_phone", "new_phone", "found_phone", "mallory", "cloned_phone"],
)
def test_device_that_is_no_key_is_given_its_own_seed_only(device: str) -> None:
    """A stranger that claims to be the owner's phone is no key either."""
    other = given_to()[device]

    assert (other.paired, other.owners, other.keys) == ((), frozenset(), {})
    assert len(other.seed) == 32


def test_first_start_is_at_the_beginning_of_time() -> None:
    """The stage says when a device really starts, and how often it has."""
    assert {(one.boot, one.now_ms) for one in given_to().values()} == {(1, 0)}


def test_seeds_are_all_different_and_repeat_with_the_scenarios() -> None:
    """Nobody can make another's keys, and the same scenario gives the same bytes."""
    seeds = [one.seed for one in given_to().values()]

    assert len(set(seeds)) == len(seeds)
    assert seeds == [one.seed for one in given_to().values()]
    assert not set(seeds) & {one.seed for one in given_to(seed=SEED + 1).values()}


def test_seed_is_in_no_representation() -> None:
    """What is printed by mistake tells nothing."""
    one = given_to()["phone"]

    assert repr(one.seed) not in repr(one)
    assert repr(one) == repr(replace(one, seed=b"other"))


def test_two_cars_have_the_same_keys_and_secrets_of_their_own() -> None:
    """A key knows both; neither car can speak for the other."""
    given = given_to(FAMILY.replace("devices:\n", "devices:\n  yu7: {kind: car, owner: kai}\n"))

    assert given["yu7"].paired == given["su7"].paired == ("phone", "watch", "kai_phone", "mei_phone")
    assert given["yu7"].owners == given["su7"].owners
    assert given["watch"].paired == ("yu7", "su7")
    assert given["watch"].owners == {"yu7", "su7"}
    assert given["watch"].keys["yu7"] != given["watch"].keys["su7"]
    assert given["su7"].keys["watch"] == given["yu7"].keys["watch"]
    assert "yu7" not in given["su7"].keys


def test_household_without_paired_keys_has_a_car_that_opens_to_nobody() -> None:
    """Everything has to be paired at its dashboard first."""
    given = given_to(re.sub(r"(kind: (?:phone|watch), owner: \w+)}", r"\1, paired: false}", FAMILY))

    assert (given["su7"].paired, given["su7"].owners, given["su7"].keys) == ((), frozenset(), {})
    assert given["phone"].paired == ()


def test_household_without_a_car_has_no_keys() -> None:
    """Phones open nothing then."""
    household = f"household: wang{PEOPLE}devices: {{phone: {{kind: phone, owner: lin}}}}"

    assert given_to(household)["phone"].paired == ()


def test_owners_are_named_only_to_who_has_to_know() -> None:
    """A dashboard is not told which keys there are."""
    assert given_to()["dash"].keys == {}


def test_everybody_knows_whose_word_is_whose() -> None:
    """Of every enrolled device its kind, its owner, whether people share it, and the key of its intents."""
    given = given_to()
    seed = seed_for_scenario(SEED, "wang", "phone")

    peers = given["su7"].peers

    assert all(one.peers == peers for one in given.values())
    assert peers["phone"].key == intent_key("phone", seed).key.public_key().public_bytes_raw()
    assert (peers["phone"].kind, peers["phone"].owner, peers["phone"].shared) == ("phone", "lin", False)
    assert "clone" not in {peer.kind for peer in peers.values()}
