"""Draw the N2 matrix of a graph of couplings as SVG: a grid with the disciplines on its diagonal.

The row of a discipline shows its outputs, its column shows its inputs. A coupling to an earlier discipline is below the
diagonal, so a loop is a block around the diagonal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.page_template import asset, html_text
from sostrades_cli.output.text import tail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.structure.graph import CouplingGraph

# Sizes are in pixels.
CELL: Final = 28
_MARGIN: Final = 6
# The average width of a letter. The width of a text is only known to the program that draws it.
_LETTER: Final = 7.2
# A longer name is cut at its start. Its title, which browsers show under the mouse, is whole.
_LONGEST: Final = 44
_STYLE: Final = "matrix.css"


def n2_file(graph: CouplingGraph) -> str:
    """Return the matrix as an SVG file, whose colours follow the dark or light mode of the reader's system."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{n2_matrix(graph, style=asset(_STYLE))}\n'


def n2_matrix(graph: CouplingGraph, style: str = "") -> str:
    """Return the matrix as an SVG element, with ``style`` as its CSS. Cells are numbered like the graph's edges."""
    label_width = _MARGIN * 2 + int(_LETTER * max((len(tail(name, _LONGEST)) for name in graph.disciplines), default=0))
    width = label_width + CELL * len(graph.disciplines) + _MARGIN
    height = CELL * (len(graph.disciplines) + 1) + _MARGIN
    heading = html_text(f"N2 matrix of {graph.name}")
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="n2" {size} role="group" aria-label="{heading}">',
        f"<style>{style}</style><title>{heading}</title>" if style else "",
        f'<rect class="ground" width="{width}" height="{height}"/>',
        f'<g transform="translate({label_width} {CELL})">',
        # SVG draws in this order, so the heads cover the cells that are scrolled below them.
        *_disciplines(graph),
        *_loops(graph),
        *_cells(graph),
        *_heads(graph, label_width, width),
        "</g></svg>",
    ]
    return "\n".join(filter(None, parts))


def _loops(graph: CouplingGraph) -> Iterator[str]:
    """Yield the block of each loop, whose disciplines follow each other."""
    for number, loop in enumerate(graph.loops, 1):
        start, size = CELL * graph.disciplines.index(loop[0]), CELL * len(loop)
        yield (
            f'<rect class="loop" x="{start}" y="{start}" width="{size}" height="{size}">'
            f"<title>loop {number}: {len(loop)} disciplines</title></rect>"
        )


def _disciplines(graph: CouplingGraph) -> Iterator[str]:
    size = CELL * len(graph.disciplines)
    for number, name in enumerate(graph.disciplines):
        at, middle, whole = CELL * number, CELL * number + CELL // 2, html_text(name)
        yield (
            f'<path class="line" d="M0 {at}H{size}M{at} 0V{size}"/>'
            f'<g class="discipline" data-name="{whole.lower()}"><title>{whole}</title>'
            f'<rect x="{at}" y="{at}" width="{CELL}" height="{CELL}"/>'
            f'<text class="number" x="{middle}" y="{middle}">{number + 1}</text></g>'
        )
    yield f'<path class="line" d="M0 {size}H{size}M{size} 0V{size}"/>'


def _heads(graph: CouplingGraph, label_width: int, width: int) -> Iterator[str]:
    """Yield the heads of rows and columns, and their corner. The script of a page keeps them in sight."""
    size = CELL * len(graph.disciplines)
    yield f'<g class="rows"><rect class="ground" x="{-label_width}" width="{label_width}" height="{size + _MARGIN}"/>'
    for number, name in enumerate(graph.disciplines):
        shown, whole = html_text(tail(name, _LONGEST)), html_text(name)
        middle = CELL * number + CELL // 2
        yield f'<text class="name" x="{-_MARGIN}" y="{middle}"><title>{whole}</title>{shown}</text>'
    yield f'<path class="line" d="M0 0V{size}"/></g>'
    yield f'<g class="columns"><rect class="ground" x="{-label_width}" y="{-CELL}" width="{width}" height="{CELL}"/>'
    for number, name in enumerate(graph.disciplines):
        middle = CELL * number + CELL // 2
        yield f'<text class="number" x="{middle}" y="{-CELL // 2}"><title>{html_text(name)}</title>{number + 1}</text>'
    yield f'<path class="line" d="M{-label_width} 0H{size}"/></g>'
    yield f'<rect class="ground corner" x="{-label_width}" y="{-CELL}" width="{label_width}" height="{CELL}"/>'


def _cells(graph: CouplingGraph) -> Iterator[str]:
    positions = {name: position for position, name in enumerate(graph.disciplines)}
    for number, ((producer, consumer), names) in enumerate(graph.edges.items()):
        row, column = positions[producer], positions[consumer]
        text = html_text(f"{producer} -> {consumer}: {', '.join(names)}")
        back = " back" if row > column else ""
        yield (
            f'<g class="cell{back}" id="cell{number}" data-row="{row}" data-column="{column}" tabindex="0" '
            f'role="button" aria-label="{text}"><title>{text}</title>'
            f'<rect x="{CELL * column + 2}" y="{CELL * row + 2}" width="{CELL - 4}" height="{CELL - 4}" rx="4"/>'
            f'<text x="{CELL * column + CELL // 2}" y="{CELL * row + CELL // 2}">{len(names)}</text></g>'
        )
