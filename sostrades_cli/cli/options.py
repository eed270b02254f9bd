"""The shared options of all commands, and the options that several commands have in common."""

from __future__ import annotations

import functools
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sostrades_cli.cli.param_types import DURATION, HOST, PROFILE, STUDY, FormatParamType
from sostrades_cli.errors import UsageError
from sostrades_cli.local.settings import DEFAULT_PROFILE, FORMATS, NO_PAGER
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.types import OptionHelpExtra

    from sostrades_cli.app import App
    from sostrades_cli.operations.param.plan import Plan

    _Callback = Callable[[click.Context, click.Parameter, Any], None]

# The end of a help text of `--force`.
CASE_VALUES: Final = "a case's values during a sweep, or after an interrupted one"


class Option(click.Option):
    """An option whose help can name a default in words, and a variable that click does not read."""

    def __init__(self, *args: Any, default_text: str = "", variable: str = "", **kwargs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **kwargs)
        self.default_text = default_text
        self.variable = variable

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Return the facts in brackets at the end of the help."""
        extra = super().get_help_extra(ctx)
        if self.default_text:
            extra["default"] = self.default_text
        if self.variable:
            extra["envvars"] = (self.variable,)
        return extra


def duration_option(
    *names: str, text: str, default: str | float | None = None, default_text: str = "", hidden: bool = False
) -> Callable[[Any], Any]:
    """Return a decorator that adds an option with a duration, such as ``90s``."""
    return click.option(
        *names,
        cls=Option,
        type=DURATION,
        metavar="DURATION",
        help=text,
        default=default,
        show_default=default is not None,
        default_text=default_text,
        hidden=hidden,
    )


CHANGE_FIELDS: Final = ("dry_run", "exit_code", "force", "message")
_CHANGE_OPTIONS: Final = (
    click.option("--dry-run", is_flag=True, help="Show the changes (-v: and the requests), but send nothing."),
    click.option("--exit-code", is_flag=True, help="With --dry-run, exit 9 if the change would be made."),
    click.option("--yes", is_flag=True, help="Do not ask; required in scripts that change more than 20 parameters."),
    click.option("-m", "--message", metavar="TEXT", help="Keep a text in the history, for example the reason."),
)
_TOLERANCE_OPTIONS: Final = (
    click.option(
        "--rtol",
        type=click.FloatRange(min=0),
        default=0.0,
        show_default=True,
        metavar="NUMBER",
        help="Relative tolerance of numbers.",
    ),
    click.option(
        "--atol",
        type=click.FloatRange(min=0),
        default=0.0,
        show_default=True,
        metavar="NUMBER",
        help="Absolute tolerance of numbers.",
    ),
    click.option("--exit-code", is_flag=True, help="Exit 9 if there are differences."),
)


def study_argument(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the STUDY argument."""
    return click.argument("study", type=STUDY, metavar="STUDY")(function)


def tolerance_options(function: Any) -> Any:  # noqa: ANN401 - any command
    """Add the options of a comparison. The command gets ``tolerance`` and ``exit_code``."""

    @functools.wraps(function)
    def wrapper(app: App, *, rtol: float, atol: float, **options: Any) -> Any:  # noqa: ANN401 - any command's
        from sostrades_cli.operations.tables.equality import Tolerance

        return function(app, tolerance=Tolerance(rtol, atol), **options)

    for option in reversed(_TOLERANCE_OPTIONS):
        wrapper = option(wrapper)
    return wrapper


def change_options(force_help: str) -> Callable[[Any], Any]:
    """Add the options of a change. The command gets ``options``."""

    def decorate(function: Any) -> Any:  # noqa: ANN401 - any command
        @functools.wraps(function)
        def wrapper(app: App, **options: Any) -> Any:  # noqa: ANN401 - any command's
            from sostrades_cli.operations.changes import ChangeOptions

            if options["exit_code"] and not options["dry_run"]:
                raise UsageError("--exit-code needs --dry-run", hint="add --dry-run, or remove --exit-code")

            def ask(plan: Plan) -> None:
                # Most changes are of one parameter, and not confirmed.
                from sostrades_cli.cli.confirm import confirm

                confirm(plan, app.runtime, app.cache.name(plan.study))

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


def _no_pager(ctx: click.Context, _: click.Parameter, value: Any) -> None:  # noqa: ANN401 - click's signature
    if value and ctx.obj is not None:
        ctx.obj.option_values["pager"] = NO_PAGER


def _flag(*names: str, text: str, variable: str = "", callback: _Callback = _store_value) -> click.Option:
    eager = "--allow-http" in names  # an http address of the server is valid only with it
    return Option(
        names,
        is_flag=True,
        default=None,
        expose_value=False,
        callback=callback,
        help=text,
        is_eager=eager,
        variable=variable,
    )


def _value(
    *names: str, text: str, kind: click.ParamType[Any] | type[str] = str, metavar: str, **shown: str
) -> click.Option:
    # Parse profile and server first, because the lookup of a study by alias or name needs them.
    eager = bool({"--profile", "--host"} & set(names))
    return Option(
        names,
        type=kind,
        metavar=metavar,
        expose_value=False,
        callback=_store_value,
        help=text,
        is_eager=eager,
        **shown,
    )


@cache
def shared_options() -> tuple[click.Option, ...]:
    """Return the shared options.

    Click must not read the environment for them, because a variable read for a command would override an explicit
    flag of the root.
    """
    return (*_server_options(), *_result_options(), *_message_options())


def _server_options() -> tuple[click.Option, ...]:
    return (
        _value("--host", kind=HOST, metavar="URL", text="Address of the server.", variable="SOSTRADES_HOST"),
        _value(
            "--profile",
            kind=PROFILE,
            metavar="NAME",
            text="Profile of config.toml to use.",
            variable="SOSTRADES_PROFILE",
            default_text=DEFAULT_PROFILE,
        ),
        _value(
            "--read-timeout",
            "read_timeout_s",
            kind=DURATION,
            metavar="DURATION",
            text="Give up if the server sends (almost) nothing for this long.",
            default_text="30s, load 60s, postproc 300s",
        ),
        _flag("--allow-http", text="Allow plain http to other computers.", variable="SOSTRADES_ALLOW_HTTP"),
    )


def _result_options() -> tuple[click.Option, ...]:
    return (
        _value(
            "-F",
            "--format",
            kind=FormatParamType(FORMATS),
            metavar="FORMAT",
            text=f"Format of the result: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
            variable="SOSTRADES_FORMAT",
            default_text="table at a terminal, tsv elsewhere",
        ),
        _value("--query", metavar="JMESPATH", text="Print only a part of the JSON result."),
        _flag("--raw", text="With --query, print bare lines instead of JSON."),
        _value(
            "-o",
            "--output",
            kind=click.Path(path_type=Path),
            metavar="FILE",
            text="Write the result to FILE; its ending selects the format.",
        ),
        _flag("--overwrite", text="Replace existing files."),
        _flag("--safe-csv", text="Write formulas as text in CSV and TSV, for spreadsheets."),
    )


def _message_options() -> tuple[click.Option, ...]:
    return (
        _flag("-q", "--quiet", text="Show only errors and the requested data."),
        _flag("-v", "--verbose", text="Show each request, and more notes."),
        _flag("--debug", text="Show a traceback with each error."),
        _flag("--no-color", text="Show no colours.", variable="NO_COLOR", callback=_no_color),
        _flag("--no-pager", text="Show long results without a pager.", callback=_no_pager),
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
            option.help = "Show this help."
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
