"""``sostrades study docs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import NODE
from sostrades_cli.files.file_formats import PAGES, ending_of

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Text
    from sostrades_cli.output.streams import Stream


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
    from sostrades_cli.operations.ontology import documents, markdown_file
    from sostrades_cli.views.documents import documentation_page, documentation_text

    of_study = documents.read_documents(app.context, study, node)
    file = app.flags.file
    if file is not None and ending_of(file) in PAGES:
        return documentation_page(app.context, of_study)
    markdown = markdown_file.markdown_text(of_study.documents, file, overwrite=app.flags.overwrite)
    # JSON has the documents, and -F table renders them.
    is_raw = app.for_people and app.format != "table"
    return documentation_text(of_study, markdown, to_file=file is not None, is_raw=is_raw)
