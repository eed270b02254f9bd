"""``sostrades study url``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.browser import open_in_browser
from sostrades_cli.cli.options import study_argument
from sostrades_cli.errors import UsageError
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades study url 21", "sostrades study url 21 --open"])
@study_argument
@click.option("--open", "open_it", is_flag=True, help="Open the page in the browser, too.")
def command(app: App, study: int, open_it: bool) -> Text:
    """Print the link to the web page of a study."""
    return study_link(app, study, open_it=open_it)


def study_link(app: App, study: int, *, open_it: bool) -> Text:
    """Return the link to the web page of a study, and open the page if asked to."""
    url = app.api.studies.url(study)
    absolute = url.startswith(("http://", "https://"))
    if open_it and not absolute:
        raise UsageError(
            f"cannot open {url!r}: the server does not know the address of its web pages",
            hint=f"put that address in front of the output of `sostrades study url {study}`",
            study=study,
        )
    if open_it:
        open_in_browser(app, url)
    notes = [] if absolute else ["the link is incomplete: the server does not know the address of its web pages"]
    return Text(url, {"study_url": url}, notes=notes)
