"""The shared options of all commands, and the options that several commands have in common."""

from __future__ import annotations

import functools
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sostrades_cli.cli.param_types import DURATION, PROFILE, STUDY
from sostrades_cli.local.settings import FORMATS
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED_SUMMARY: Final = (
    "Every command also takes --host, --profile, -F/--format, --query, -o/--output, --overwrite, --safe-csv, "
    "--read-timeout, --allow-http, -q, -v, --debug and --no-color: see `sostrades --help`."
)
CHANGE_FIELDS: Final = ("dry_run", "exit_code", "force")
WATCH_FIELDS: Final = ("timeout_s", "interval_s", "wait_start_s", "max_outage_s", "stall_warning_s", "fail_fast")
_WATCH_OPTIONS: Final = (
    click.option("--timeout", "timeout_s", type=DURATION, metavar="S", help="Stop watching after S: exit 124."),
    click.option("--interval", "interval_s", type=DURATION, metavar="S", help="Ask every S, not every 1 to 10 s."),
    click.option(
        "--wait-start", "wait_start_s", type=DURATION, default=0.0, metavar="S", help="Wait S for a run to be started."
    ),
    click.option(
        "--max-outage",
        "max_outage_s",
        type=DURATION,
        default=300.0,
        metavar="S",
        help="Ride out an outage of S; 5 min unless said.",
    ),
    click.option(
        "--stall-warning",
        "stall_warning_s",
        type=DURATION,
        default=600.0,
        metavar="S",
        help="Warn when nothing moves for S; 10 min unless said.",
    ),
    click.option("--fail-fast", is_flag=True, help="Of several studies, stop at the first that fails."),
    click.option("--notify", is_flag=True, help="At the end ring the bell, and notify the desktop if it can be."),
    click.option(
        "--on-finish", metavar="COMMAND", help="At the end run COMMAND, with SOSTRADES_OUTCOME etc. in its environment."
    ),
)


_CHANGE_OPTIONS: Final = (
    click.option(
        "--dry-run", is_flag=True, help="Show what would change or be refused, and the requests; send nothing."
    ),
    click.option("--exit-code", is_flag=True, help="With --dry-run, exit 9 if anything would change."),
    click.option("--yes", is_flag=True, help="Do not ask; needed off a terminal for more than 20 parameters."),
)


_TOLERANCE_OPTIONS: Final = (
    click.option(
        "--rtol",
        type=click.FloatRange(min=0.0),
        default=0.0,
        metavar="R",
        help="Numbers may differ by R of the larger one.",
    ),
    click.option("--atol", type=click.FloatRange(min=0.0), default=0.0, metavar="A", help="Numbers may differ by A."),
    click.option("--exit-code", is_flag=True, help="Exit 9 if anything differs."),
)


def tolerance_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the options of a comparison. The command gets ``tolerance`` and ``exit_code``."""

    @functools.wraps(function)
    def wrapper(app: Any, *, rtol: float, atol: float, **options: Any) -> Any:  # noqa: ANN401 - any command's
        from sostrades_cli.operations.tables.equality import Tolerance  # noqa: PLC0415 - start-up: not for --help

        return function(app, tolerance=Tolerance(rtol, atol), **options)

    for option in reversed(_TOLERANCE_OPTIONS):
        wrapper = option(wrapper)
    return wrapper


def study_argument(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the STUDY argument."""
    return click.argument("study", type=STUDY, metavar="STUDY")(function)


