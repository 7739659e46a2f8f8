"""The command line. Only click is imported here; each command imports what it needs when it runs."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

import click

from sim import __version__
from sim.shell.policy.commands import POLICIES, policy

EPILOG = """\b
Exit codes: 0 held, 1 an assertion failed, 2 the input or the command line
is wrong, 3 internal error, 4 the machine or the broker, 5 nothing matched or
nothing asserted, 130 interrupted."""

SWEEPS = (50_000, 20, 20)
"""How seldom Python looks for circles of what nobody needs, instead of after every 700 objects.

Nearly all that a run makes lives as long as the run: to look as often as usual took a tenth of its time.
"""

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


class _ReaderGoneError(Exception):
    """Raised when nobody reads the output any more, as behind `| head`."""


class _Commands(click.Group):
    """Commands that keep from click what it would take for a failure: it ends with 1 on a closed pipe."""

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out the command.

        Raises:
            _ReaderGoneError: when its output is closed.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGoneError from None


@click.group(cls=_Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="carhome")
def cli() -> None:
    """Simulate a household's car, phone, watch and home over MQTT, and refuse what is unsafe."""


@cli.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--broker",
    default="auto",
    metavar="WHICH",
    show_default=True,
    help="memory, embedded, mosquitto, auto, or mqtt[s]://user@host:port.",
)
@click.option(
    "--password-file", type=_FILE, help="Password of an external broker, or a line user:password per device."
)
@click.option(
    "--ca-file", "ca_file", type=_FILE, help="Certificates to trust for mqtts, instead of the system's."
)
@click.option(
    "--certificates",
    type=_FOLDER,
    metavar="FOLDER",
    help="Certificate and key of each device for mqtts, and ca.crt, as carhome broker config leaves them.",
)
@click.option("--clean", is_flag=True, help="Remove what an earlier run left on an external broker.")
@click.option(
    "--permissions", is_flag=True, help="Rely on an external broker to enforce the household's permissions."
)
@click.option("--seed", type=click.IntRange(0, 2**31), help="Instead of each scenario's own.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Write the records to standard output, one per line, and nothing else.",
)
@click.option("--record", type=_FILE, metavar="FILE", help="Write the records to a file.")
@click.option(
    "--ledger", type=_FILE, metavar="FILE", help="Keep the books of the one case in a new SQLite file."
)
@click.option("--report", type=_FILE, metavar="FILE", help="Write what happened as one HTML file.")
@click.option("-k", "only", metavar="TEXT", help="Only files, titles and cases that contain this.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag; may be given again.")
@click.option("-x", "stop_at_first", is_flag=True, help="Stop after the first case that does not pass.")
@POLICIES
@click.option("--realtime", is_flag=True, help="Let virtual time pass like real time, for an audience.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.001, max=1_000_000),
    metavar="N",
    help="Like --realtime, N times as fast.",
)
def run(**options: Any) -> None:
    """Run scenario files, and all files below folders."""
    from sim.shell.brokers.external import ExternalOptions
    from sim.shell.running import RunOptions
    from sim.shell.running import run as run_scenarios

    external = ExternalOptions(
        password_file=options["password_file"],
        ca_file=options["ca_file"],
        certificates=options["certificates"],
        clean=options["clean"],
        permissions=options["permissions"],
    )
    speed = options["speed"] or (1.0 if options["realtime"] else None)
    if speed is not None and speed != speed:  # noqa: PLR0124  # only NaN differs from itself
        message = "nan is no speed"
        raise click.BadParameter(message, param_hint="--speed")
    _leave(
        run_scenarios(
            RunOptions(
                paths=options["paths"],
                broker=options["broker"],
                external=None if external == ExternalOptions() else external,
                seed=options["seed"],
                json=options["as_json"],
                record=options["record"],
                report=options["report"],
                only=options["only"],
                tags=options["tags"],
                stop_at_first=options["stop_at_first"],
                speed=speed,
                policies=options["policies"],
                ledger=options["ledger"],
            )
        )
    )


@cli.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True)
@POLICIES
def check(paths: tuple[str, ...], policies: Path | None) -> None:
    """Check scenario files and their households without running anything."""
    from sim.shell.checking import check as check_files

    _leave(check_files(paths, policies))


