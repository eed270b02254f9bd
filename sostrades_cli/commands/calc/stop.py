"""``sostrades calc stop``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.errors import SostradesError, UsageError
from sostrades_cli.output.results import Text
from sostrades_cli.study_reference import is_web_address

if TYPE_CHECKING:
    from sostrades_cli.app import App

CANNOT: Final = "the API has no route to stop a run. Only the web page can stop it"


@framework.command(examples=["sostrades calc stop 21"], tables=False)
@click.argument("study", type=STUDY, required=False, metavar="[STUDY]")
def command(app: App, study: int | None) -> Text:
    """Show where to stop a run: in the web page.

    The API has no route that stops a run, so this command only prints the link to the page of STUDY. It changes
    nothing on the server. Exit 2.
    """
    if study is None:
        raise UsageError(CANNOT, hint="`sostrades calc stop STUDY` prints the link to the page of a study")
    try:
        url = app.api.studies.url(study)
    except SostradesError as error:
        raise UsageError(
            CANNOT,
            detail=f"the link to the page cannot be read: {error.message}",
            hint=f"open study {study} in the web page, and stop the run there",
            study=study,
        ) from error
    # The command cannot do what its name says, so it prints the link and fails.
    hint = f"stop the run on this page. `sostrades study open {study}` opens it"
    if not is_web_address(url):
        hint = "put the address of the web pages, which the server does not know, in front of this link"
    failure = UsageError(CANNOT, hint=hint, study=study)
    return Text(url, {"study_url": url}, failure=failure)
