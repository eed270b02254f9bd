"""The framework on click: lazy groups, commands that return results, and the only handler of errors.

A command neither prints nor exits: it returns a result or raises an error, and ``run`` does the rest.
"""

# Without `from __future__ import annotations`: NamedTuple compiles each annotation that is a text, at every start.

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec

import click

from sostrades_cli.cli.help_formatter import HelpFormatter, HelpfulCommand
from sostrades_cli.cli.invocation import (
    JSON_FORMATS,
    Invocation,
    build_app,
    format_before_parsing,
    notes_for,
    render_options,
)
from sostrades_cli.cli.negative_values import NEGATIVE, takes_negative_values
from sostrades_cli.cli.param_types import studies_of
from sostrades_cli.cli.result_options import check_result_options, require_separate_output
from sostrades_cli.cli.unfinished_commands import STUDIES, interrupted_error, next_step, write_error
from sostrades_cli.errors import Different, SostradesError, UsageError, WriteFailed
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.local.settings import FORMATS
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from sostrades_cli.app import App
    from sostrades_cli.output.results import Result

PROGRAM: Final = "sostrades"
COMPLETE_VARIABLE: Final = "_SOSTRADES_COMPLETE"  # click's name for it, made from the program's
MOST_SUGGESTIONS: Final = 3
DRY_RUN: Final = "dry run"
ALWAYS: Final = "always"
HELP_OPTIONS: Final = {"help_option_names": ["-h", "--help"]}
_Fields = ParamSpec("_Fields")


class CommandOptions(NamedTuple):
    """The properties of a command besides its parameters: the arguments of ``@framework.command``."""

    examples: Sequence[str]
    """Lines of a shell for the help. The tests run them."""
    formats: Sequence[str] = FORMATS
    """The formats that -F takes."""
    endings: Sequence[str] | None = None
    """The endings of files that -o takes [default: those of the formats; any without formats]."""
    tables: bool = True
    """Whether the result can be a table, so that -o also writes parquet and Excel files."""
    queries: bool | None = None
    """Whether --query works [default: if a format is JSON]."""
    interrupted: str = ""
    """The command to type after an interrupt. ``{studies}`` stands for the studies."""
    remains: str = ""
    """The state of the server after an interrupt, if the command has sent a change."""
    follows: bool = False
    """Whether ``remains`` is true without a change, too, because the command follows runs that others have started."""
    unwritten: str = ""
    """The next step if only the result could not be written [default: ``interrupted``]."""
    lenient: bool = False
    """Whether the command accepts invalid settings, to explain or repair them."""
    new_profile: bool = False
    """Whether the command accepts a profile that does not exist yet."""
    one_of: Sequence[str] = ()
    """Parameters. The command needs at least one of them."""
    prints: str = ""
    """The results that go to standard output although -o is given: those of a dry run (``DRY_RUN``), or all
    (``ALWAYS``), if the command itself writes that file."""

    @property
    def takes_query(self) -> bool:
        """Whether --query works."""
        return "json" in self.formats if self.queries is None else self.queries


