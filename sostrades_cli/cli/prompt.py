"""Questions at the terminal, and the user's editor."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.runtime import Runtime


class Editor(NamedTuple):
    """The user's editor: ``edit`` returns when it is closed, ``edits_again`` shows an error and asks."""

    edit: Callable[[Path], None]
    edits_again: Callable[[SostradesError], bool]


def ask(runtime: Runtime, question: str) -> str:
    """Show a question and return the line that is typed, with its line feed; nothing at the end of the input."""
    if runtime.stdin.isatty():
        # Keys that were pressed before the question is shown are no answer to it.
        runtime.discard_typed()
    runtime.stderr.write(question)
    runtime.stderr.flush()
    return runtime.stdin.readline()


def asker_of(runtime: Runtime) -> Callable[[str], str] | None:
    """Return ``ask`` for this runtime, ``None`` without a terminal for the question and its answer."""
    return functools.partial(ask, runtime) if runtime.stdin.isatty() and runtime.stderr.isatty() else None


def editor_of(app: App, instead: str) -> Editor:
    """Return the user's editor; ``instead`` is the command to use without one.

    Raises
    ------
    UsageError
        There is no terminal, and neither VISUAL nor EDITOR is set, which could be a program that needs none.

    """
    runtime = app.runtime
    question = asker_of(runtime)
    if question is None and not any(runtime.environ.get(name) for name in ("VISUAL", "EDITOR")):
        raise UsageError("there is no terminal for an editor", hint=f"set EDITOR, or use `{instead}`")

    def edits_again(error: SostradesError) -> bool:
        if question is None:
            return False
        app.notes.error(error)
        # At the end of the input there is not even a line feed.
        return question("Edit it again? [Y/n] ").lower() in {"\n", "y\n", "yes\n"}

    return Editor(runtime.edit_file, edits_again)
