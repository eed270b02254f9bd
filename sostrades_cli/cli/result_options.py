"""Checks of the options for the result: its format, its file and its query, before the command starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home, is_special
from sostrades_cli.files.file_formats import TABLE_FILES, check_ending, endings_of, format_of
from sostrades_cli.files.platform_files import is_same_file
from sostrades_cli.files.targets import check_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

    from sostrades_cli.cli.framework import Command
    from sostrades_cli.local.settings import Flags


def check_result_options(
    command: Command, path: str, flags: Flags, *, check_output: bool, written: bool = True
) -> None:
    """Check the flags of the result. ``path`` is the command as it is typed.

    ``written`` says that -F is the format of the file.

    Raises
    ------
    UsageError
        The command does not support the format, the file or the query.
    FileConflict
        ``check_output`` is set, and the file exists.

    """
    formats = command.options.formats
    if flags.format is not None and flags.format not in formats:
        raise UsageError(
            f"{path} has no format {flags.format}",
            hint=f"use -F {' or '.join(formats)}" if formats else "leave out -F",
        )
    if flags.output is not None:
        _check_file(command, flags.output, flags if written else flags._replace(format=None))
    if flags.raw and flags.query is None:
        raise UsageError("--raw needs --query", hint="add --query, for example --query 'length(@)'")
    if flags.query is not None and not command.options.takes_query:
        raise UsageError(f"{path} does not support --query", hint="leave out --query")
    if flags.query is not None:
        from sostrades_cli.output.query import check_query

        check_query(flags.query)
    if check_output and flags.file is not None:
        check_target(flags.file, overwrite=flags.overwrite, named=True)


def _check_file(command: Command, file: Path, flags: Flags) -> None:
    options = command.options
    endings = endings_of(options.formats, tables=options.tables) if options.endings is None else options.endings
    if endings:
        check_ending(file, endings, str(command.name), form=flags.format)
    form = format_of(file)
    if form not in TABLE_FILES or form not in endings:
        return
    from sostrades_cli.output.table_files import check_library

    check_library(form)
    # The answer of a query may not be a table, which shows only after a change was made.
    if flags.query is not None and options.remains:
        raise UsageError(f"--query does not work with {file}", hint="leave out --query, or write FILE.json")


def require_separate_output(ctx: click.Context, output: Path) -> None:
    """Refuse a file for the result that the command also reads, or writes something else to.

    Raises
    ------
    UsageError
        Both are the same file.

    """
    # A terminal can be both standard input and standard output.
    if is_special(output):
        return
    for param in ctx.command.params:
        for file in _files(ctx.params.get(str(param.name))):
            if is_same_file(file, output):
                raise UsageError(
                    f"{output} is both the file for the result and {param.get_error_hint(ctx)}",
                    hint="choose another file with -o",
                )


def _files(value: object) -> Iterator[Path]:
    """Yield the files that the value of an argument names: a path, ``@FILE`` or ``KEY=@FILE``, or several of them."""
    if isinstance(value, Path):
        yield _without_sheet(value)
    elif isinstance(value, str):
        text = value if value.startswith("@") else value.partition("=")[2]
        if text.startswith("@") and not text.startswith("@@"):
            yield _without_sheet(at_home(text[1:]))
    elif isinstance(value, tuple):
        values: Iterable[object] = value
        for item in values:
            yield from _files(item)


def _without_sheet(file: Path) -> Path:
    from sostrades_cli.operations.tables.file_types import split_sheet

    return split_sheet(file)[0]
