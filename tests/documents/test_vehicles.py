"""Vehicle files: what is in them has a source, and what cannot be is said with its place."""

from pathlib import Path

import pytest

from sim.core.errors import HouseholdError, SimError, VehicleError
from sim.core.vehicle import ASSUMED
from sim.devices.car.modelled import read_car
from sim.documents.reading import read_document
from sim.documents.vehicles import SOURCED, SUFFIX, built_in_texts, cited, read_vehicle, vehicle_of
from sim.scenario.households import household_of
from sim.shell.files import with_vehicles
from sim.shell.schemas import schema_text
from tests.scenario.stories import KINDS

TEXTS = built_in_texts()
BASE = TEXTS["su7-base"]
DOCS = Path(__file__).parents[2] / "docs" / "vehicles.md"


def refusal(old: str, new: str, name: str = "su7-base") -> SimError:
    """Return the error that a changed file is refused with."""
    assert old in BASE
    with pytest.raises(VehicleError) as caught:
        read_vehicle(f"{name}{SUFFIX}", BASE.replace(old, new, 1))
    assert caught.value.place is not None
    return caught.value


def test_three_models_come_with_the_program() -> None:
    """Two versions of the saloon, and an SUV; what a file says is in its unit."""
    assert list(TEXTS) == ["su7-base", "su7-luxury", "yu7"]
    base = vehicle_of("su7-base")
    assert base.body.mass_kg == (1980.0, "filing")
    assert base.cells.chemistry == "lithium iron phosphate"
    assert vehicle_of("su7-luxury").cells.chemistry == "sodium ion"
    assert (base.machines.lidars[0], vehicle_of("su7-luxury").machines.lidars[0]) == (0, 1)


@pytest.mark.parametrize("model", TEXTS)
def test_every_number_has_a_source_and_every_source_is_cited(model: str) -> None:
    """What nobody has published is called assumed, and counted in the documentation."""
    document = read_document(model, TEXTS[model], VehicleError)
    keys = [str(key.value) for part in SOURCED for key in cited(document.at([part]))]
    bands = {one.source for one in vehicle_of(model).bands}

    assert {*keys, *bands} - {ASSUMED} == set(vehicle_of(model).sources)
    assert f"| {model} | {len(keys)} | {keys.count(ASSUMED)} |" in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "sentence", "line"),
    [
        ("mass: [1980 kg", "mas: [1980 kg", "unknown key `mas`", "mas"),
        ("[1980 kg, filing]", "[1980 kg, filling]", "there is no source `filling`", "filling"),
        ("[1980 kg, filing]", "[1980, filing]", "`1980` has no unit, write a weight as `20 kg`", "1980"),
        ("chemistry: lithium iron phosphate", "chemistry: lead", "lead", "lead"),
        ("model: su7-base", "model: su8", "the model in this file is called `su8`", "su8"),
        ("[0.195, answers]", "[true, answers]", "is `true`, expected a number", "true"),
        ("[0.195, answers]", '["0.195", answers]', "expected a number", "0.195"),
        ("lidars: [0, evkx]", 'lidars: ["0", evkx]', "expected a whole number", "lidars"),
        ("lidars: [0, evkx]", "lidars: [false, evkx]", "expected a whole number", "lidars"),
        ("claim: true", "claim: yes", "is `yes`, expected `true` or `false`", "yes"),
        ("    basis: derived", "    basis: guessed", "guessed", "guessed"),
        ("most: 720 km", "most: 500 km", "`least` of a band is below its `most`", "measure"),
    ],
)
def test_a_mistake_is_said_at_its_place(old: str, new: str, sentence: str, line: str) -> None:
    """Before anything runs."""
    error = refusal(old, new)

    assert sentence in str(error)
    assert error.place is not None
    assert line in error.place.source_line


