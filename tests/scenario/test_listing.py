"""Names that are listed in a household: a fact can be no other, and nobody wishes for another by mistake."""

import pytest

from sim.core.errors import HouseholdError
from tests.scenario.stories import load, refusal
from tests.scenario.test_installations import told

HEAD = """scenario: A story
household:
  extends: wang
  people: {kai: {role: guest}}
  devices:
    kai_phone: {kind: phone, owner: kai}
    shop:
      kind: subscriptions
      owner: lin
      products: {films: {grants: {su7: [entertainment]}, price: 1}}
      bundles: {su7_home: {grants: {su7: [entertainment]}, price: 1}}
    marketplace:
      kind: marketplace
      courier: kai_phone
      restaurants: {jade_garden: {tables: {window: 2}}}
      shops:
        corner_shop: {goods: {milk: 1290}}
        bakery: {opens: "06:00", goods: {bread: 300}}
    cloud: {kind: cloud}
steps:
"""
SHOP = "  - do: phone.ask\n    with: {device: shop, action: %s, arguments: {%s}}\n"
ORDER = "  - do: phone.order_delivery\n    with: {shop: %s, goods: {%s: 1}}\n    as: ordered\n"
SEND = "  - do: phone.send_destination\n    with: {car: su7, place: %s}\n"


@pytest.mark.parametrize(
    ("fact", "value", "known"),
    [
        ("shop.paid", "flms", "`films`, `su7_home`, `none`"),
        ("shop.believes.cancelled", "su7", "`films`, `su7_home`, `none`"),
        ("phone.shows.su7.courier", "kai_fone", "`phone`, `mei_phone`, `kai_phone`, `none`"),
        ("su7.courier", "watch", "`phone`, `mei_phone`, `kai_phone`, `none`"),
        ("su7.in_use", "asisted_driving", "`assisted_driving`, `smart_navigation`, `entertainment`, `none`"),
        ("cloud.learning_from", "jan", "`lin`, `mei`, `tao`, `jun`, `kai`, `none`"),
        ("dash.suggested", "cabin", "`cabin_temperature`, `home_temperature`, `seat`, `departure`, `none`"),
        ("su7.held_over", '"!= films"', "`assisted_driving`, `smart_navigation`, `entertainment`, `none`"),
    ],
)
def test_a_fact_is_no_name_that_is_not_there(fact: str, value: str, known: str) -> None:
    """What can never be is refused: a `never` of it could not fail."""
    error = refusal(HEAD + f"  - never: {{{fact}: {value}}}\n")

    word = value.strip('"').removeprefix("!= ")
    assert error.sentence == f"`{fact}`: `{word}` is not one of {known}"
    right = known.split(",", maxsplit=1)[0].strip("`")
    load(HEAD + f"  - never: {{{fact}: {right}}}\n  - never: {{{fact}: [{right}, none]}}\n")


@pytest.mark.parametrize(
    ("step", "word", "help_text"),
    [
        (SHOP % ("subscribe", "product: fillms"), "fillms", "did you mean `films`?"),
        (SHOP % ("subscribe", "product: su7_home"), "su7_home", "known here: `films`"),
        (SHOP % ("buy_bundle", "bundle: su7_hom"), "su7_hom", "did you mean `su7_home`?"),
        (SHOP % ("refund_purchase", "offer: zzz"), "zzz", "known here: `films`, `su7_home`"),
        (ORDER % ("corner_shp", "milk"), "corner_shp", "did you mean `corner_shop`?"),
        (ORDER % ("corner_shop", "mlik"), "mlik", "did you mean `milk`?"),
        (
            "  - do: dash.reserve_table\n    with: {restaurant: jade_gardn, at: '19:00'}\n",
            "jade_gardn",
            "did you mean `jade_garden`?",
        ),
        (
            "  - do: phone.ask\n    with: {device: su7, action: plan_smart_route, arguments: {to: ofice}}\n",
            "ofice",
            "did you mean `office`?",
        ),
        (
            "  - do: phone.send_destination\n    with: {car: su7, place: hoome}\n",
            "hoome",
            "did you mean `home`?",
        ),
    ],
)
def test_nobody_wishes_by_mistake_for_what_is_not_there(step: str, word: str, help_text: str) -> None:
    """At its place, with what could stand there."""
    assert told(refusal(HEAD + step)) == (f"there is no `{word}` here", help_text, word)


@pytest.mark.parametrize("status", ["failed", "denied"])
def test_who_expects_to_fail_may_wish_for_what_is_not_there(status: str) -> None:
    """As the services refuse it themselves; a denial is about who asks, and no reason to misspell."""
    text = (
        HEAD + ORDER % ("corner_shop", "cheese") + f"  - expect: {{ordered: {status}, su7.locked: [true]}}\n"
    )

    if status == "failed":
        load(text)
    else:
        assert refusal(text).sentence == "there is no `cheese` here"


def test_what_is_there_may_be_wished_for_and_places_be_called_as_people_do() -> None:
    """Goods are those of any shop: which one has them is for the marketplace to say."""
    places = ("The Office", "away_far", "Ofice", "office")
    sent = "".join(
        f"  - do: phone.send_destination\n    with: {{car: su7, place: {one}}}\n" for one in places
    )

    load(HEAD + SHOP % ("buy_bundle", "bundle: su7_home") + ORDER % ("corner_shop", "bread") + sent)


@pytest.mark.parametrize(("code", "right"), [("USEDUP", "USED_UP"), ("RIGTHS", "RIGHTS")])
def test_a_refusal_has_no_code_that_there_is_not(code: str, right: str) -> None:
    """A `never` of it could not fail."""
    unlock = "  - do: phone.unlock\n    with: {car: su7}\n    as: key\n"
    error = refusal(HEAD + unlock + f"  - never: {{key: denied, code: {code}}}\n")

    assert (error.sentence, error.help_text) == (f"there is no code `{code}`", f"did you mean `{right}`?")


def test_hours_are_written_as_a_clock_shows_them() -> None:
    """A bare number would be milliseconds, which nobody means."""
    with pytest.raises(HouseholdError) as caught:
        load(HEAD.replace('"06:00"', "6") + "  - advance: 1s\n")

    assert told(caught.value) == ("`6` is no time of the day, write it as `07:30`", None, "6")
