"""Questions at the terminal, and the user's editor."""

from __future__ import annotations

import functools
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import UsageError, stopped_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.runtime import Runtime

EDITORS: Final = ("VISUAL", "EDITOR")
EDITOR_HINT: Final = "set the variable EDITOR to your editor, as in `EDITOR=nano`"


class Editor(NamedTuple):
    """The user's editor: ``edit`` returns when it is closed, ``edits_again`` shows an error and asks."""

    edit: Callable[[Path], None]
    edits_again: Callable[[SostradesError], bool]


def ask(runtime: Runtime, question: str) -> str:
    """Show a question and return the line that is typed, with its line feed; nothing at the end of the input.

    Every command asks before its first change.

    Raises
    ------
    UserInterrupt
        The user pressed Ctrl-C.

    """
    if runtime.stdin.isatty():
        # Keys that were pressed before the question appeared do not answer it.
        runtime.discard_typed()
    runtime.stderr.write(question)
    runtime.stderr.flush()
    try:
        return runtime.stdin.readline()
    except KeyboardInterrupt as error:
        runtime.stderr.write("\n")
        error_class, word = stopped_by(error)
        raise error_class(f"{word}, nothing was sent") from error


def asker_of(runtime: Runtime) -> Callable[[str], str] | None:
    """Return ``ask`` for this runtime, ``None`` without a terminal for the question and its answer."""
    return functools.partial(ask, runtime) if runtime.stdin.isatty() and runtime.stderr.isatty() else None


def editor_command(environ: Mapping[str, str]) -> str | None:
    """Return the command in VISUAL or EDITOR, ``None`` if both are blank.

    Raises
    ------
    UsageError
        Its quotation marks are not balanced.

    """
    for name in EDITORS:
        if command := environ.get(name, "").strip():
            try:
                shlex.split(command)  # as click does, on every system
            except ValueError as error:
                raise UsageError(f"cannot read {name} ({command}): {error}", hint=EDITOR_HINT) from error
            return command
    return None


def editor_of(app: App, instead: str) -> Editor:
    """Return the user's editor; ``instead`` is the command to use without one.

    Raises
    ------
    UsageError
        The command in VISUAL or EDITOR cannot be read, or neither is set and there is no terminal. If one of them is
        set, the editor may be a program that needs no terminal.

    """
    runtime = app.runtime
    question = asker_of(runtime)
    if editor_command(runtime.environ) is None and question is None:
        raise UsageError("there is no terminal for an editor", hint=f"set EDITOR, or use `{instead}`")

    def edit(path: Path) -> None:
        runtime.edit_file(path)
        if not path.is_file():
            raise UsageError(
                "the editor removed the file, nothing was sent",
                hint=f"save the file in the editor, or use `{instead}`",
            )

    def edits_again(error: SostradesError) -> bool:
        if question is None:
            return False
        app.notes.error(error)
        # At the end of the input there is not even a line feed.
        return question("Edit it again? [Y/n] ").lower() in {"\n", "y\n", "yes\n"}

    return Editor(edit, edits_again)
