"""docker-compose.yml: it is one, its containers are confined, and what they are told works outside of them.

No engine is needed: the commands of the services are carried out here, with the folders of this machine in
the place of those in the containers, and the broker is the Mosquitto that is installed.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.shell.brokers.child import free_port
from sim.shell.enrolling import household_in
from sim.shell.files import Shelf, find_scenarios
from tests.shell.carhome import PROJECT, Command, Ended, carhome, held_against
from tests.shell.configured import Configured, speaks, started
from tests.wire.raw import SUCCESS, Hello

COMPOSE = PROJECT / "docker-compose.yml"
DOCUMENT: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
GROUPS = [name for name, service in SERVICES.items() if service.get("profiles") == ["demo"]]

DOCKERFILE = (PROJECT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
PINNED = re.compile(r"[a-z-]+:\d+\.\d+\.\d+[a-z-]*@sha256:[0-9a-f]{64}")
USER = "1883:1883"
FOLDERS = "/var/lib/carhome/"


def validated(file: Path) -> "subprocess.CompletedProcess[str]":
    """Hold a file against the schema of the compose specification."""
    return held_against("--builtin-schema", "vendor.compose-spec", str(file))


# --- the file -----------------------------------------------------------------------------------------


def test_file_is_what_the_compose_specification_wants() -> None:
    """The whole file is valid."""
    result = validated(COMPOSE)

    assert result.returncode == 0, result.stdout + result.stderr


def test_file_with_a_mistake_is_not(tmp_path: Path) -> None:
    """A misspelt key of a service would be noticed."""
    (tmp_path / "compose.yml").write_text(COMPOSE.read_text().replace("healthcheck:", "health_check:"))

    assert validated(tmp_path / "compose.yml").returncode != 0


@pytest.mark.parametrize("name", SERVICES)
def test_container_is_confined(name: str) -> None:
    """No root, no capabilities, nothing to write to but what is said, and bounds for all it may take."""
    service = SERVICES[name]

    assert service["user"] == USER
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 128
    assert service["mem_limit"] == service["memswap_limit"] == "256m"
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "env_file", "environment"} & set(service)
    assert service.get("network_mode", "none") == "none"
    assert not [one for one in service.get("volumes", ()) if one["type"] != "volume"]


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    """Somebody else's image is named by version and digest; ours is built here, never fetched."""
    service = SERVICES[name]

    if name in OURS:
        assert service["build"] == {"context": ".", "dockerfile": "deploy/Dockerfile"}
        assert service["pull_policy"] == "build"
    else:
        assert PINNED.fullmatch(service["image"])


def test_only_the_broker_is_reached_from_outside_and_only_from_this_machine() -> None:
    """One port, of one service, on loopback."""
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert ports == {
        "broker": [{"target": 8883, "published": "8883", "host_ip": "127.0.0.1", "protocol": "tcp"}]
    }


def test_authority_is_out_of_reach_of_whoever_has_a_network() -> None:
    """The whole store is mounted only where there is no network; devices see what devices log in with."""
    for name, service in SERVICES.items():
        for volume in service.get("volumes", ()):
            if volume["source"] == "identities" and volume.get("volume", {}).get("subpath") != "clients":
                assert service["network_mode"] == "none", name
            if service.get("network_mode") != "none" and volume["source"] != "messages":
                assert volume["read_only"] is True, name


def test_groups_play_one_after_the_other() -> None:
    """Two runs would mix up on the topics of one household: each group waits for the one before."""
    assert GROUPS == ["car", "home", "wearables", "attackers"]
    for before, after in pairwise(GROUPS):
        assert SERVICES[after]["depends_on"] == {
            "broker": {"condition": "service_healthy"},
            before: {"condition": "service_completed_successfully"},
        }


def test_broker_waits_for_its_files() -> None:
    """Identities come first, then the configuration, then the broker."""
    finished = {"condition": "service_completed_successfully"}

    assert SERVICES["configuration"]["depends_on"] == {"identities": finished}
    assert SERVICES["broker"]["depends_on"] == {"configuration": finished}


# --- the image ----------------------------------------------------------------------------------------