@pytest.mark.parametrize(
    ("old", "new", "sentence", "written"),
    [
        ("[0 °C, 0.9], [10 °C, 0.96]", "[10 °C, 0.96], [0 °C, 0.9]", "in rising order", "[0 °C, 0.9]"),
        ("[100 %, 40 kW]", "[99 %, 40 kW]", "goes from `0 %` to `100 %`", "[99 %, 40 kW]"),
        ("[[0 %, 2.29 V]", "[[1 %, 2.29 V]", "goes from `0 %` to `100 %`", "[1 %, 2.29 V]"),
        ("[0 %, 2.29 V], [5 %", "[0 %, 4 V], [5 %", "the voltage of a cell does not fall", "3.065 V"),
        ("[0 %, 2.29 V]", "[0 %, 0 V]", "lies between 1 and 5 V", "0 V"),
        ("nominal: [3.2 V", "nominal: [3.9 V", "lies within the voltage curve", "3.9 V"),
        ("[-20 °C, 0.65]", "[-20 °C, 0.95]", "warmer cells do not give less", "0.79"),
        ("[25 °C, 1]]", "[25 °C, 0.98]]", "so it is 1 there", "[25 °C, 0.98]"),
        (", [25 °C, 1]]", "]", "so it is 1 there", "[10 °C, 0.96]"),
        ("[[0 °C, 0 C]", "[[0 °C, 9 C]", "warmer cells do not bear less charging", "0.3 C"),
        ("[25 °C, 2.6 C]", "[25 °C, 26 C]", "no cell is charged faster than 15 C", "26 C"),
        ("[30 %, 145 kW]", "[30 %, 0 kW]", "takes between 0.5 and 1095 kW", "0 kW"),
        ("[450 kJ/K,", "[45 kJ/K,", "takes up between 219 and 4380 kJ/K", "[45 kJ/K, assumed]"),
        ("pilot: [pilot_chip,", "pilot: [pilot_chop,", "the chip `pilot_chop`", "pilot_chop"),
        ("source: model3", "source: assumed", "`basis: assumed` where its source is", "derived"),
    ],
)
def test_what_no_cell_can_have_is_pointed_at(old: str, new: str, sentence: str, written: str) -> None:
    """The very point, with what to do about it."""
    error = refusal(old, new)
    place = error.place

    assert sentence in error.sentence
    assert error.help_text
    assert place is not None
    assert place.source_line[place.column - 1 :].startswith(written)


def test_cells_that_bear_no_charging_at_all_are_refused() -> None:
    """A battery that nothing fills."""
    start = BASE.index("[[0 °C, 0 C]")
    rates = BASE[start : BASE.index("\n", start)]

    assert "fill no battery" in refusal(rates, "[[0 °C, 0 C], [25 °C, 0 C]]").sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence", "help_text"),
    [
        ("[1980 kg, filing]", "1980 kg", "`mass` does not say where its number", "`mass: [1980 kg, KEY]`"),
        ("[1980 kg, filing]", "[1980 kg]", "`mass` does not say where its number", "`[1980 kg, assumed]`"),
        ("[1, assumed], pilot", "1, pilot", "`cockpit_chip` does not say", "`cockpit_chip: [1, KEY]`"),
        ("    source: evkx_curve\n", "", "the curve `dc` has no source", "`source: assumed`"),
        ("power: [7 kW, assumed]", "power: 7 kW", "`power` does not say", "`power: [7 kW, KEY]`"),
    ],
)
def test_a_number_without_its_source_is_told_how_to_name_one(
    old: str, new: str, sentence: str, help_text: str
) -> None:
    """Also where a curve or a chip stands."""
    error = refusal(old, new)

    assert sentence in error.sentence
    assert help_text in str(error.help_text)


@pytest.mark.parametrize(
    ("old", "new", "help_text"),
    [
        ("[1980 kg, filing]", "[1e300 kg, filing]", "check the number and its unit"),
        ("[1980 kg, filing]", "[1e400 kg, filing]", "check the number and its unit"),
        ("capacity: [73.0 kWh", "capacity: [0.000001 kWh", "check the number and its unit"),
        ("until: [15 °C", "until: [900 °C", "check the number and its unit"),
        ("volts_at_1c: [60 mV", "volts_at_1c: [10 V", "check the number and its unit"),
        ("warmth: [2090 K", "warmth: [1e9 K", "check the number and its unit"),
        ("[0.195, answers]", '["0.195", answers]', "without quotes"),
        ("    gateway: [vehicle_chip, assumed]\n", "", "`[unknown, assumed]`"),
    ],
)
def test_what_cannot_be_says_what_to_do(old: str, new: str, help_text: str) -> None:
    """A limit, a type, a key that is missing."""
    assert help_text in str(refusal(old, new).help_text)


def test_sources_are_named_used_and_not_called_assumed() -> None:
    """A key that nothing cites is refused, and so is `assumed`; `unknown` is a chip that nobody has named."""
    extra = "sources:\n  %s: {title: A book, publisher: Somebody}\n"

    assert "nothing in this file is from the source `book`" in refusal("sources:\n", extra % "book").sentence
    assert "`assumed` is no name for a source" in refusal("sources:\n", extra % "assumed").sentence
    assert "there is no source `nobody`" in refusal("source: model3", "source: nobody").sentence
    unknown = BASE.replace("pilot: [pilot_chip,", "pilot: [unknown,")
    assert read_vehicle("su7-base.vehicle.yaml", unknown).machines.controllers.pilot[0] == "unknown"


