"""What the framework leaves to the car: other hardware, downgrades, and whether anybody still vouches."""

from typing import Any

import pytest

from sim.trust.updates.images import FACTORY_BYTES, Software, factory_image
from sim.trust.updates.releases import Catalogue, Release, UpdateError, admitted
from tests.trust.updates.mirrors import NOW_MS, ONE, TWO, release

OTHER = release("1.2.0", 3, "yu7")
BOTH = Catalogue((OTHER, TWO, ONE), NOW_MS + 1)


def code(known: Catalogue | None, version: str, hardware: str = "su7", counter: int = 1, now: int = 0) -> str:
    """Return why a release is not admitted."""
    with pytest.raises(UpdateError) as caught:
        admitted(known, version, hardware, counter, NOW_MS + now)
    return caught.value.code


def test_of_two_with_one_version_the_one_that_fits() -> None:
    """Each hardware has its own image under the same number."""
    assert admitted(BOTH, "1.2.0", "su7", 2, NOW_MS) == TWO
    assert admitted(BOTH, "1.2.0", "yu7", 2, NOW_MS) == OTHER
    assert TWO.path == "su7/1.2.0.img"
    assert (BOTH.newest("su7"), BOTH.newest("yu7"), BOTH.newest("bus")) == (TWO, OTHER, None)


def test_for_other_hardware() -> None:
    """Signed by the right keys, and still not for this car."""
    assert code(Catalogue((OTHER,), NOW_MS + 1), "1.2.0") == "WRONG_HARDWARE"


def test_a_downgrade_that_is_signed() -> None:
    """The repository itself offers it; the counter of what the car has had decides. The same is no news."""
    assert code(BOTH, "1.1.0", counter=3) == "RELEASE_COUNTER"
    assert code(BOTH, "1.2.0", counter=3) == "RELEASE_COUNTER"


def test_nobody_vouches_any_more() -> None:
    """What was verified once is not believed for ever."""
    assert code(BOTH, "1.2.0", now=1) == "EXPIRED"


def test_a_release_that_nobody_signed() -> None:
    """Or before the car has asked."""
    assert code(BOTH, "9.9.9") == "UNKNOWN_RELEASE"
    assert code(None, "1.2.0") == "UNKNOWN_RELEASE"


GOOD: dict[str, Any] = {"version": "1.2.0", "release_counter": 3, "hardware": "su7"}


def test_what_a_release_says() -> None:
    """Its notes may be left out."""
    assert Release.of(GOOD, 5, "ab") == Release("1.2.0", 3, "su7", 5, "ab")


@pytest.mark.parametrize(
    ("custom", "sha256", "where"),
    [
        (None, "ab", "custom"),
        ({**GOOD, "release_counter": "3"}, "ab", "release_counter"),
        ({**GOOD, "release_counter": -1}, "ab", "release_counter"),
        ({"version": "1", "release_counter": 1}, "ab", "hardware"),
        ({**GOOD, "engine": "start"}, "ab", "engine"),
        (GOOD, None, "SHA-256"),
    ],
)
def test_what_is_no_release(custom: object, sha256: object, where: str) -> None:
    """The sentence names what is wrong."""
    with pytest.raises(UpdateError, match=where) as caught:
        Release.of(custom, 5, sha256)
    assert caught.value.code == "MALFORMED"


def test_an_image_says_what_it_is() -> None:
    """In its first line; the rest follows from that."""
    software = Software(version="1.1.0", counter=2, hardware="su7", fails_on=["su7"])
    image = software.image(500)

    assert len(image) == 500
    assert Software.of(image) == software
    assert image == software.image(500)
    assert image[-50:] != software.model_copy(update={"counter": 3}).image(500)[-50:]
    assert len(factory_image("su7")) == FACTORY_BYTES
    assert len(software.image(3)) == image.index(b"\n") + 1


@pytest.mark.parametrize("image", [b"", b"{}\n", b"\xff" * 5_000, b'{"version": 1}\n'])
def test_what_is_no_image(image: bytes) -> None:
    """Nothing is made up of what does not say what it is."""
    assert Software.of(image) is None
