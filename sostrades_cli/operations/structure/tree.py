"""The tree of a study, or a part of it: nodes with their kinds, models and numbers of parameters."""

from __future__ import annotations

from dataclasses import dataclass
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
    """A node in a tree: its depth below the start, and the number of nodes below it that are left out."""

    node: StudyNode
    depth: int
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class StudyTree:
    """A tree in the order of the server, parents first. ``note`` says if it does not come from a finished run."""

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
    """Return the kind of a node; a type without a name of its own stays as the server writes it."""
    return _KINDS.get(node.type) or (DRIVER if node.type.endswith("Driver") else node.type)


def has_discipline(node: StudyNode) -> bool:
    """Return whether a node runs a discipline of its own; folders and couplings only hold others."""
    return kind_of(node) not in {FOLDER, COUPLING}


def status_of(node: StudyNode) -> str:
    """Return the status of a node's discipline in the last run; a folder has none, whatever the server writes."""
    return "" if kind_of(node) == FOLDER else node.status


def _entries(structure: StudyStructure, start: StudyNode, most: int | None) -> tuple[TreeEntry, ...]:
    depths: dict[str, int] = {}
    kept: dict[str, TreeEntry] = {}
    above: dict[str, str] = {}
    for node in structure.nodes:
        if node.path != start.path and node.parent not in depths:
            continue
        depth = 0 if node.path == start.path else depths[str(node.parent)] + 1
        depths[node.path] = depth
        if most is None or depth <= most:
            kept[node.path], above[node.path] = TreeEntry(node, depth), node.path
            continue
        last = above[node.path] = above[str(node.parent)]
        kept[last] = TreeEntry(kept[last].node, kept[last].depth, kept[last].hidden + 1)
    return tuple(kept.values())
