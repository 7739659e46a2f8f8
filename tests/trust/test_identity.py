"""Identities: the same seed gives the same key, and a key is never printed."""

from sim.trust.identity import Identity, Keyring, key_id


def test_identity_repeats_with_seed_home_and_device() -> None:
    """A run repeats bit by bit, and no two devices, homes or seeds share a key."""
    kids = [
        Identity.for_scenario(seed, home, device).kid
        for seed, home, device in [(1, "a", "x"), (2, "a", "x"), (1, "b", "x"), (1, "a", "y"), (11, "", "x")]
    ]

    assert len(set(kids)) == len(kids)
    assert Identity.for_scenario(1, "a", "x").kid == kids[0]


def test_key_id_is_sixteen_hex_digits_of_the_public_key() -> None:
    """RFC 8032's first test key has this id."""
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")

    identity = Identity.of("x", secret)

    # SHA-256 of d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a, first eight bytes.
    assert identity.kid == key_id(identity.key.public_key()) == "21fe31dfa154a261"


def test_identity_does_not_show_its_key() -> None:
    """What is logged holds the id only."""
    identity = Identity.of("x", b"\1" * 32)

    assert repr(identity) == f"Identity('x', kid='{identity.kid}')"


def test_keyring_finds_enrolled_keys_only() -> None:
    """A key that nobody enrolled is not there."""
    enrolled = Identity.for_scenario(1, "home", "phone")
    keyring = Keyring([enrolled])

    found = keyring.find(enrolled.kid)

    assert found is not None
    assert found[0] == "phone"
    assert keyring.find(Identity.for_scenario(1, "home", "mallory").kid) is None