def test_image_is_built_from_what_is_locked() -> None:
    """Pinned bases, the locked dependencies, the uv of the Makefile, and a user without rights."""
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^UV_VERSION := (\S+)", makefile, re.MULTILINE)
    assert found is not None

    assert bases
    assert all(PINNED.fullmatch(base) for base in bases)
    assert f"uv=={found[1]}" in DOCKERFILE
    assert DOCKERFILE.count("uv sync --frozen") == 2
    assert f"\nUSER {USER}\n" in DOCKERFILE


def test_image_holds_only_what_is_listed() -> None:
    """What is copied is allowed by name, everything else is kept out, and all of it is there."""
    ignored = (PROJECT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {word.removeprefix("./") for line in sources for word in line.split()}

    assert [line for line in ignored if line and not line.startswith(("#", "!"))] == ["*", "**/__pycache__"]
    assert copied == allowed
    assert all((PROJECT / name).exists() for name in allowed)


# --- the commands -------------------------------------------------------------------------------------


def outside(words: list[str], places: Mapping[str, str]) -> list[str]:
    """Return a command with the places of this machine instead of those in a container."""
    return [
        next((word.replace(inside, here) for inside, here in places.items() if inside in word), word)
        for word in words
    ]


@pytest.fixture(scope="module")
def volumes() -> Iterator[Path]:
    """What the volumes hold after `identities` and `configuration` have ended, the second time too."""
    with tempfile.TemporaryDirectory() as name:  # unlike pytest's own, the broker's user may enter it
        home = Path(name)
        home.chmod(0o755)
        places = places_in(home)
        for service in ("identities", "configuration", "identities", "configuration"):
            ended = project(home, *outside(SERVICES[service]["command"], places))
            assert ended.code == 0, ended.err
        yield home


def places_in(home: Path) -> dict[str, str]:
    """Return where the folders of containers are on this machine, and the port of its broker."""
    (home / "messages").mkdir(exist_ok=True)
    (home / "messages").chmod(0o777)
    port = home / "port"
    if not port.exists():
        port.write_text(str(free_port()))
    return {
        "/mosquitto/config": str(home / "broker"),
        "/mosquitto/data": str(home / "messages"),
        f"{FOLDERS}clients": str(home / "identities" / "clients"),
        FOLDERS: f"{home}/",
        "households/": f"{PROJECT}/households/",
        "scenarios/": f"{PROJECT}/scenarios/",
        "mqtts://broker:8883": f"mqtts://127.0.0.1:{port.read_text()}",
        "--listen=0.0.0.0": f"--port={port.read_text()}",
    }


def project(home: Path, *words: str) -> Ended:
    """Run a command of the project."""
    return carhome(home, *(word.rstrip("/") for word in words))


@pytest.fixture(scope="module")
def broker(volumes: Path) -> Iterator[Configured]:
    """The broker of the file, as the Mosquitto that is installed."""
    assert SERVICES["broker"]["command"] == ["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"]
    with started(volumes / "broker", int((volumes / "port").read_text())) as running:
        yield running


def test_configuration_is_the_one_that_is_mounted(volumes: Path, here: Command) -> None:
    """Word for word as in the container, its files are those in the folder that the broker has."""
    places = {
        "households/": f"{PROJECT}/households/",
        f"--store={FOLDERS}": f"--store={volumes}/",
        f"--to={FOLDERS}broker": f"--to={volumes}/as-mounted",
    }
    ended = here(*outside(SERVICES["configuration"]["command"], places))

    text = (volumes / "as-mounted" / "mosquitto.conf").read_text()
    named = set(re.findall(r"/mosquitto/config/(\S+)", text))
    assert ended.code == 0, ended.err
    assert named == {"ca.crt", "server.crt", "server.key", "crl.pem", "permissions"}
    assert named < {path.name for path in (volumes / "as-mounted").iterdir()}
    assert "listener 8883 0.0.0.0\n" in text
    assert "persistence_location /mosquitto/data/\n" in text
    assert "allow_anonymous false\n" in text
    assert "require_certificate true\n" in text


@pytest.mark.network
@pytest.mark.mosquitto
def test_broker_lets_in_who_has_a_certificate(broker: Configured, volumes: Path) -> None:
    """Everybody of the household gets in, and nobody without a certificate does."""
    clients = volumes / "identities" / "clients"
    names = {path.stem for path in clients.glob("*.key")}

    assert names > {"su7", "phone", "mallory", "observer"}
    assert {broker.refusal(speaks(clients, name)) for name in names} == {None}
    assert broker.refusal(speaks(clients, None)) is not None
    assert broker.refusal(None) is not None


@pytest.mark.network
@pytest.mark.mosquitto
def test_health_check_is_answered(broker: Configured, volumes: Path) -> None:
    """What the check does works: it logs in with its certificate, and its subscription is granted."""
    check = SERVICES["broker"]["healthcheck"]["test"]
    said = dict(zip(check[2:-1:2], check[3:-1:2], strict=True))

    assert (check[0], check[1], check[-1]) == ("CMD", "mosquitto_sub", "-E")
    assert (said["--host"], said["--port"]) == ("localhost", "8883")
    assert {said[one] for one in ("--cafile", "--cert", "--key")} == {
        f"/mosquitto/config/{name}" for name in ("ca.crt", "health.crt", "health.key")
    }
    with broker.wire(speaks(volumes / "broker", "health")) as wire:
        welcome = wire.connect(Hello(client_id="health"))
        assert welcome is not None
        assert welcome.code == SUCCESS
        wire.subscribe(said["--topic"])


@pytest.mark.network
@pytest.mark.mosquitto
@pytest.mark.parametrize("group", GROUPS)
def test_stories_of_a_group_are_played(broker: Configured, volumes: Path, group: str) -> None:
    """The first case that a group plays holds over the broker of the file, with the service's own options."""
    run, first, *rest = outside(SERVICES[group]["command"], places_in(volumes))
    options = [word for word in rest if word.startswith("--")]
    scenario = shelf().scenario(find_scenarios([first])[0])

    ended = project(volumes, run, scenario.file, *options, "-k", scenario.cases[0].name or scenario.title)

    assert ended.code == 0, ended.out + ended.err
    assert "passed" in ended.lines[-1]
    assert "skipped" not in ended.lines[-1]
    assert broker.process


@pytest.mark.parametrize("group", GROUPS)
def test_everybody_in_the_stories_has_an_identity(group: str) -> None:
    """No story of a group brings somebody along whom the broker does not know, and every path is there."""
    paths = [str(PROJECT / word) for word in told(group)]

    files = find_scenarios(paths)

    assert len(files) >= len(paths) > 1
    for file in files:
        assert is_known(file), file


def told(group: str) -> list[str]:
    """Return the files and folders that a group plays, as its command names them."""
    return [word for word in SERVICES[group]["command"] if word.startswith("scenarios/")]


@cache
def known() -> frozenset[str]:
    """Return whom the broker of the file knows."""
    return frozenset(household_in(PROJECT / "households" / "wang.household.yaml").devices)


@cache
def shelf() -> Shelf:
    """Return the shipped rules and households, read once for every story."""
    return Shelf()


@cache
def is_known(file: Path) -> bool:
    """Say whether everybody in a story has an account at the broker of the file."""
    return known() >= set(shelf().scenario(file).household.devices)


def playable(folder: str) -> list[str]:
    """Return what of a folder of stories can be played: the folder itself, or its files one by one."""
    files = find_scenarios([str(PROJECT / folder)])
    fit = [file.relative_to(PROJECT).as_posix() for file in files if is_known(file)]
    return [folder] if len(fit) == len(files) else fit


@pytest.mark.parametrize("group", GROUPS)
def test_group_plays_every_story_of_its_folders_that_the_broker_can(group: str) -> None:
    """The lists follow from the files: a story is in them if the broker knows everybody in it."""
    words = told(group)
    folders = dict.fromkeys(str(Path(word).parent) if Path(word).suffix else word for word in words)

    assert words == [word for folder in folders for word in playable(folder)]


def test_observer_logs_in_with_its_own_certificate(volumes: Path) -> None:
    """The files that it is told of are among those that are mounted for it."""
    words = outside(SERVICES["observer"]["command"], places_in(volumes))
    said = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))

    assert said["--topic"] == "carhome/#"
    assert all(Path(said[one]).exists() for one in ("--cafile", "--cert", "--key"))
    assert Path(said["--cert"]).name == "observer.crt"


@pytest.mark.parametrize("name", ["roll", "doctor"])
def test_tools_work(volumes: Path, name: str) -> None:
    """Each tool does what it is there for, and changes nothing."""
    ended = project(volumes, *outside(SERVICES[name]["command"], places_in(volumes)))

    assert ended.code == 0, ended.err
