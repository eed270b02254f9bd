"""``sostrades study list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.views.studies import study_rows

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(examples=["sostrades study list", "sostrades study list --profile test -F json"])
def command(app: App) -> Rows:
    """List the studies seen from here.

    The API has no list of studies: these are the ones that a command on this machine has met on the server in use, the
    last one first, with your aliases. No server is asked, and no key is needed. A study that the server has no more is
    forgotten when a command meets that.
    """
    return study_rows(app.cache, app.aliases, app.host)
