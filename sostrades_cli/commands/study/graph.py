"""``sostrades study graph``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import NODE
from sostrades_cli.files.file_formats import PAGES, ending_of, endings_of
from sostrades_cli.local.settings import FORMATS

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows
    from sostrades_cli.output.streams import Stream

DRAWINGS: Final = (*PAGES, "svg", "dot", "mmd")


@framework.command(
    examples=[
        "sostrades study graph 21",
        "sostrades study graph 21 -o couplings.html",
        "sostrades study graph 21 --node Macro -o macro.svg",
        "sostrades study graph 21 --level 1 -F json",
    ],
    endings=[*DRAWINGS, *endings_of(FORMATS, tables=True)],
)
@study_argument
@click.option("--node", type=NODE, metavar="NODE", help="Only couplings of this node and the nodes below it.")
@click.option("--level", type=click.IntRange(min=1), metavar="N", help="Fold disciplines into the nodes of this level.")
def command(app: App, study: int, node: str | None, level: int | None) -> Rows | Stream:
    """Show which discipline computes what for which other.

    A coupling is a parameter that one discipline computes and another reads. Loops come first. The couplings are those
    of the last finished run. They come from the server's diagram, and are checked against inputs and outputs of the
    disciplines.

    A terminal shows a line per pair of disciplines. In a pipe and in tables, each coupling is a row.

    The ending of FILE selects the kind of file: html is a page with an N2 matrix, a search and the parameters of each
    coupling. It needs no network. svg is the matrix alone, dot is for Graphviz, and mmd is for Mermaid.
    """
    from sostrades_cli.operations.structure.couplings import read_couplings
    from sostrades_cli.operations.structure.graph import coupling_graph
    from sostrades_cli.views.coupling_graph import coupling_rows, drawing

    couplings = read_couplings(app.context, study)
    graph = coupling_graph(couplings, node, level)
    ending = ending_of(app.flags.output) if app.flags.output else ""
    # Endings of table formats are written as rows.
    if ending not in DRAWINGS:
        return coupling_rows(graph, couplings)
    return drawing(app.context, graph, couplings, ending)
