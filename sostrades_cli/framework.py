"""Our click: lazy groups, one kind of command that renders results, options that every command shares.

No command prints and none ends the process: it returns a result or raises an error, and ``run`` does the rest.
"""

from __future__ import annotations

import importlib
import re
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from sostrades_cli import __version__
from sostrades_cli.app import App
from sostrades_cli.config import Folders, read_config
from sostrades_cli.errors import Interrupted, SostradesError, UsageError
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.files import check_target
from sostrades_cli.output.notes import Notes
from sostrades_cli.settings import FORMATS, Flags, resolve
from sostrades_cli.shared_options import SHARED_SUMMARY, shared_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sostrades_cli.app import Outside
    from sostrades_cli.output.render import Manner
    from sostrades_cli.output.results import Result

PROGRAM: Final = "sostrades"
HELP_OPTIONS: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
JSON_FORMATS: Final = frozenset({"json", "ndjson"})


@dataclass(slots=True)
class Invocation:
    """One call of the program: the outside world, and what the shared options said, the rightmost last."""

    outside: Outside
    arguments: Sequence[str] = ()
    said: dict[str, Any] = field(default_factory=dict)
    app: App | None = None

    def flags(self) -> Flags:
        """Return what the shared options said so far."""
        return Flags(**self.said)


class _Shared(click.Command):
    """Help and shared options, for groups and commands alike."""

    examples: tuple[str, ...] = ()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own options, then the shared ones."""
        return [*super().get_params(ctx), *shared_options()]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` that writes to the streams that were passed in."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the own options in full; the shared ones in full at the root only."""
        own = [p for p in super().get_params(ctx) if not isinstance(p, click.Argument)]
        help_option = self.get_help_option(ctx)
        rows = [r for p in own if p is not help_option for r in [p.get_help_record(ctx)] if r]
        if rows:
            with formatter.section("Options"):
                formatter.write_dl(rows)
        if ctx.parent is None:
            with formatter.section("Options of every command"):
                formatter.write_dl([r for p in shared_options() for r in [p.get_help_record(ctx)] if r])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, exit codes (at the root) and where the shared options are described."""
        if self.examples:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.examples))
        if ctx.parent is None:
            with formatter.section("Exit codes"):
                formatter.write_dl([(str(int(code)), code.meaning) for code in ExitCode])
        else:
            formatter.write_paragraph()
            formatter.write_text(SHARED_SUMMARY)


class Command(_Shared):
    """A command whose callback takes an ``App`` and returns a result.

    ``formats`` are those that ``-F`` may ask of it; ``verbatim`` results are passed on as they are.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own
        examples: tuple[str, ...] = (),
        formats: tuple[str, ...] = FORMATS,
        **kwargs: Any,  # noqa: ANN401 - click's own
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.formats = formats

    def invoke(self, ctx: click.Context) -> None:
        """Build the App, run the command, show its result."""
        from sostrades_cli.output.render import render  # noqa: PLC0415 - start-up: not for --help

        invocation: Invocation = ctx.obj
        flags = invocation.flags()
        self._check(flags)
        app = invocation.app = build_app(invocation.outside, flags)
        result: Result = ctx.invoke(self.callback, app, **ctx.params)  # type: ignore[arg-type] # click types callbacks loosely
        try:
            failure = render(result, _manner(app))
        except BrokenPipeError:
            # Whoever reads the output has enough: no error. Click would make it one.
            ctx.exit(ExitCode.DONE)
        if failure is not None:
            raise failure

    def _check(self, flags: Flags) -> None:
        if flags.format is not None and flags.format not in self.formats:
            raise UsageError(
                f"{self.name} has no format {flags.format}",
                hint=f"-F {' or '.join(self.formats)}"
                if self.formats
                else "leave -F away: its result is passed on as it is",
            )
        if flags.query is not None and set(self.formats) != set(FORMATS):
            raise UsageError(f"{self.name} knows no --query: its result is passed on as it comes")
        if flags.output is not None and str(flags.output) != "-":
            check_target(flags.output, overwrite=flags.overwrite)


