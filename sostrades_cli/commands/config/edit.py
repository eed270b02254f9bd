"""``sostrades config edit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.prompt import editor_of
from sostrades_cli.local.config_edit import edit_config
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


# Lenient, because an invalid file is a reason to edit it.
@framework.command(examples=["sostrades config edit"], lenient=True, tables=False)
def command(app: App) -> Text:
    """Edit config.toml in your editor.

    The editor is VISUAL or EDITOR, or one that the system has. An editor with a window of its own needs an option to
    wait, as in `EDITOR='code --wait'`. The file is checked when you close the editor, and replaced only if it is valid.
    """
    editor = editor_of(app, "sostrades config set KEY VALUE")
    edited = edit_config(app.folders, editor.edit, editor.edits_again)
    notes = [] if edited.is_changed else ["nothing changed"]
    return Text(str(edited.path), {"path": str(edited.path), "changed": edited.is_changed}, notes=notes, confirms=True)
