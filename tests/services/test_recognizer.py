"""What templates recognise: numbers in figures and words, and what is needed to recognise at all."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from sim.core.errors import MissingPartError
from sim.services.voice.recognizer import Recognizer
from sim.services.voice.speech import Language
from sim.services.voice.tongues import TONGUES
from tests.services.small_household import one_heater


class _NotInstalled(MetaPathFinder):
    """Makes one package look as if nobody had installed it."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  # the protocol's
        target: ModuleType | None = None,  # noqa: ARG002  # the protocol's
    ) -> ModuleSpec | None:
        """Refuse the package, leave every other to the next finder."""
        if fullname == self.package:
            raise ModuleNotFoundError(fullname, name=fullname)
        return None


@pytest.fixture
def _without_hassil(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python as it is without the extra `voice`."""
    for module in [name for name in sys.modules if name.split(".")[0] == "hassil"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "meta_path", [_NotInstalled("hassil"), *sys.meta_path])


@pytest.mark.usefixtures("_without_hassil")
def test_missing_library_says_how_to_get_it() -> None:
    """Without hassil the assistant says what to install."""
    with pytest.raises(MissingPartError) as raised:
        Recognizer(TONGUES["en"], one_heater())

    assert raised.value.help_text == 'install it with: pip install "carhome[voice]"'
    assert (
        raised.value.sentence == "a sentence is understood with the library `hassil`, which is not installed"
    )


@pytest.mark.parametrize(
    ("language", "template"),
    [("en", "set the temperature to {} degrees"), ("zh", "温度调到{}度")],
)
def test_figures_are_read_exactly(language: Language, template: str) -> None:
    """Every half degree from 0 to 150 in figures is the number it says."""
    recognizer = Recognizer(TONGUES[language], one_heater())

    for doubled in range(301):
        heard = recognizer.recognize(TONGUES[language].simplified(template.format(f"{doubled / 2:g}")))
        assert heard is not None
        assert heard.degrees == doubled / 2


@pytest.mark.parametrize(
    ("language", "wish", "degrees"),
    [
        ("en", "set the temperature to sixteen degrees", 16),
        ("en", "set the temperature to twenty one point five degrees", 21.5),
        ("en", "set the temperature to thirty", 30),
        ("zh", "温度调到十六度", 16),
        ("zh", "温度调到二十一点五度", 21.5),
        ("zh", "温度调到三十度", 30),
    ],
)
def test_number_words_are_read(language: Language, wish: str, degrees: float) -> None:
    """Numbers may be said in words."""
    heard = Recognizer(TONGUES[language], one_heater()).recognize(TONGUES[language].simplified(wish))

    assert heard is not None
    assert heard.degrees == degrees


@pytest.mark.parametrize("number", ["-20", "minus twenty", "21.3", "21 30", "2 1", "210"])
def test_other_numbers_are_not_bent_to_a_near_one(number: str) -> None:
    """A number that is no half degree from 0 to 150 is not taken for one that is."""
    recognizer = Recognizer(TONGUES["en"], one_heater())

    assert recognizer.recognize(TONGUES["en"].simplified(f"set the temperature to {number} degrees")) is None
