"""Arguments that were left out: at a terminal, the user picks them; in a script, they are an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from sostrades_cli.cli.invocation import build_app, format_before_parsing, is_dumb, notes_for
from sostrades_cli.cli.param_types import StoredNames, studies_of
from sostrades_cli.errors import UsageError, UserInterrupt
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.cli.framework import Command
    from sostrades_cli.cli.invocation import Invocation
    from sostrades_cli.output.messages import Messages
    from sostrades_cli.runtime import Runtime


def pick_words(ctx: click.Context, args: Sequence[str], missing: click.MissingParameter) -> list[str]:
    """Return the words that the user picks for a missing argument, and show the command line with them.

    Raises
    ------
    click.MissingParameter
        This is a script, or another missing argument cannot be picked.
    UserInterrupt
        The user left the list.
    UsageError
        There is nothing that could be picked.
    SostradesError
        No name of the study is known, and the server does not give them.

    """
    invocation: Invocation | None = ctx.obj
    if invocation is None:  # the command line is parsed, but not run
        raise missing
    runtime = invocation.runtime
    notes = notes_for(runtime, invocation.flags(), format_before_parsing(invocation))
    left_out = list(_missing(ctx, args))
    if runtime.pick is None or not _is_attended(runtime, notes) or not all(map(_is_pickable, left_out)):
        raise missing
    param = left_out[0]
    kind, name = cast("StoredNames", param.type), param.human_readable_name
    study = next(iter(studies_of(ctx)), None)
    words = {pick.row: pick for pick in kind.picks(ctx)}
    if not words and study is not None:
        _read_names(invocation, kind, study)
        words = {pick.row: pick for pick in kind.picks(ctx)}
    if not words:
        hint = kind.source.format(study=study or "STUDY")
        raise UsageError(f"missing argument '{name}'", hint=hint or f"{ctx.command_path} --help")
    rows = runtime.pick(name.rstrip("."), {row: pick.about for row, pick in words.items()}, several=param.nargs == -1)
    if not rows:
        raise UserInterrupt("cancelled, nothing was sent")
    picked = [words[row].word for row in rows]
    invocation.arguments = [*invocation.arguments, *picked]
    if len(left_out) == 1:
        # The next time, the user can type it.
        notes.trace(" ".join(["sostrades", *map(shell_quoted, invocation.arguments)]))
    return picked


def _read_names(invocation: Invocation, kind: StoredNames, study: int) -> None:
    """Read the names of a study that was not used on this computer yet."""
    app = invocation.app = build_app(invocation.runtime, invocation.flags())
    try:
        kind.read(app.context, study)
    finally:
        app.close()


def _is_attended(runtime: Runtime, notes: Messages) -> bool:
    """Return whether somebody reads the terminal. The streams of most scripts are not terminals."""
    streams = (runtime.stdin, runtime.stdout, runtime.stderr)
    at_terminal = all(stream.isatty() for stream in streams) and not is_dumb(runtime)
    return at_terminal and notes.notes_enabled and not notes.as_json and not runtime.environ.get("CI")


def _missing(ctx: click.Context, args: Sequence[str]) -> Iterator[click.Parameter]:
    """Yield all parameters without a value that the command needs; click reports only the first."""
    values, _, _ = ctx.command.make_parser(ctx).parse_args(list(args))
    params = {param.name: param for param in ctx.command.get_params(ctx)}
    given = {name for name, param in params.items() if name in values and not param.value_is_missing(values[name])}
    yield from (param for name, param in params.items() if param.required and name not in given)
    one_of = cast("Command", ctx.command).options.one_of
    if one_of and given.isdisjoint(one_of):
        # The last of them is an option, which cannot be picked. Click requires none of them.
        yield params[one_of[-1]]


def _is_pickable(param: click.Parameter) -> bool:
    return isinstance(param, click.Argument) and isinstance(param.type, StoredNames)
