"""``sostrades study copy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli import framework
from sostrades_cli.operations.copying import copy
from sostrades_cli.output.results import Text
from sostrades_cli.shared_options import study_argument

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=["sostrades study copy 27 gallery-high-tax"],
    interrupted="whether there is a copy, the web page tells; this one is: sostrades study url {studies}",
)
@study_argument
@click.argument("name")
def command(app: App, study: int, name: str) -> Text:
    """Copy a study on the server and print the number of the copy.

    Servers give a copy the defaults of its parameters, not the values of its source: what differs is sent to
    it and read back. Exit 8 names what could not be made the same. The server wants a group's key.
    """
    copied = copy(app.server, study, name)
    payload = {"study": copied.number, "name": name, "source": study, "different": list(copied.different)}
    return Text(str(copied.number), payload, note=copied.note, failure=copied.failure)
