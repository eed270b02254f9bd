"""Questions at the terminal, and the user's editor."""

from __future__ import annotations

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


def is_confirmed(runtime: Runtime, question: str) -> bool:
    """Ask a question, and return whether the answer is yes, which is also the answer of Enter alone."""
    runtime.stderr.write(f"{question} [Y/n] ")
    runtime.stderr.flush()
    # At the end of the input there is not even a line feed.
    return runtime.stdin.readline().lower() in {"\n", "y\n", "yes\n"}


def editor_of(app: App, instead: str) -> Editor:
    """Return the user's editor; ``instead`` is the command to use without one.

    Raises
    ------
    UsageError
        There is no terminal, and neither VISUAL nor EDITOR is set, which could be a program that needs none.

    """
    runtime = app.runtime
    on_terminal = runtime.stdin.isatty() and runtime.stderr.isatty()
    if not on_terminal and not any(runtime.environ.get(name) for name in ("VISUAL", "EDITOR")):
        raise UsageError("there is no terminal for an editor", hint=f"set EDITOR, or use `{instead}`")

    def edits_again(error: SostradesError) -> bool:
        if not on_terminal:
            return False
        app.notes.error(error)
        return is_confirmed(runtime, "Edit it again?")

    return Editor(runtime.edit_file, edits_again)
