"""``sostrades study docs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import NODE
from sostrades_cli.files.file_formats import PAGES

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Stream, Text


@framework.command(
    examples=[
        "sostrades study docs 21",
        "sostrades study docs 21 Macro",
        "sostrades study docs 21 -o docs.html",
        "sostrades study docs 21 -o docs.md",
    ],
    formats=["md", "json"],
    endings=["md", *PAGES, "json"],
)
@study_argument
@click.argument("node", type=NODE, required=False)
def command(app: App, study: int, node: str | None) -> Text | Stream:
    """Show the documentation of the process and disciplines.

    With NODE, only that of this node and the nodes below it. It needs a finished run, because only its structure names
    the modules of a study. The documentation is what that run has kept, else what the server's ontology service has
    now. That of the process comes from the service only. A module of several classes has one document, with a note.

    A terminal shows formulas as text and the names of pictures. In a pipe, the output is Markdown. The ending of FILE
    selects the kind of file: docs.html is a page that needs no network. docs.md is Markdown, with its pictures in the
    folder docs.files.
    """
    from sostrades_cli.operations.ontology.documents import read_documents  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.views.documents import documents_result  # noqa: PLC0415

    documents = read_documents(app.context, study, node)
    flags = app.flags
    is_raw = app.for_people and app.format != "table"
    return documents_result(app.context, documents, flags.output, overwrite=flags.overwrite, is_raw=is_raw)