def watch_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the options of a watch. The command gets ``options`` and ``notify_options``."""

    @functools.wraps(function)
    def wrapper(app: Any, *, notify: bool, on_finish: str | None, **options: Any) -> Any:  # noqa: ANN401 - any command's
        from sostrades_cli.operations.calc.monitor import WatchOptions  # noqa: PLC0415
        from sostrades_cli.operations.calc.notify import NotifyOptions  # noqa: PLC0415 - start-up: not for --help

        run_options = WatchOptions(**{name: options.pop(name) for name in WATCH_FIELDS})
        notify_options = NotifyOptions(notify, on_finish) if notify or on_finish else None
        if notify_options is not None:
            notify_options.arguments()  # reject an invalid command before the first request
        return function(app, options=run_options, notify_options=notify_options, **options)

    for option in reversed(_WATCH_OPTIONS):
        wrapper = option(wrapper)
    return wrapper


def change_options(forced: str = "") -> Callable[[Any], Any]:
    """Add the options of a change. The command gets ``options``. ``forced`` ends the help of --force."""
    force_help = f"Even while a run is going on, whose result is lost{forced}."

    def decorate(function: Any) -> Any:  # noqa: ANN401 - any command
        @functools.wraps(function)
        def wrapper(app: Any, **options: Any) -> Any:  # noqa: ANN401 - any command's
            from sostrades_cli.operations.changes import ChangeOptions  # noqa: PLC0415 - start-up: not for --help
            from sostrades_cli.operations.param.confirm import confirm  # noqa: PLC0415

            ask = functools.partial(confirm, stdin=app.runtime.stdin, stderr=app.runtime.stderr)
            values = {name: options.pop(name) for name in CHANGE_FIELDS}
            change = ChangeOptions(**values, confirm=None if options.pop("yes") else ask)
            return function(app, options=change, **options)

        for option in (click.option("--force", is_flag=True, help=force_help), *reversed(_CHANGE_OPTIONS)):
            wrapper = option(wrapper)
        return wrapper

    return decorate


def _store_value(ctx: click.Context, param: click.Parameter, value: Any) -> None:  # noqa: ANN401 - click's signature
    """Store the value of a shared option. The command's own value replaces the value of the root."""
    # An absent flag must not override the same flag before the command.
    if value is not None and value is not False and ctx.obj is not None:
        ctx.obj.option_values[param.name] = value


def _no_color(ctx: click.Context, _: click.Parameter, value: Any) -> None:  # noqa: ANN401 - click's signature
    if value and ctx.obj is not None:
        ctx.obj.option_values["color"] = False


def _flag(*names: str, text: str, callback: Any = _store_value) -> click.Option:  # noqa: ANN401 - a click callback
    eager = "--allow-http" in names  # an http address of the server is valid only with it
    return click.Option(
        names, is_flag=True, default=None, expose_value=False, callback=callback, help=text, is_eager=eager
    )


def _value(*names: str, text: str, kind: Any = str, metavar: str) -> click.Option:  # noqa: ANN401 - a click type
    # Parse profile and server first, because the lookup of a study by alias or name needs them.
    eager = bool({"--profile", "--host"} & set(names))
    return click.Option(
        names, type=kind, metavar=metavar, expose_value=False, callback=_store_value, help=text, is_eager=eager
    )


@cache
def shared_options() -> tuple[click.Option, ...]:
    """Return the shared options.

    Click must not read the environment for them, because a variable read for a command would override an explicit
    flag of the root.
    """
    return (
        _value("--host", metavar="URL", text="Address of the server [SOSTRADES_HOST]."),
        _value("--profile", kind=PROFILE, metavar="NAME", text="Profile of config.toml [SOSTRADES_PROFILE]."),
        _value(
            "-F",
            "--format",
            kind=click.Choice(FORMATS),
            metavar="|".join(FORMATS),
            text="Format of the result: table on a terminal and tsv elsewhere, unless said [SOSTRADES_FORMAT].",
        ),
        _value("--query", metavar="JMESPATH", text="Take a part of the JSON result."),
        _value(
            "-o",
            "--output",
            kind=click.Path(path_type=Path),
            metavar="FILE",
            text="Write the result to FILE, in the format of its ending; all or nothing, save to devices and pipes.",
        ),
        _flag("--overwrite", text="Replace files that exist."),
        _flag("--safe-csv", text="In CSV and TSV, an apostrophe before text that a spreadsheet would compute."),
        _value(
            "--read-timeout",
            "read_timeout_s",
            kind=DURATION,
            metavar="S",
            text="Longest silence, or trickle, of the server: 30 s, load 60 s, post-processing 300 s unless said.",
        ),
        _flag("--allow-http", text="Allow plain http beyond this machine [SOSTRADES_ALLOW_HTTP]."),
        _flag("-q", "--quiet", text="No notes, only errors."),
        _flag("-v", "--verbose", text="Show requests and notes."),
        _flag("--debug", text="Show a traceback with an error."),
        _flag("--no-color", text="No colour [NO_COLOR].", callback=_no_color),
    )


class SharedOptionsCommand(click.Command):
    """A command or group with the shared options, which writes help and version to the streams of the invocation."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options of the command, then the shared options."""
        return [*super().get_params(ctx), *shared_options()]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help``, which writes to the streams of the invocation."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


def _show_help(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.obj.runtime.stdout.write(ctx.get_help() + "\n")
        ctx.exit()


def version_option() -> click.Option:
    """Return the option ``--version``."""
    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
    )


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.obj.runtime.stdout.write(f"sostrades {__version__}\n")
        ctx.exit()
