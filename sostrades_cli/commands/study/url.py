"""``sostrades study url``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades study url 21"])
@study_argument
def command(app: App, study: int) -> Text:
    """Print the link to the web page of a study.

    `sostrades study open` opens it.
    """
    return study_link(app, study)


def study_link(app: App, study: int) -> Text:
    """Return the link to the web page of a study."""
    url = app.api.studies.url(study)
    complete = is_web_address(url)
    notes = [] if complete else ["the link is incomplete: the server does not know the address of its web pages"]
    return Text(url, {"study_url": url}, notes=notes)


def is_web_address(url: str) -> bool:
    """Return whether a browser may open a link of the server, which could also name a local file."""
    return url.startswith(("http://", "https://"))
