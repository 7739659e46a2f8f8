"""The broker inside a wheel, iotcore (rumqttd): where no Mosquitto is installed, for development only."""

import contextlib
import importlib.util
import json
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from sim.core.errors import MissingPartError
from sim.core.messages import MESSAGE_BYTES_MAX
from sim.shell.brokers.accounts import Login, random_logins
from sim.shell.brokers.child import private_broker
from sim.shell.brokers.endpoint import Endpoint
from sim.world.network.link import LinkPlan

_SERVE = "from iotcore._serve import main; main()"
"""What `iotcore.Broker.start()` runs; it ends when its standard input closes, so also when we are killed."""

_CONFIG = """\
id = 0
[router]
id = 0
max_connections = {connections_max}
max_outgoing_packet_count = 1000
max_segment_size = 1048576
max_segment_count = 10
[v5.1]
name = "carhome"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = {packet_bytes_max}
max_inflight_count = 100
dynamic_filters = true
auth = {{ {accounts} }}
"""


@contextlib.asynccontextmanager
async def private_embedded(plan: LinkPlan, *, because: str = "") -> AsyncIterator[Endpoint]:
    """Run an iotcore broker for one household on a free loopback port, as long as the block.

    Args:
        plan: the household.
        because: why this broker was chosen, as a clause for people; empty if they asked for it.

    Raises:
        MissingPartError: if the library is not installed.
        BrokerError: if the broker does not start.
    """
    if importlib.util.find_spec("iotcore") is None:
        sentence = "the embedded broker is not installed"
        raise MissingPartError(sentence, help_text="`pip install carhome[embedded]`, or install Mosquitto")
    logins = random_logins(plan)

    def prepare(directory: Path, port: int) -> tuple[Sequence[str], Endpoint]:
        config = _write_config(directory, logins, port)
        endpoint = Endpoint(
            home=plan.home,
            label=f"embedded (iotcore) on 127.0.0.1:{port}",
            host="127.0.0.1",
            port=port,
            logins=logins,
            permissions=False,
            remark=f"{because}; development only, it enforces no permissions",
            slow_writes=True,
            late_wills=True,
        )
        return (sys.executable, "-c", _SERVE, json.dumps({"config_path": str(config)})), endpoint

    async with private_broker("the embedded broker", prepare) as endpoint:
        yield endpoint


def _write_config(directory: Path, logins: dict[str, Login], port: int) -> Path:
    path = directory / "broker.toml"
    path.touch(mode=0o600)
    path.write_text(
        _CONFIG.format(
            port=port,
            connections_max=2 * len(logins) + 8,
            packet_bytes_max=MESSAGE_BYTES_MAX + 1_024,
            accounts=", ".join(f'"{login.user}" = "{login.password}"' for login in logins.values()),
        ),
        encoding="utf-8",
    )
    return path
