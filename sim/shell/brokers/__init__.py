"""Which broker a run uses: `auto`, `mosquitto`, `embedded`, or the URL of one that runs already."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from sim.core.errors import UsageError, did_you_mean
from sim.shell.brokers.embedded import private_embedded
from sim.shell.brokers.endpoint import Endpoint
from sim.shell.brokers.external import ExternalOptions, reached
from sim.shell.brokers.mosquitto import find_mosquitto, private_mosquitto
from sim.world.network.link import LinkPlan

CHOICES = ("auto", "mosquitto", "embedded")
"""Every choice but a URL."""


@contextlib.asynccontextmanager
async def open_broker(
    choice: str, plan: LinkPlan, environment: Mapping[str, str], options: ExternalOptions | None = None
) -> AsyncIterator[Endpoint]:
    """Start or check a broker; it is ready inside the block, and a private one is gone after it.

    Args:
        choice: one of `CHOICES`, or a URL `mqtt://…` or `mqtts://…`.
        plan: the household that will use it.
        environment: where the password of an external broker may stand.
        options: what else is said of an external broker; refused for a private one.

    Raises:
        UsageError: if the choice is none, or does not go with the options.
        MissingPartError: if the broker asked for is not installed.
        BrokerError: if it does not start or cannot be used.
    """
    async with _broker(choice, plan, environment, options) as endpoint:
        yield endpoint


def _broker(
    choice: str, plan: LinkPlan, environment: Mapping[str, str], options: ExternalOptions | None
) -> contextlib.AbstractAsyncContextManager[Endpoint]:
    if "://" in choice:
        return reached(choice, plan, options or ExternalOptions(), environment)
    if choice not in CHOICES:
        sentence = f"`{choice}` is not a broker"
        raise UsageError(sentence, help_text=did_you_mean(choice, ("memory", *CHOICES, "mqtt://host:port")))
    if options not in (None, ExternalOptions()):
        sentence = f"a password file, a CA file and the like go with a broker's URL, not with `{choice}`"
        raise UsageError(sentence)
    if choice == "mosquitto" or (choice == "auto" and find_mosquitto() is not None):
        return private_mosquitto(plan)
    return private_embedded(plan, because=", because mosquitto is not installed" if choice == "auto" else "")
