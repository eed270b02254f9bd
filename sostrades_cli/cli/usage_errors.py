"""Errors of the command line itself: click's messages in the words of this tool."""

from __future__ import annotations

import re
from typing import Final

import click

from sostrades_cli.errors import UsageError

_PLAIN: Final = {"integer": "is not a whole number", "float": "is not a number"}


def usage_error(error: click.ClickException, program: str) -> UsageError:
    """Return the error for a command line that click cannot parse; ``program`` is the name of the root command."""
    context = getattr(error, "ctx", None)
    path = context.command_path if isinstance(context, click.Context) else program
    if isinstance(error, click.NoSuchOption):
        from sostrades_cli.cli.option_suggestions import option_error

        return option_error(error, path)
    # Click lists choices on separate lines, but an error has one line.
    message = re.sub(r"\s*\n\s*", " ", _text_of(error)).rstrip(".")
    return UsageError(f"{message[:1].lower()}{message[1:]}", hint=getattr(error, "hint", "") or f"{path} --help")


def _text_of(error: click.ClickException) -> str:
    """Return click's message, with the name of an argument instead of its list of choices, and plain types."""
    param = getattr(error, "param", None)
    if isinstance(param, click.Argument) and isinstance(param.type, click.Choice) and param.name:
        choices = ", ".join(map(str, param.type.choices))
        if isinstance(error, click.MissingParameter):
            return f"missing argument {param.name.upper()}, one of {choices}"
        return f"invalid {param.name}: {error.message}"
    message = error.format_message()
    return re.sub(r"is not a valid (integer|float)( range)?", lambda m: _PLAIN[m.group(1)], message)
