"""``sostrades study show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(examples=["sostrades study show 21", "sostrades study show 21 -F json --query parameters"])
@study_argument
def command(app: App, study: int) -> Rows:
    """Show an overview of a study on one screen.

    It has the name, the status, the last run, the link, and the numbers of parameters by kind and by node. Each
    parameter is counted once, at the node that stores it; `study tree` counts what disciplines read and compute. A
    coupling with a start value is an input: a run begins with it and computes it again. A changed
    input has another value than the model declares, which is known after a finished run. If the server cannot load the
    study, the other facts are shown, and the command fails.
    """
    from sostrades_cli.operations.study.overview import read_overview
    from sostrades_cli.views.study_card import study_rows

    aliases = [alias for alias, number in app.aliases.items() if number == study]
    return study_rows(read_overview(app.context, study), aliases, app.runtime.clock.now())
