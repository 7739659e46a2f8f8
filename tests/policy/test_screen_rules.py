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
