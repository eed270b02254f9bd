"""A graph of couplings as rows, and as files of pages and pictures."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.files.file_formats import PAGES
from sostrades_cli.operations.page_template import origin
from sostrades_cli.operations.postproc.page_facts import web_address
from sostrades_cli.operations.structure import graph_text
from sostrades_cli.operations.structure.n2_page import n2_page
from sostrades_cli.operations.structure.n2_svg import n2_file
from sostrades_cli.output.results import Rows, TerminalTree, TreeLine
from sostrades_cli.output.streams import Stream, transfer_once
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.structure.couplings import StudyCouplings
    from sostrades_cli.operations.structure.graph import CouplingGraph


COLUMNS: Final = ("producer", "consumer", "parameter", "loop")


def coupling_rows(graph: CouplingGraph, couplings: StudyCouplings) -> Rows:
    """Return a row per coupling, those in loops first, and on a terminal a line per pair of disciplines."""
    disputed = [
        {name: short_key(graph.name, value) for name, value in coupling._asdict().items()}
        for coupling in couplings.disputed
    ]
    which = "these disciplines" if couplings.couplings else f"the disciplines of study {graph.study}"
    nothing = None if graph.edges or graph.folded else f"none of {which} reads what another one computes"
    return Rows(
        COLUMNS,
        # A spreadsheet can filter rows, but not lists within cells.
        [(*edge, name, graph.loop_of(edge)) for edge, names in graph.edges.items() for name in names],
        payload=graph_text.graph_json(graph, disputed),
        notes=list(filter(None, [graph.folded_note, nothing])),
        title=f"{graph.name} · study {graph.study} · {', '.join(graph.counts)}",
        lines=True,
        shown=TerminalTree(list(_lines(graph))),
    )


def drawing(context: Context, graph: CouplingGraph, couplings: StudyCouplings, ending: str) -> Stream:
    """Return a page, a picture or a description in a graph language, as a stream for a file."""
    if ending in PAGES:
        notes = [*couplings.notes, *filter(None, [graph.folded_note])]
        facts = origin(context.clock.now(), context.api.session.host)
        text = n2_page(graph, facts, notes, web_address(context, graph.study))
    else:
        text = {"svg": n2_file, "dot": graph_text.dot, "mmd": graph_text.mermaid}[ending](graph)
    content = contextlib.nullcontext(iter([text.encode()]))
    return Stream(lambda: content, transfer_once)


def _lines(graph: CouplingGraph) -> Iterator[TreeLine]:
    # No loop has this number, so the first edge always gets a heading.
    group: int | None = -1
    for edge, names in graph.edges.items():
        loop = graph.loop_of(edge)
        if loop != group and graph.loops:
            yield TreeLine(0, f"loop {loop}" if loop else "outside of loops")
        group = loop
        yield TreeLine(1 if graph.loops else 0, f"{edge[0]} -> {edge[1]}: {', '.join(names)}")
