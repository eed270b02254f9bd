"""A graph of couplings as Graphviz, Mermaid and JSON. Names are untrusted, so each language gets them escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.structure.graph import CouplingGraph


def dot(graph: CouplingGraph) -> str:
    """Return the graph in the DOT language of Graphviz; a loop is a cluster."""
    numbers = {name: number for number, name in enumerate(graph.disciplines)}
    lines = [f"digraph {_dot_text(graph.name)} {{", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  n{number} [label={_dot_text(name)}];" for name, number in numbers.items()]
    for number, loop in enumerate(graph.loops, 1):
        members = " ".join(f"n{numbers[name]};" for name in loop)
        lines.append(f'  subgraph cluster_{number} {{ label="loop {number}"; {members} }}')
    lines += [
        f"  n{numbers[producer]} -> n{numbers[consumer]} [label={_dot_text(chr(10).join(names))}];"
        for (producer, consumer), names in graph.edges.items()
    ]
    return "\n".join([*lines, "}", ""])


def mermaid(graph: CouplingGraph) -> str:
    """Return the graph as a flowchart of Mermaid; a loop is a subgraph."""
    numbers = {name: number for number, name in enumerate(graph.disciplines)}
    lines = ["flowchart LR"]
    lines += [f'  n{number}["{_mermaid_text(name)}"]' for name, number in numbers.items()]
    for number, loop in enumerate(graph.loops, 1):
        lines += [f'  subgraph loop{number}["loop {number}"]', *(f"    n{numbers[name]}" for name in loop), "  end"]
    lines += [
        f'  n{numbers[producer]} -->|"{"<br>".join(map(_mermaid_text, names))}"| n{numbers[consumer]}'
        for (producer, consumer), names in graph.edges.items()
    ]
    return "\n".join([*lines, ""])


def graph_json(graph: CouplingGraph, disputed: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return the graph as JSON."""
    return {
        "study": graph.study,
        "name": graph.name,
        "disciplines": list(graph.disciplines),
        "couplings": [
            {
                "producer": producer,
                "consumer": consumer,
                "parameters": list(names),
                "loop": graph.loop_of((producer, consumer)),
            }
            for (producer, consumer), names in graph.edges.items()
        ],
        "loops": [list(loop) for loop in graph.loops],
        "uncoupled": list(graph.uncoupled),
        "disputed": list(disputed),
        "folded": graph.folded,
    }


def _dot_text(text: str) -> str:
    r"""Return a quoted text. Graphviz ends it at a quote, and reads a backslash as an escape such as ``\N``."""
    shown = "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)
    # It also reads entities of HTML.
    escaped = shown.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.replace("\n", "\\n")


def _mermaid_text(text: str) -> str:
    """Return a text for a label in quotes. Mermaid reads Markdown, HTML and entities such as ``#35;`` in it."""
    return "".join(
        letter if letter.isalnum() or letter in " ._-" else f"#{ord(letter) if letter.isprintable() else 0xFFFD};"
        for letter in text
    )
