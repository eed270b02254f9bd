"""``sostrades study url``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.errors import UsageError
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades study url 21", "sostrades study url 21 --open"])
@study_argument
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser, too.")
def command(app: App, study: int, open_it: bool) -> Text:
    """Print the link to a study's page."""
    url = app.api.studies.url(study)
    absolute = url.startswith(("http://", "https://"))
    if open_it and not absolute:
        raise UsageError(f"{url!r} is not a complete address: the server has none for its web pages", study=study)
    if open_it and not app.runtime.open_url(url):
        raise UsageError(f"no browser could be opened for {url}", hint="open the link by hand", study=study)
    notes = [] if absolute else ["relative: no address of its web pages is configured on the server"]
    return Text(url, {"study_url": url}, notes=notes)
