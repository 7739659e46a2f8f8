"""The rules of settings, as stories come to them: whose device it is, who wishes, and by which way."""

import pytest

from tests.scenario.stories import passes

HOUSE = """scenario: A story
household:
  extends: wang
  devices:
    cloud: {kind: cloud}
    jun_phone: {kind: phone, owner: jun}
given:
  mei_phone: {carrier: mei}
  jun_phone: {carrier: jun}
steps:
"""
WISH = """  - do: $at.set_desired
    with: {device: $device, $setting}
    as: wish
  - expect: {wish: [done, denied], $fact}
    within: 4s
"""
PAST_THE_TWIN = """  - do: phone.ask
    with:
      device: $device
      action: apply_setting
      arguments: {intent: phone-wish-1, setting: language, value: en}
    as: wish
  - expect: {wish: denied, $device.language: zh}
    within: 4s
"""


def rules_of(story: str) -> list[list[str]]:
    """Play a story, and return the rules of every denial."""
    return [denial["decision"]["rules"] for denial in passes(HOUSE + story).denials]


@pytest.mark.parametrize(
    ("at", "device", "setting", "fact", "rules"),
    [
        ("phone", "dash", "comfort: 24 °C", "dash.comfort: 24 °C", []),
        ("jun_phone", "jun_phone", "language: en", "jun_phone.language: en", []),
        ("phone", "mei_phone", "language: en", "mei_phone.language: zh", [["no-intent-for-others"]]),
    ],
)
def test_people_set_their_own_devices_and_the_household_what_is_shared(
    at: str, device: str, setting: str, fact: str, rules: list[list[str]]
) -> None:
    """Rules: "household-sets-its-devices", "own-device-own-settings", "own-device-at-the-cloud"."""
    story = WISH.replace("$at", at).replace("$device", device)

    assert rules_of(story.replace("$setting", setting).replace("$fact", fact)) == rules


def test_a_guest_sets_nothing_of_the_household() -> None:
    """No rule permits it, and none has to forbid it; "devices-keep-in-step" gives no more than it says."""
    story = WISH.replace("$at", "jun_phone").replace("$device", "dash")

    (rules,) = rules_of(story.replace("$setting", "comfort: 30 °C").replace("$fact", "dash.comfort: 21 °C"))

    assert rules == []


@pytest.mark.parametrize(
    ("device", "rules"),
    [("dash", ["settings-by-intent-only"]), ("mei_phone", ["settings-of-others", "settings-by-intent-only"])],
)
def test_no_command_sets_anything_past_the_twin(device: str, rules: list[str]) -> None:
    """Neither a shared device nor somebody else's."""
    assert rules_of(PAST_THE_TWIN.replace("$device", device)) == [rules]