@cli.command(epilog=EPILOG)
@click.argument("left", type=_FILE)
@click.argument("right", type=_FILE)
def diff(left: Path, right: Path) -> None:
    """Show the first difference between two recordings; exit 1 if there is one."""
    from sim.shell.comparing import compare_files

    _leave(compare_files(left, right))


@cli.command(epilog=EPILOG)
@click.argument("recording", type=click.Path())
@click.option("-o", "--output", type=_FILE, required=True, metavar="FILE", help="The HTML file to write.")
def report(recording: str, output: Path) -> None:
    """Write what a recording tells as one HTML file: sequences, decisions, numbers, data flows."""
    from sim.shell.reporting import report_recording

    _leave(report_recording(recording, output))


@cli.command(epilog=EPILOG)
@click.argument("recording", type=_FILE)
@click.option("--key", type=_FILE, required=True, metavar="FILE", help="The private key; made if not there.")
def seal(recording: Path, key: Path) -> None:
    """Sign a recording, so that any later change of it is seen."""
    from sim.shell.sealing import seal_recording

    _leave(seal_recording(recording, key))


@cli.command(epilog=EPILOG)
@click.argument("recording", type=_FILE)
@click.option("--public", required=True, metavar="HEX", help="The public key that `carhome seal` printed.")
def verify(recording: Path, public: str) -> None:
    """Say whether a recording is what was sealed; exit 1 if it was changed."""
    from sim.shell.sealing import verify_recording

    _leave(verify_recording(recording, public))


@cli.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--attacker",
    "attackers",
    multiple=True,
    metavar="NAME",
    help="Only this one; may be given again. mallory, eve, relay, thief, ex-friend, noisy.",
)
@click.option("-k", "only", metavar="TEXT", help="Only files, titles and cases that contain this.")
@POLICIES
@click.option("--json", "json", is_flag=True, help="One object per attack and line.")
def attack(**options: Any) -> None:
    """Run friendly scenarios once more with every attacker in them, and say what held; exit 1 if not all."""
    from sim.shell.attacking import AttackOptions
    from sim.shell.attacking import attack as attack_scenarios

    _leave(attack_scenarios(AttackOptions(**options)))


@cli.command(epilog=EPILOG)
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="One object per kind and line.")
def devices(kind: str | None, *, as_json: bool) -> None:
    """List the kinds of devices: what they report, what they can be asked, what one can do with them."""
    from sim.shell.listing import list_devices

    _leave(list_devices(kind, as_json=as_json))


@cli.command(epilog=EPILOG)
def doctor() -> None:
    """Say what is installed here, and what a run would use."""
    from sim.shell.doctor import examine

    _leave(examine())


@cli.command(epilog=EPILOG)
@click.argument(
    "what", type=click.Choice(["scenario", "household", "suite", "claims", "vocabulary", "vehicle"])
)
def schema(what: str) -> None:
    """Print the JSON Schema of a file format, for editors."""
    from sim.shell.schemas import schema_text

    click.echo(schema_text(what), nl=False)
    _leave(0)


@cli.group(epilog=EPILOG)
def household() -> None:
    """Keys, passwords and certificates for the devices of a household file, kept outside of it."""


_STORE = click.option(
    "--store",
    type=_FOLDER,
    metavar="FOLDER",
    help="Where the identities are, instead of below $XDG_DATA_HOME or ~/.local/share.",
)


@household.command(name="new", epilog=EPILOG)
@click.argument("file", type=_FILE, metavar="HOUSEHOLD")
@_STORE
@click.option("--missing", is_flag=True, help="Keep those that are there, and add those that are not.")
def household_new(file: Path, store: Path | None, *, missing: bool) -> None:
    """Make an identity for every device of a household file."""
    from sim.shell.enrolling import make

    _leave(make(file, store, missing=missing))


@household.command(name="show", epilog=EPILOG)
@click.argument("file", type=_FILE, metavar="HOUSEHOLD")
@_STORE
@click.option("--json", "as_json", is_flag=True, help="One object per device and line.")
def household_show(file: Path, store: Path | None, *, as_json: bool) -> None:
    """List who has an identity, since when, and until when its certificate is good; never a secret."""
    from sim.shell.enrolling import show

    _leave(show(file, store, as_json=as_json))


