"""``sostrades study open``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.commands.study.url import study_link

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Text


@framework.command(examples=["sostrades study open 21"])
@study_argument
def command(app: App, study: int) -> Text:
    """Open the web page of a study in the browser.

    The link is printed, too, for example to open it on another computer. The browser is BROWSER, or the one of the
    desktop.
    """
    return study_link(app, study, open_it=True)._replace(confirms=True)
