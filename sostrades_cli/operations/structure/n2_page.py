"""Make the page of a graph of couplings: its N2 matrix, and the parameters of each coupling."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sostrades_cli.operations.page_template import Link, PageHead, asset, beginning, html_text, search_box
from sostrades_cli.operations.structure.n2_svg import n2_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.structure.graph import CouplingGraph

_TOOLS = (
    '<div class="tools" role="group" aria-label="Size of the matrix">'
    '<button id="smaller" aria-label="Smaller">&minus;</button><output id="scale"></output>'
    '<button id="larger" aria-label="Larger">+</button><button id="fit">fit</button>'
    '<span class="key">A row has what a discipline computes, a column what it reads. Select a number to see the '
    "parameters.</span></div>"
)


def n2_page(graph: CouplingGraph, facts: Sequence[str], notes: Sequence[str], url: str | None) -> str:
    """Return the page.

    It shows ``facts`` below its heading, and ``notes`` prominently. ``url`` is the address of the study's page on the
    server.
    """
    # Only scripts with this nonce run, see `beginning`.
    nonce = secrets.token_urlsafe(18)
    study = Link(f"study {graph.study}", url)
    head = PageHead(f"{graph.name}: couplings", [study, *graph.counts, *facts], "; ".join(notes))
    find = search_box("Search disciplines and parameters") if graph.edges else ""
    nothing = (
        "" if graph.edges or graph.folded else '<p class="nothing">No discipline reads what another one computes.</p>'
    )
    parts = [
        beginning(head, nonce, asset("matrix.css") + asset("couplings.css"), find),
        f'<main>{_TOOLS}<div class="scroll" id="matrix">{n2_matrix(graph)}</div>' if graph.edges else "<main>",
        '<section id="chosen" aria-live="polite" hidden></section>' if graph.edges else "",
        nothing,
        *_lists(graph),
        _uncoupled(graph),
        '<p class="nothing" id="nothing" hidden>No coupling fits.</p></main>',
        f"<script nonce={nonce}>{asset('search.js')}{asset('couplings.js')}</script></body></html>\n",
    ]
    return "\n".join(filter(None, parts))


def _lists(graph: CouplingGraph) -> Iterator[str]:
    """Yield the couplings of each loop, then the others."""
    groups: dict[int | None, list[str]] = {}
    for number, (edge, names) in enumerate(graph.edges.items()):
        parameters = "".join(f"<code>{html_text(name)}</code> " for name in names)
        # The script of the search compares in lower case.
        words = html_text(" ".join([*edge, *names]).lower())
        producer, consumer = map(html_text, edge)
        groups.setdefault(graph.loop_of(edge), []).append(
            f'<li id="edge{number}" data-text="{words}"><b>{producer} → {consumer}</b> <span>{parameters}</span></li>'
        )
    for loop, items in groups.items():
        title = f"Loop {loop}" if loop else "Other couplings" if graph.loops else "Couplings"
        yield f"<section data-group><h2>{title}</h2><ul>{''.join(items)}</ul></section>"


def _uncoupled(graph: CouplingGraph) -> str:
    if not graph.uncoupled:
        return ""
    names = ", ".join(map(html_text, graph.uncoupled))
    return f'<p class="uncoupled">Without couplings: {names}</p>'
