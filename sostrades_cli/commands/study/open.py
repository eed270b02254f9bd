"""``sostrades study open``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.browser import open_in_browser
from sostrades_cli.cli.options import study_argument
from sostrades_cli.errors import UsageError
from sostrades_cli.output.results import Text
from sostrades_cli.study_reference import is_web_address

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades study open 21"], tables=False)
@study_argument
def command(app: App, study: int) -> Text:
    """Open the web page of a study in the browser.

    The link is printed, too, for example to open it on another computer. The browser is BROWSER, or the one of the
    desktop.
    """
    url = app.api.studies.url(study)
    if not is_web_address(url):
        raise UsageError(
            f"cannot open {url!r}: the server does not know the address of its web pages",
            hint=f"put that address in front of the output of `sostrades study url {study}`",
            study=study,
        )
    open_in_browser(app, url)
    return Text(url, {"study_url": url}, confirms=True)
