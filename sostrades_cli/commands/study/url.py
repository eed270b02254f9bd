"""``sostrades study url``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.output.results import Text
from sostrades_cli.study_reference import is_web_address

if TYPE_CHECKING:
    from sostrades_cli.app import App

INCOMPLETE: Final = "the link is incomplete: the server does not know the address of its web pages"


@framework.command(examples=["sostrades study url 21"], tables=False)
@study_argument
def command(app: App, study: int) -> Text:
    """Print the link to the web page of a study.

    `sostrades study open` opens it.
    """
    url = app.api.studies.url(study)
    return Text(url, {"study_url": url}, notes=[] if is_web_address(url) else [INCOMPLETE])
