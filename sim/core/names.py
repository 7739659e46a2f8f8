"""What may be a name: one level of a topic, one half of a broker user name."""

import re

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
"""Lower case, so that two names never differ by case alone; no `/ + # .`, which brokers give a meaning."""

NAME_RULE = "1 to 32 of a-z, 0-9, - and _, beginning with a letter or digit"


def is_name(text: str) -> bool:
    """Say whether `text` may name a household, home, room, person, device or command."""
    return NAME.fullmatch(text) is not None


_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def is_identifier(text: str) -> bool:
    """Say whether `text` may be a level of a topic of ours: a name, or a message id made from one."""
    return _IDENTIFIER.fullmatch(text) is not None
