"""What is derived from one seed: the same for the same, another for anything else."""

from sim.trust.derivation import digital_key, intent_key, seed_for_scenario
from sim.trust.identity import Identity


def test_seed_of_a_device_repeats_with_seed_home_and_device() -> None:
    """A run repeats bit by bit, and no two devices, homes or runs share a secret."""
    seeds = [
        seed_for_scenario(seed, home, device)
        for seed, home, device in [(1, "a", "x"), (2, "a", "x"), (1, "b", "x"), (1, "a", "y"), (11, "", "x")]
    ]

    assert len(set(seeds)) == len(seeds)
    assert {len(seed) for seed in seeds} == {32}
    assert seed_for_scenario(1, "a", "x") == seeds[0]


def test_digital_key_is_another_key_than_the_one_that_signs_messages() -> None:
    """Whoever steals the key of a device's messages has no key of the car."""
    seed = seed_for_scenario(7, "wang", "phone")

    key = digital_key("phone", seed)

    assert key.device == "phone"
    assert key.kid == digital_key("phone", seed).kid
    assert key.kid not in {
        Identity.for_scenario(7, "wang", "phone").kid,
        Identity.of("phone", seed).kid,
        digital_key("phone", seed_for_scenario(7, "wang", "watch")).kid,
    }


def test_the_key_that_signs_intents_signs_nothing_else() -> None:
    """It is neither the digital key nor the one that signs messages."""
    seed = seed_for_scenario(7, "wang", "phone")

    key = intent_key("phone", seed)

    assert key.device == "phone"
    assert key.kid == intent_key("phone", seed).kid
    assert key.kid not in {digital_key("phone", seed).kid, Identity.for_scenario(7, "wang", "phone").kid}
