"""The rules of screens, as stories come to them: whose screen it is, and who sits before it."""

import pytest

from tests.scenario.stories import passes

OWN = """scenario: A story
household: wang
steps:
  - do: phone.ask
    with: {device: $screen, action: set_theme, arguments: {mode: dark}}
    as: theme
  - expect: {theme: [done, denied], $screen.theme: $shown}
    within: 4s
"""


@pytest.mark.parametrize(
    ("screen", "shown", "rules"),
    [
        ("mei_phone", "auto", ["own-screen-own-look"]),
        ("watch", "dark", []),
        ("dash", "dark", []),
    ],
)
def test_the_look_of_somebody_elses_screen_is_theirs(screen: str, shown: str, rules: list[str]) -> None:
    """One's own and those that people share are one's to choose."""
    story = OWN.replace("$screen", screen).replace("$shown", shown)

    result = passes(story)

    assert [rule for denial in result.denials for rule in denial["decision"]["rules"]] == rules


PRIVATE = """scenario: A story
household: wang
given: {su7: {gear: P, driver: lin}, lin: {in: su7}}
steps:
  - do: phone.receives
    with: {app: mail, sender: "Dr. Chen", body: "The results are here"}
  - do: phone.copy
    with: {text: "88 Jianguo Road"}
  - do: $asker.ask
    with: {device: phone, action: $action, arguments: $arguments}
    as: asked
  - expect: {asked: [done, denied, failed]}
    within: 4s
"""


@pytest.mark.parametrize("asker", ["mei_phone", "watch"])
@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("dismiss_notification", "{phone: phone, number: 1}"),
        ("clear_clipboard", "{version: 9}"),
    ],
)
def test_what_is_private_on_somebody_elses_phone_is_theirs(asker: str, action: str, arguments: str) -> None:
    """Mei puts away and clears nothing of Lin's; another device of Lin's does."""
    story = PRIVATE.replace("$asker", asker).replace("$action", action).replace("$arguments", arguments)
    expected = [] if asker == "watch" else ["own-device-own-private-things"]

    result = passes(story)

    denials = [denial["decision"]["rules"] for denial in result.denials if denial["action"] == action]
    assert [rule for rules in denials for rule in rules] == expected
