"""``sostrades param edit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import change_options, study_argument
from sostrades_cli.cli.param_types import SETTABLE_KEY
from sostrades_cli.cli.prompt import editor_of

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades param edit 21",
        "sostrades param edit 21 Macro.gamma 'Macro.s*'",
        "sostrades param edit 21 Macro.population",
    ],
    interrupted="sostrades param history {studies}",
    remains="the change may have been made",
)
@study_argument
@click.argument("keys", nargs=-1, type=SETTABLE_KEY, metavar="[KEY]...")
@change_options("Change the study even during a run, and overwrite changes by others.")
def command(app: App, study: int, keys: tuple[str, ...], options: ChangeOptions) -> Rows:
    """Edit parameters in your editor.

    The editor gets the values as TOML, with types, units, ranges and choices as comments. Without KEY, it gets all
    inputs but solver settings. A single KEY that is a table is edited as CSV. The editor is VISUAL or EDITOR, or one
    that the system has. An editor with a window of its own needs an option to wait, as in `EDITOR='code --wait'`.

    When you close the editor, the changes are validated, shown and confirmed, then sent and verified as by
    `sostrades param set`. A file without changes sends nothing. After an error, you can edit the text again. Text that
    is not applied is kept, and the path of its file is shown. If somebody else changed an edited value in the meantime,
    nothing is sent (exit 8), unless you give --force.
    """
    from sostrades_cli.operations.param.edit import edit_parameters
    from sostrades_cli.views.changes import change_rows

    editor = editor_of(app, "sostrades param set STUDY KEY=VALUE")
    report = edit_parameters(app.context, study, keys, options, editor.edit, editor.edits_again)
    return change_rows(report, verbose=app.notes.verbose, own_name=app.cache.name(study))
