"""Text in the language of Graphviz, as the library of the server writes it."""

import re
from collections.abc import Iterator, Mapping

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)")
_KEYWORDS = {"node", "edge", "graph", "digraph", "subgraph", "strict"}


def quoted(text: str) -> str:
    """Quote a name or value unless Graphviz can read it without quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _KEYWORDS:
        return text
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'


def attributes(**values: str) -> str:
    """Return a list of attributes in brackets."""
    return "[" + " ".join(f"{name}={quoted(value)}" for name, value in values.items()) + "]"


def node(name: str, **values: str) -> str:
    """Return the line of a node."""
    return f"{quoted(name)} {attributes(**values)}"


def edge(tail: str, head: str, **values: str) -> str:
    """Return the line of an edge."""
    return f"{quoted(tail)} -> {quoted(head)} {attributes(**values)}"


def digraph(lines: Iterator[str]) -> str:
    """Return a whole graph."""
    body = "".join(f"\t{line}\n" for line in lines)
    return f"// Dependency graph\ndigraph {{\n{body}}}\n"


def cluster(name: str, lines: Iterator[str]) -> Iterator[str]:
    """Return the lines of a box around other lines."""
    yield f"// {name}"
    yield f"subgraph {quoted(f'cluster_{name}')} {{"
    yield f"\tgraph {attributes(label=name, rank='source', style='dotted')}"
    yield from (f"\t{line}" for line in lines)
    yield "}"


def folders(names: Mapping[str, object]) -> list[str]:
    """Return the names and all their parents, sorted. A name that starts with a dot has a parent without a name."""
    parts = (name.split(".") for name in names if name)
    return sorted({".".join(part[:depth]) for part in parts for depth in range(1, len(part) + 1)} - {""})
