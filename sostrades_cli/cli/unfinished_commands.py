"""Errors of commands that did not complete: what they leave on the server, and what to type next."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final, cast

from sostrades_cli.cli.param_types import studies_of
from sostrades_cli.errors import WriteFailed, stopped_by

if TYPE_CHECKING:
    import click

    from sostrades_cli.cli.framework import Command, CommandOptions
    from sostrades_cli.errors import SostradesError

STUDIES: Final = "{studies}"


def interrupted_error(error: BaseException, ctx: click.Context | None) -> SostradesError:
    """Return the error for an interrupted command."""
    error_class, word = stopped_by(error)
    return _unfinished_error(error_class, word, ctx)


def write_error(error: OSError, ctx: click.Context | None) -> SostradesError:
    """Return the error for a failed write, such as on a full disk."""
    closed = error.errno == errno.EBADF
    reason = "standard output is closed" if closed else error.strerror or error
    failure = _unfinished_error(WriteFailed, f"cannot write the result: {reason}", ctx)
    failure.hint = failure.hint or (
        "write it to a file with -o FILE" if closed else "check the free space and the permissions"
    )
    return failure


def _unfinished_error(error_class: type[SostradesError], subject: str, ctx: click.Context | None) -> SostradesError:
    """Return the error for an unfinished command: what it leaves on the server, and what to type next."""
    if ctx is None or not (hint := next_step(ctx)):
        return error_class(subject)
    remains, studies = _options(ctx).remains, studies_of(ctx)
    if remains and not _has_sent(ctx):
        return error_class(f"{subject}; nothing was sent")
    return error_class(
        f"{subject}; {remains}" if remains else subject,
        hint=hint,
        study=studies[0] if remains and len(studies) == 1 else None,
    )


def _has_sent(ctx: click.Context) -> bool:
    """Return whether a command may have sent a change, or follows a run that another command has started."""
    app, follows = ctx.obj.app, _options(ctx).follows or ctx.params.get("attach")
    return bool(follows) or (app is not None and app.has_written)


def next_step(ctx: click.Context) -> str | None:
    """Return the command to type after an unfinished one, ``None`` if there is none."""
    return _options(ctx).interrupted.replace(STUDIES, " ".join(map(str, studies_of(ctx)))).strip() or None


def _options(ctx: click.Context) -> CommandOptions:
    return cast("Command", ctx.command).options