class Command(HelpfulCommand):
    """A command whose callback takes an ``App`` and returns a result."""

    def __init__(self, *args: Any, options: CommandOptions, **kwargs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **kwargs)
        self.options = options
        self.examples = options.examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line, and let the user pick missing arguments.

        For completion, accept an option whose value is still missing.
        """
        if any(map(NEGATIVE.match, args)):
            ctx.ignore_unknown_options = takes_negative_values(ctx, args)
        if ctx.resilient_parsing and args and any(_takes_value(param, args[-1]) for param in self.get_params(ctx)):
            # Click stops parsing at an option without a value, and would not parse the arguments.
            args = [*args, ""]
        try:
            return super().parse_args(ctx, list(args))
        except click.MissingParameter as missing:
            from sostrades_cli.cli.missing_arguments import pick_words

            # Missing arguments are always the last ones.
            return self.parse_args(ctx, [*args, *pick_words(ctx, args, missing)])

    def invoke(self, ctx: click.Context) -> None:
        """Build the App, run the command and render its result."""
        invocation: Invocation = ctx.obj
        flags = invocation.flags()
        # Validate flags before the command, which may change the server.
        # A resumed command may find its own complete result file, and checks it itself.
        if any((flags.format, flags.output, flags.query, flags.raw)):
            check_result_options(
                self,
                ctx.command_path,
                flags,
                check_output=not (ctx.params.get("resume") or ctx.params.get("retry_failed")),
                written=not self._only_shows(ctx),
            )
        if flags.file is not None:
            require_separate_output(ctx, flags.file)
        app = invocation.app = build_app(
            invocation.runtime, flags, lenient=self.options.lenient, new_profile=self.options.new_profile
        )
        try:
            failure = self._run_and_render(ctx, app)
        except KeyboardInterrupt as error:
            raise interrupted_error(error, ctx) from error
        except BrokenPipeError:
            # The reader of a pipe, such as `head`, may close it early. Click would report an error.
            ctx.exit(ExitCode.DONE)
        except OSError as error:
            raise write_error(error, ctx) from error
        except SostradesError as error:
            error.name_study(studies_of(ctx))
            invocation.name_alias(error)
            app.update_cache(studies_of(ctx), error)
            raise
        app.update_cache(studies_of(ctx), failure)
        if failure is not None:
            failure.name_study(studies_of(ctx))
            raise failure

    def _only_shows(self, ctx: click.Context) -> bool:
        """Return whether the result is not for the file of -o."""
        prints = self.options.prints
        return prints == ALWAYS or (prints == DRY_RUN and bool(ctx.params.get("dry_run")))

    def _run_and_render(self, ctx: click.Context, app: "App") -> SostradesError | None:
        from sostrades_cli.output.render import render
        from sostrades_cli.output.results import Rows, Text

        result: Result = ctx.invoke(self.callback, app, **ctx.params)  # type: ignore[arg-type] # click types callbacks loosely
        try:
            return render(result, render_options(app, takes_file=not self._only_shows(ctx))) or app.deferred
        except (WriteFailed, OSError) as error:
            # Events and streams are read from the server while they are written, so their commands are not complete.
            complete = STUDIES in self.options.interrupted and isinstance(result, Rows | Text)
            if not complete or isinstance(error, BrokenPipeError):
                raise
            failure = error if isinstance(error, WriteFailed) else write_error(error, None)
            failure.add_detail("the command itself is complete: only its result was not written")
            failure.hint = self.options.unwritten or next_step(ctx)
            raise failure  # noqa: B904 - it may be the same error


def _takes_value(param: click.Parameter, name: str) -> bool:
    return isinstance(param, click.Option) and not param.is_flag and name in param.opts


class LazyGroup(HelpfulCommand, click.Group):
    """A group that imports a command only when it is called. The help needs only the one-line texts of the table.

    ``related`` are words that users may expect as commands, and the commands to suggest for them. ``for_study`` is the
    command to suggest for the number of a study without a command.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own
        package: str,
        table: Mapping[str, str],
        related: Mapping[str, str] = MappingProxyType({}),
        for_study: str = "",
        **kwargs: Any,  # noqa: ANN401 - click's own
    ) -> None:
        super().__init__(*args, **kwargs)
        self.for_study = for_study
        self.package = package
        self.table = table
        self.related = related

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of a command: its path is that of the command, with an underscore for a dash."""
        if cmd_name not in self.table:
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command with this name, or raise an error with suggestions."""
        if args and self.for_study and args[0].isdecimal() and not ctx.resilient_parsing:
            hint = f"{ctx.command_path} {self.for_study} {args[0]}"
            raise UsageError(f"no such command {args[0]!r}: the command stands before the study", hint=hint)
        if args and args[0] not in self.table and not args[0].startswith("-") and not ctx.resilient_parsing:
            suggestions = self.suggestions(args[0], self.table)
            question = f". Did you mean {' or '.join(map(repr, suggestions))}?" if suggestions else ""
            meant = " ".join([ctx.command_path, *suggestions[:1]])
            # An option such as --version is complete without the help.
            hint = meant if meant.rpartition(" ")[2].startswith("-") else f"{meant} --help"
            raise UsageError(f"no such command {args[0]!r}{question}", hint=hint)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return matching commands and options, without an import of the commands."""
        from click.shell_completion import CompletionItem

        commands = [CompletionItem(name, help=text) for name, text in self.table.items() if name.startswith(incomplete)]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def suggestions(self, name: str, known: Iterable[str]) -> list[str]:
        """Return what a name may mean: commands of this name in inner groups, or similar ``known`` words."""
        from sostrades_cli.suggestions import closest

        related = self.related.get(name)
        exact = [related] if related else self._elsewhere(name)
        return exact or closest(name, known, MOST_SUGGESTIONS)

    def _elsewhere(self, name: str) -> list[str]:
        """Return commands with this name in the groups of this group."""
        # This imports all groups, but only after a typo.
        groups = [self.get_command(click.Context(self), command_name) for command_name in self.table]
        names = [f"{group.name} {name}" for group in groups if isinstance(group, LazyGroup) and name in group.table]
        return names[:MOST_SUGGESTIONS]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands, without an import of the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))


class RootGroup(LazyGroup):
    """The program itself: its commands stand in titled groups, and its help fits a window of 80 by 24.

    ``next_steps`` are command lines for the end of the help, with their texts.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own
        titled: Mapping[str, Mapping[str, str]],
        next_steps: Mapping[str, str],
        **kwargs: Any,  # noqa: ANN401 - click's own
    ) -> None:
        table = {name: text for members in titled.values() for name, text in members.items()}
        super().__init__(*args, table=table, context_settings=HELP_OPTIONS, no_args_is_help=True, **kwargs)
        self.titled = titled
        self.next_steps = next_steps

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by group, then the options of the program itself."""
        if isinstance(formatter, HelpFormatter):
            formatter.write_paragraph()
            members = {title: list(table.items()) for title, table in self.titled.items()}
            formatter.write_groups({**members, "Options": self.option_rows(ctx)})

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write where to go next."""
        formatter.write_paragraph()
        formatter.write_dl(list(self.next_steps.items()))


