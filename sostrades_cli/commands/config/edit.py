"""``sostrades config edit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.prompt import is_confirmed
from sostrades_cli.errors import UsageError
from sostrades_cli.local.config_edit import edit_config
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.errors import InvalidSetting


@framework.command(examples=["sostrades config edit"], lenient=True)
def command(app: App) -> Text:
    """Edit config.toml in your editor.

    The editor is VISUAL or EDITOR, or one that the system has. An editor with a window of its own needs an option to
    wait, as in `EDITOR='code --wait'`. The file is checked when you close the editor, and replaced only if it is valid.
    """
    runtime = app.runtime
    on_terminal = runtime.stdin.isatty() and runtime.stderr.isatty()
    if not on_terminal and not any(runtime.environ.get(name) for name in ("VISUAL", "EDITOR")):
        raise UsageError(
            "there is no terminal for an editor", hint="set EDITOR, or use `sostrades config set KEY VALUE`"
        )

    def edits_again(error: InvalidSetting) -> bool:
        if not on_terminal:
            return False
        app.notes.error(error)
        return is_confirmed(runtime, "Edit it again?")

    edited = edit_config(app.folders, runtime.edit_file, edits_again)
    notes = [] if edited.is_changed else ["nothing changed"]
    return Text(str(edited.path), {"path": str(edited.path), "changed": edited.is_changed}, notes=notes, confirms=True)