def test_a_derived_band_says_how() -> None:
    """A band without a note claims more than it knows."""
    start = BASE.index("    note: ")
    note = BASE[start : BASE.index("\n", start) + 1]

    assert "says in `note` how it was derived" in refusal(note, "").sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence", "written"),
    [
        ("[1980 kg, filing]", "[3980 kg, filing]", "by this file the range is ", "600 km"),
        ("[0.195, answers]", "[0.395, answers]", "the range is ", "600 km"),
        ("least: 13 kWh/100km", "least: 14 kWh/100km", "is 13.7 kWh/100km, outside", "14 kWh/100km"),
        ("most: 5.1 kW", "most: 3 kW", "the heating is 3.6 kW, outside of its band", "3 kW"),
        ("most: 0.87", "most: 0.72", "the share of range is 0.75, outside", "0.72"),
        ("least: 14 min", "least: 17 min", "the charging time is 16.1 min, outside", "17 min"),
        ("most: 131 kW", "most: 99 kW", "the charging power is 120.0 kW, outside", "99 kW"),
        ("[20 °C, 1.6 C], [25 °C, 2.6 C]]", "[20 °C, 15 C], [25 °C, 15 C]]", "", ""),
        ("volts_at_1c: [60 mV", "volts_at_1c: [490 mV", "these cells would lose", "[490 mV, simses]"),
    ],
)
def test_a_model_that_leaves_its_own_bands_is_refused(
    old: str, new: str, sentence: str, written: str
) -> None:
    """So is one whose cells would lose more than half of their power; what limits nothing may be high."""
    text = BASE.replace(old, new, 1)
    assert text != BASE
    if not sentence:
        assert read_car("su7-base.vehicle.yaml", text).cells.charge_rate.points[-1][1] == 15
        return
    with pytest.raises(VehicleError) as caught:
        read_car("su7-base.vehicle.yaml", text)
    place = caught.value.place

    assert sentence in caught.value.sentence
    assert place is not None
    assert place.source_line[place.column - 1 :].startswith(written)


@pytest.mark.parametrize("model", TEXTS)
def test_the_models_that_come_with_the_program_are_what_they_say(model: str) -> None:
    """Nothing in them is beyond what a car can be."""
    assert read_car(f"{model}{SUFFIX}", TEXTS[model]) == vehicle_of(model)


def test_a_key_that_is_misspelt_and_a_source_that_is_not_there_are_suggested() -> None:
    """Did you mean."""
    assert refusal("mass: [1980 kg", "mas: [1980 kg").help_text == "did you mean `mass`?"
    assert refusal("[1980 kg, filing]", "[1980 kg, filling]").help_text == "did you mean `filing`?"


def test_a_household_brings_its_own_model_and_is_told_which_there_are() -> None:
    """In the folder beside its file, under its name."""
    own = BASE.replace("model: su7-base", "model: kit").replace("[1980 kg, filing]", "[1900 kg, filing]")
    files = {"kit.vehicle.yaml": own, "bad.vehicle.yaml": BASE, "yu7.vehicle.yaml": TEXTS["yu7"]}
    text = "household: h\npeople: {lin: {role: owner}}\ndevices:\n  car: {kind: car, model: %s}\n"

    def load(model: str) -> object:
        document = read_document("h.household.yaml", text % model, HouseholdError)
        found = household_of(
            document, KINDS, lambda name: (f"vehicles/{name}", files[name]) if name in files else None
        )
        config: object = found.devices["car"].config
        return config

    assert load("kit").energy.body.mass_kg == 2000  # type: ignore[attr-defined]
    assert load("kit").hardware == "kit"  # type: ignore[attr-defined]
    assert load("su7-luxury").energy.body.mass_kg == 2150  # type: ignore[attr-defined]
    assert load("su7-luxury").hardware == "su7-luxury"  # type: ignore[attr-defined]
    with pytest.raises(HouseholdError, match="`yu7` comes with the program, and `vehicles/yu7") as twice:
        load("yu7")
    assert "call your own otherwise" in str(twice.value)
    with pytest.raises(HouseholdError) as unknown:
        load("su7-bas")
    assert unknown.value.sentence == "there is no file `su7-bas.vehicle.yaml`"
    assert "did you mean `su7-base`?" in str(unknown.value)
    with pytest.raises(VehicleError, match="the model in this file is called `su7-base`"):
        load("bad")
    with pytest.raises(VehicleError, match="there is no model `su8`"):
        vehicle_of("su8")


def test_a_vehicle_is_looked_for_beside_the_household() -> None:
    """In its own folder, too."""
    assert with_vehicles([Path("a")]) == [Path("a"), Path("a/vehicles")]


def test_editors_have_a_schema() -> None:
    """It is the one in the documentation."""
    schema = DOCS.parent / "schema" / "vehicle.schema.json"

    assert schema.read_text(encoding="utf-8") == schema_text("vehicle")
