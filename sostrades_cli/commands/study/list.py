"""``sostrades study list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.operations.study.cached_studies import NONE_YET, list_studies
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades study list", "sostrades study list --profile test -F json"])
def command(app: App) -> Rows:
    """List the studies seen from here.

    The API has no list of studies: these are the ones that a command on this machine has met on the server in use, the
    last one first, with your aliases. No server is asked, and no key is needed. A study that the server has no more is
    forgotten when a command meets that.
    """
    studies = list_studies(app.cache, app.aliases)
    return Rows(
        ("study", "alias", "name", "parameters", "last_seen"),
        [(one.study, one.alias, one.name, one.parameters, one.last_seen) for one in studies],
        title=f"studies seen on {app.host}" if studies else None,
        notes=[] if studies else [NONE_YET],
    )
