"""Checks of the options for the result: its format, its file and its query, before the command starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import check_target
from sostrades_cli.files.file_formats import TABLE_FILES, check_ending, endings_of, format_of

if TYPE_CHECKING:
    from pathlib import Path

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
    if flags.format is not None and flags.format not in command.formats:
        raise UsageError(
            f"{path} has no format {flags.format}",
            hint=f"use -F {' or '.join(command.formats)}" if command.formats else "leave out -F",
        )
    if flags.output is not None:
        _check_file(command, flags.output, flags if written else flags._replace(format=None))
    if flags.raw and flags.query is None:
        raise UsageError("--raw needs --query", hint="add --query, for example --query 'length(@)'")
    if flags.query is not None and not command.queries:
        raise UsageError(f"{path} does not support --query", hint="leave out --query")
    if flags.query is not None:
        from sostrades_cli.output.query import check_query  # noqa: PLC0415 - start-up: only with --query

        check_query(flags.query)
    if check_output and flags.output is not None and str(flags.output) != "-":
        check_target(flags.output, overwrite=flags.overwrite, named=True)


def _check_file(command: Command, file: Path, flags: Flags) -> None:
    endings = endings_of(command.formats, tables=command.tables) if command.endings is None else command.endings
    if endings:
        check_ending(file, endings, str(command.name), form=flags.format)
    form = format_of(file)
    if form not in TABLE_FILES or form not in endings:
        return
    from sostrades_cli.output.table_files import check_library  # noqa: PLC0415 - start-up: for these files only

    check_library(form)
    # The answer of a query may not be a table, which shows only after a change was made.
    if flags.query is not None and command.remains:
        raise UsageError(f"--query does not work with {file}", hint="leave out --query, or write FILE.json")
