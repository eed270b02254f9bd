"""Errors for a STUDY that cannot be resolved, or that was left out before the name of a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.operations.study.study_argument import StudyArgumentError
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from sostrades_cli.completion.known_names import KnownNames


class HintedUsageError(click.UsageError):
    """An error of the command line with a better hint than the help."""

    def __init__(self, message: str, ctx: click.Context | None, hint: str) -> None:
        super().__init__(message, ctx)
        self.hint = hint


def study_error(
    error: ValueError, text: str, param: click.Parameter | None, ctx: click.Context | None, known: KnownNames | None
) -> click.UsageError:
    """Return the error for the text of a study. ``known`` is ``None`` if no parameter can follow it."""
    wrong = click.BadParameter(str(error), ctx, param)
    if not isinstance(error, StudyArgumentError):
        return wrong
    if ctx is not None and known is not None and _is_parameter(text, known):
        return HintedUsageError(f"missing argument STUDY before {text!r}", ctx, _with_study(text, ctx))
    return HintedUsageError(wrong.format_message(), ctx, error.hint)


def _is_parameter(text: str, known: KnownNames) -> bool:
    """Return whether a text is a change, or the name of a parameter in the cache."""
    ending = f".{text.casefold()}"
    return "=" in text or any(
        f".{name.casefold()}".endswith(ending) for item in known.studies for name in known.parameters(item.study)
    )


def _with_study(text: str, ctx: click.Context) -> str:
    """Return the command line with the place of the study."""
    words = list(ctx.obj.arguments)
    if text in words:
        words.insert(words.index(text), "STUDY")
    return " ".join([ctx.find_root().command_path, *map(shell_quoted, words)])
