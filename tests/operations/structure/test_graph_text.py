"""Test graphs for Graphviz and Mermaid, and the matrix as SVG, with any names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape

import pydot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.structure.graph import CouplingGraph
from sostrades_cli.operations.structure.graph_text import dot, mermaid
from sostrades_cli.operations.structure.n2_page import n2_page
from sostrades_cli.operations.structure.n2_svg import n2_file

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = st.text(st.sampled_from("aé. \"\\'<>&;#|[]{}()\n\r\t\x00\x1b\u202e%-_`$=/*"), min_size=1, max_size=12)
NAMES = st.one_of(HOSTILE, st.text(min_size=1, max_size=12))


@st.composite
def graphs(draw: st.DrawFn) -> CouplingGraph:
    """Return graphs of two disciplines with any names."""
    first, second = draw(st.lists(NAMES, min_size=2, max_size=2, unique=True))
    there, back = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True)), draw(st.lists(NAMES, max_size=2))
    edges = {(first, second): tuple(there), **({(second, first): tuple(back)} if back else {})}
    loops = ((first, second),) if back else ()
    return CouplingGraph(1, draw(NAMES), (first, second), edges, loops, ())


def visible(text: str) -> str:
    """Return a name as files show it."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pydot")
@settings(max_examples=10, deadline=None)
@given(graphs())
def test_graphviz_reads_back_every_name(graph: CouplingGraph) -> None:
    [parsed] = pydot.graph_from_dot_data(dot(graph)) or []
    numbers = {name: f"n{number}" for number, name in enumerate(graph.disciplines)}
    labels = {node.get_name(): read_dot(node.get("label")) for node in parsed.get_nodes() if node.get("label")}
    assert labels == {number: shown_in_dot(name) for name, number in numbers.items()}
    edges = {(edge.get_source(), edge.get_destination()): read_dot(edge.get("label")) for edge in parsed.get_edges()}
    assert edges == {
        (numbers[start], numbers[end]): "\n".join(map(shown_in_dot, names))
        for (start, end), names in graph.edges.items()
    }


def shown_in_dot(text: str) -> str:
    """Return a name as a label of Graphviz shows it."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def read_dot(label: str) -> str:
    """Return the text that Graphviz shows for a quoted label."""
    assert label[0] == label[-1] == '"'
    return unescape(re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), label[1:-1]))


@settings(max_examples=20, deadline=None)
@given(graphs())
def test_mermaid_has_each_name_in_quotes_without_a_special_letter(graph: CouplingGraph) -> None:
    """Mermaid has no parser in Python. A label in quotes ends at the next quote, and may have entities."""
    first, *lines = mermaid(graph).splitlines()
    assert first == "flowchart LR"
    labels = [match for line in lines for match in re.findall(r'"([^"]*)"', line)]
    assert all(line.count('"') in (0, 2) for line in lines)
    texts = {visible(read_mermaid(part)) for label in labels for part in label.split("<br>")}
    expected = {
        visible(name) for name in (*graph.disciplines, *(name for names in graph.edges.values() for name in names))
    }
    assert texts - {"loop 1"} >= expected - {"loop 1"}
    assert all(re.fullmatch(r"(?:[\w ._-]|#\d+;)*", part) for label in labels for part in label.split("<br>"))


def read_mermaid(label: str) -> str:
    """Return the text that Mermaid shows for a label."""
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label)


@settings(max_examples=20, deadline=None)
@given(graphs())
def test_matrix_is_well_formed_and_has_a_cell_per_edge(graph: CouplingGraph) -> None:
    root = ET.fromstring(n2_file(graph))  # noqa: S314 - written by the test itself
    cells = [item for item in root.iter(f"{SVG}g") if "cell" in item.get("class", "").split()]
    assert [cell.findtext(f"{SVG}text") for cell in cells] == [str(len(names)) for names in graph.edges.values()]
    titles = [cell.findtext(f"{SVG}title") for cell in cells]
    assert titles == [visible(f"{start} -> {end}: {', '.join(names)}") for (start, end), names in graph.edges.items()]
    assert {item.tag.removeprefix(SVG) for item in root.iter()} <= {
        "svg",
        "style",
        "title",
        "rect",
        "g",
        "path",
        "text",
    }


@settings(max_examples=20, deadline=None)
@given(graphs())
def test_page_has_no_element_and_no_address_from_names(graph: CouplingGraph) -> None:
    page = n2_page(graph, [], [], None)
    assert len(re.findall("<script", page)) == 1
    assert not re.search(r"(?:src|href)\s*=", page)
    assert set(re.findall(r"<([a-z]\w*)", page.partition("<body>")[2].partition("<script")[0])) <= {
        *("header", "h1", "p", "div", "span", "input", "button", "output", "main", "svg", "rect", "g", "path", "text"),
        *("title", "section", "h2", "ul", "li", "b", "code"),
    }
