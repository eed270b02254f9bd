"""Read the tree of a study, or a part of it, as nodes with their kinds, models and parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.structure.node_lookup import find_node
from sostrades_cli.operations.structure.read import read_nodes

if TYPE_CHECKING:
    from sostrades_cli.api.structure import StudyNode, StudyStructure
    from sostrades_cli.operations.context import Context

FOLDER, COUPLING, DISCIPLINE, DRIVER = "folder", "coupling", "discipline", "driver"
_KINDS: Final = {"data": FOLDER, "ProxyCoupling": COUPLING, "ProxyDiscipline": DISCIPLINE}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A node in a tree, its depth below the start, and the number of ``hidden`` nodes below it."""

    node: StudyNode
    depth: int
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class StudyTree:
    """A tree in the server's order, parents first. ``note`` is set if the tree does not come from a finished run."""

    study: int
    name: str
    entries: tuple[TreeEntry, ...]
    has_parameters: bool
    note: str | None = None


def read_tree(context: Context, study: int, node: str | None = None, depth: int | None = None) -> StudyTree:
    """Return the tree of a study below ``node``, at most ``depth`` levels of it.

    Raises
    ------
    NotFound, AmbiguousName
        No node matches, or several do.

    """
    named = read_nodes(context, study)
    structure = named.structure
    start = structure.nodes[0] if node is None else find_node(study, structure, node)
    entries = _entries(structure, start, depth)
    return StudyTree(study, structure.name, entries, structure.has_parameters, named.note)


def kind_of(node: StudyNode) -> str:
    """Return the kind of a node. A type that this module does not name stays as the server writes it."""
    # The server has several drivers, such as ProxyMonoInstanceDriver.
    return _KINDS.get(node.type) or (DRIVER if node.type.endswith("Driver") else node.type)


def has_discipline(node: StudyNode) -> bool:
    """Return whether a node runs a discipline itself. Folders and couplings only contain other nodes."""
    return kind_of(node) not in {FOLDER, COUPLING}


def status_of(node: StudyNode) -> str:
    """Return the status of a node's discipline in the last run, empty for a folder."""
    # The server writes INPUT_DATA as the status of each folder, which no run changes.
    return "" if kind_of(node) == FOLDER else node.status


def _entries(structure: StudyStructure, start: StudyNode, max_depth: int | None) -> tuple[TreeEntry, ...]:
    depths: dict[str, int] = {}
    entries: dict[str, TreeEntry] = {}
    # The visible node of each node: itself, or the ancestor that counts it as hidden.
    visible: dict[str, str] = {}
    # Parents come before their children.
    for node in structure.nodes:
        if node.path != start.path and node.parent not in depths:
            continue
        depth = 0 if node.path == start.path else depths[str(node.parent)] + 1
        depths[node.path] = depth
        if max_depth is None or depth <= max_depth:
            entries[node.path], visible[node.path] = TreeEntry(node, depth), node.path
            continue
        ancestor = visible[node.path] = visible[str(node.parent)]
        entries[ancestor] = replace(entries[ancestor], hidden=entries[ancestor].hidden + 1)
    return tuple(entries.values())