@household.command(name="rotate", epilog=EPILOG)
@click.argument("file", type=_FILE, metavar="HOUSEHOLD")
@click.argument("devices", nargs=-1, metavar="[DEVICE]...")
@_STORE
def household_rotate(file: Path, devices: tuple[str, ...], store: Path | None) -> None:
    """Make new secrets for devices, or for all, and retire the old ones."""
    from sim.shell.enrolling import rotate

    _leave(rotate(file, store, devices))


@household.command(name="enrol", epilog=EPILOG)
@click.argument("file", type=_FILE, metavar="HOUSEHOLD")
@click.argument("devices", nargs=-1, metavar="[DEVICE]...")
@_STORE
def household_enrol(file: Path, devices: tuple[str, ...], store: Path | None) -> None:
    """Make identities for devices that were added later or revoked; for all that never had one."""
    from sim.shell.enrolling import enrol

    _leave(enrol(file, store, devices))


@household.command(name="revoke", epilog=EPILOG)
@click.argument("file", type=_FILE, metavar="HOUSEHOLD")
@click.argument("devices", nargs=-1, required=True, metavar="DEVICE...")
@_STORE
def household_revoke(file: Path, devices: tuple[str, ...], store: Path | None) -> None:
    """Take the identity of devices away for good."""
    from sim.shell.enrolling import revoke

    _leave(revoke(file, store, devices))


@cli.group(epilog=EPILOG)
def broker() -> None:
    """Brokers for a household, with its accounts and permissions."""


@broker.command(name="config", epilog=EPILOG)
@click.argument("file", type=_FILE, metavar="HOUSEHOLD")
@click.option("--for", "program", type=click.Choice(["mosquitto"]), required=True, help="Which broker.")
@_STORE
@click.option(
    "--to", type=_FOLDER, metavar="FOLDER", help="Where to write, instead of beside the identities."
)
@click.option("--tls", is_flag=True, help="Log in with certificates over TLS 1.3, not with passwords.")
@click.option("--port", type=click.IntRange(1, 65_535), help="1883, or 8883 with --tls, if left out.")
@click.option("--listen", default="127.0.0.1", metavar="ADDRESS", show_default=True, help="Where to listen.")
@click.option("--name", "names", multiple=True, help="Another name of the server; may be given again.")
@click.option("--directory", metavar="PATH", help="Where the broker will find FOLDER, as in a container.")
@click.option("--persistence", metavar="PATH", help="Where the broker keeps what outlives it; else nothing.")
def broker_config(program: str, **options: Any) -> None:
    """Write configuration, accounts and permissions of a broker, from the household and its identities."""
    from sim.shell.configuring import ConfigOptions, configure

    assert program == "mosquitto"  # the only choice
    _leave(configure(ConfigOptions(**options)))


cli.add_command(policy)


def _leave(code: int) -> None:
    # What is still in the buffer is written here, where a reader that is gone is expected.
    sys.stdout.flush()
    sys.exit(int(code))


def main() -> None:
    """Run the command line; every way out has its exit code."""
    gc.set_threshold(*SWEEPS)
    _make_streams_safe()
    try:
        cli.main(prog_name="carhome", standalone_mode=False)
    except click.exceptions.Abort:
        _interrupted()
    except KeyboardInterrupt:
        _interrupted()
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except _ReaderGoneError:
        _reader_is_gone()
    except Exception as error:  # noqa: BLE001  # whatever it is, the user gets a sentence and an exit code
        _explain(error)


def _make_streams_safe() -> None:
    """Let no sign of ours break on a terminal that cannot show it, or on an output that is closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # lives as long as we
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _interrupted() -> None:
    sys.stderr.write("interrupted\n")
    sys.exit(130)


def _reader_is_gone() -> None:
    """End quietly when whoever read the output has closed it; what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(141)


def _explain(error: Exception) -> None:
    """Say an error of the user's in its own words; for a bug, say that it is one and show it."""
    from sim.core.errors import SimError
    from sim.shell.exits import Exit

    if isinstance(error, SimError):
        from sim.report.diagnostic import render
        from sim.shell.terminal import sees_colour

        sys.stderr.write(render(error, colour=sees_colour(sys.stderr)) + "\n")
        sys.exit(int(Exit.of_error(error)))
    import traceback

    traceback.print_exception(error)
    sys.stderr.write("this is a bug in carhome, not in your input; please report it with the lines above\n")
    sys.exit(int(Exit.INTERNAL))
