"""``sostrades study list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.operations.study.cached_studies import NONE_YET, list_studies
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.times import time_cell

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades study list", "sostrades study list --profile test -F json"])
def command(app: App) -> Rows:
    """List the studies used on this computer.

    The API has no list of all studies. This list has the studies that commands on this computer used on the server, the
    latest first. No request is sent, and no key is needed. A deleted study disappears when a command tries to use it.
    A terminal shows relative times, and all other formats RFC 3339.
    """
    studies, now = list_studies(app.cache, app.aliases), app.runtime.clock.now()
    rows = [(item.study, item.alias, item.name, item.parameters, time_cell(item.last_seen, now)) for item in studies]
    return Rows(
        ("study", "alias", "name", "parameters", "last_seen"),
        rows,
        title=f"studies used on {app.host}" if studies else None,
        notes=[] if studies else [NONE_YET],
        shown=TerminalTable(("study", "alias", "name", "parameters", "last used"), rows),
    )