class LazyGroup(_Shared, click.Group):
    """A group whose commands are imported when they are called; the help needs their short texts only."""

    def __init__(self, *args: Any, package: str, table: Mapping[str, str], **kwargs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **kwargs)
        self.package = package
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of a command: the path is the command."""
        if cmd_name not in self.table:
            return None
        found: click.Command = importlib.import_module(f"{self.package}.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))


def group(name: str, help_text: str, package: str, table: Mapping[str, str]) -> LazyGroup:
    """Make a group from its docstring and its table of commands."""
    return LazyGroup(
        name, help=help_text, package=package, table=table, context_settings=HELP_OPTIONS, no_args_is_help=True
    )


def command(*, examples: Sequence[str], formats: Sequence[str] = FORMATS) -> Callable[[Callable[..., Result]], Command]:
    """Make a command out of a function; its module is its name, its docstring its help."""

    def decorate(function: Callable[..., Result]) -> Command:
        name = function.__module__.rpartition(".")[2]
        decorator = click.command(
            name, cls=Command, examples=tuple(examples), formats=tuple(formats), context_settings=HELP_OPTIONS
        )
        return decorator(function)

    return decorate


def build_app(outside: Outside, flags: Flags) -> App:
    """Join settings and the outside world."""
    settings = resolve(flags, outside.environ, read_config(Folders(outside.environ)))
    return App(outside, flags, settings, _notes(outside, flags, settings.format))


def run(root: click.Command, arguments: Sequence[str], outside: Outside) -> int:
    """Run a command line and return its exit code: the one door for errors."""
    invocation = Invocation(outside, arguments)
    try:
        root.main(args=list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=invocation)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as bare:
        outside.stderr.write(f"{bare.format_message()}\n")
        return int(ExitCode.USAGE)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one door: a bug must look like one, too
        return _report(invocation, _ours(error))
    finally:
        if invocation.app is not None:
            invocation.app.close()
    return int(ExitCode.DONE)


def _ours(error: BaseException) -> SostradesError:
    if isinstance(error, SostradesError):
        return error
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return Interrupted("interrupted")
    if isinstance(error, click.ClickException):
        return _usage(error)
    return SostradesError(
        f"a bug in {PROGRAM} {__version__}: {type(error).__name__}",
        hint="--debug shows where; please report it with the command line",
    )


def _report(invocation: Invocation, error: SostradesError) -> int:
    flags = invocation.flags()
    settings = invocation.app.settings if invocation.app else None
    form = settings.format if settings else _format_before_parsing(invocation)
    if flags.debug:
        invocation.outside.stderr.write(traceback.format_exc())
    _notes(invocation.outside, flags, form).error(error)
    return int(exit_code_of(error))


def _format_before_parsing(invocation: Invocation) -> str | None:
    """Find the format in a command line that could not be parsed: a script wants its error object all the same."""
    words = " ".join(invocation.arguments)
    asked = re.findall(r"(?:^|\s)(?:-F|--format)[\s=]?(\w+)", words)
    return asked[-1] if asked else invocation.outside.environ.get("SOSTRADES_FORMAT")


def _usage(error: click.ClickException) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if isinstance(context, click.Context) else PROGRAM
    return UsageError(error.format_message().rstrip("."), hint=f"{path} --help")


def _notes(outside: Outside, flags: Flags, form: str | None) -> Notes:
    as_json = form in JSON_FORMATS or (flags.query is not None and flags.format is None)
    chatty = not flags.quiet and (not as_json or flags.verbose)
    return Notes(outside.stderr, chatty, flags.verbose, _color(outside, flags, outside.stderr), as_json)


def _color(outside: Outside, flags: Flags, stream: Any) -> bool:  # noqa: ANN401 - a text stream
    if flags.color is False or outside.environ.get("NO_COLOR") or outside.environ.get("TERM") == "dumb":
        return False
    return bool(stream.isatty())


def _manner(app: App) -> Manner:
    from sostrades_cli.output.render import Manner  # noqa: PLC0415 - start-up

    flags, outside = app.flags, app.outside
    return Manner(
        format=app.format,
        stdout=outside.stdout,
        notes=app.notes,
        file=flags.output,
        query=flags.query,
        color=_color(outside, flags, outside.stdout),
        quiet=flags.quiet,
    )


def _show_help(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.find_object(Invocation).outside.stdout.write(ctx.get_help() + "\n")  # type: ignore[union-attr] # run() always passes one
        ctx.exit()
