"""Write a graph of couplings as Graphviz, Mermaid and JSON. Names are untrusted, so they are escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.structure.graph import CouplingGraph


def dot(graph: CouplingGraph) -> str:
    """Return the graph in the DOT language of Graphviz. A loop is a cluster."""
    # Nodes are numbered, because a name may not be usable as an identifier.
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
    """Return the graph as a Mermaid flowchart. A loop is a subgraph."""
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
    r"""Return a quoted text. In it, Graphviz reads a backslash as the start of an escape such as ``\N``."""
    printable = "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)
    # Graphviz also replaces HTML entities in a text.
    escaped = printable.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.replace("\n", "\\n")


def _mermaid_text(text: str) -> str:
    """Return a text for a quoted label. In it, Mermaid interprets Markdown, HTML and entities such as ``#35;``."""
    return "".join(
        letter if letter.isalnum() or letter in " ._-" else f"#{ord(letter) if letter.isprintable() else 0xFFFD};"
        for letter in text
    )