def group(
    name: str,
    help_text: str,
    package: str,
    table: Mapping[str, str],
    related: Mapping[str, str] = MappingProxyType({}),
    for_study: str = "",
) -> LazyGroup:
    """Return a group from its help text and its table of commands. The rest is explained in ``LazyGroup``."""
    return LazyGroup(
        name,
        help=help_text,
        package=package,
        table=table,
        related=related,
        for_study=for_study,
        context_settings=HELP_OPTIONS,
        no_args_is_help=True,
    )


def _command_of(options: CommandOptions, function: Callable[..., "Result"]) -> Command:
    """Turn a function into a command: its module is the name, its docstring the help."""
    name = function.__module__.rpartition(".")[2]
    return click.command(name, cls=Command, options=options, context_settings=HELP_OPTIONS)(function)


def _decorator_with(
    options: Callable[_Fields, CommandOptions],
) -> Callable[_Fields, Callable[[Callable[..., "Result"]], Command]]:
    """Return a decorator whose arguments are the fields of ``CommandOptions``, so that they are listed only there."""

    def command_with(*args: _Fields.args, **fields: _Fields.kwargs) -> Callable[[Callable[..., "Result"]], Command]:
        return functools.partial(_command_of, options(*args, **fields))

    return command_with


command = _decorator_with(CommandOptions)


def run(root: click.Command, invocation: Invocation) -> int:
    """Run a command line, report its error, and return the exit code. All errors end here."""
    try:
        code = _call(root, invocation)
        # Buffered output may fail only now, while the error can still be reported.
        invocation.runtime.stdout.flush()
        if invocation.app is not None and invocation.app.notes.after_result:
            invocation.app.notes.end_of_result()
    except BrokenPipeError:
        return int(ExitCode.DONE)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last handler: a bug gets an error message, too
        return _report(invocation, _as_own_error(error))
    finally:
        if invocation.app is not None:
            invocation.app.close()
    return code


def _call(root: click.Command, invocation: Invocation) -> int:
    """Parse a command line, call its command and return the exit code."""
    try:
        # In standalone mode, click would print errors and exit by itself.
        root.main(list(invocation.arguments), PROGRAM, standalone_mode=False, obj=invocation)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as bare:
        # The program alone is a request for help, but a group alone lacks its command.
        is_root = bare.ctx.parent is None
        if not is_root and format_before_parsing(invocation) in JSON_FORMATS:
            raise UsageError("missing command", hint=f"{bare.ctx.command_path} --help") from bare
        stream = invocation.runtime.stdout if is_root else invocation.runtime.stderr
        text = bare.format_message()
        stream.write(f"{text if stream.isatty() else click.unstyle(text)}\n")
        return int(ExitCode.DONE if is_root else ExitCode.USAGE)
    return int(ExitCode.DONE)


def _as_own_error(error: BaseException) -> SostradesError:
    if isinstance(error, SostradesError):
        return error
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return interrupted_error(error, None)
    if isinstance(error, click.ClickException):
        from sostrades_cli.cli.usage_errors import usage_error

        return usage_error(error, PROGRAM)
    if isinstance(error, OSError):
        return write_error(error, None)
    from sostrades_cli.optional_deps import repository

    return SostradesError(
        f"a bug in {PROGRAM} {__version__}: {type(error).__name__}",
        hint=f"run the command again with --debug, and report its output: {repository()}",
    )


def _report(invocation: Invocation, error: SostradesError) -> int:
    invocation.error = error
    flags = invocation.flags()
    notes = invocation.app.notes if invocation.app else None
    notes = notes or notes_for(invocation.runtime, flags, format_before_parsing(invocation))
    if flags.debug:
        import traceback

        notes.traceback(traceback.format_exc())
    deferred = invocation.app.deferred if invocation.app else None
    if deferred is not None and deferred is not error:
        notes.warning(deferred.message)
    # Differences are a requested result, so only the exit code reports them.
    if not isinstance(error, Different):
        notes.error(error)
    return int(exit_code_of(error))
