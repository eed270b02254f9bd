"""Find a node by its full name, its name without the study's own, or a unique ending of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import AmbiguousName, NotFound
from sostrades_cli.study_reference import full_key, short_key
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from sostrades_cli.api.structure import StudyNode, StudyStructure

_SHOWN = 3


def find_node(study: int, structure: StudyStructure, name: str) -> StudyNode:
    """Return the one node that a name matches, in its own case if possible.

    Raises
    ------
    NotFound
        There is no such node; the message has the closest names.
    AmbiguousName
        Several nodes match.

    """
    nodes = {node.path: node for node in structure.nodes}
    for own, wanted, spelt in (
        (structure.name, name, {path: path for path in nodes}),
        (structure.name.casefold(), name.casefold(), {path: path.casefold() for path in nodes}),
    ):
        # A complete name wins over the endings of others.
        whole = [path for path, text in spelt.items() if text in {wanted, full_key(own, wanted)}]
        fitting = whole or [path for path, text in spelt.items() if text.endswith(f".{wanted}")]
        if len(fitting) > 1:
            shown = ", ".join(fitting[:_SHOWN]) + (" ..." if len(fitting) > _SHOWN else "")
            raise AmbiguousName(
                f"{name} matches {len(fitting)} nodes: {shown}", hint="type more of the name", study=study
            )
        if fitting:
            return nodes[fitting[0]]
    close = closest(name, [short_key(structure.name, path) for path in nodes], _SHOWN, alike=0.5)
    raise NotFound(
        f"there is no node {name:.120} in study {study}",
        detail=f"did you mean {' or '.join(close)}?" if close else None,
        hint=f"sostrades study tree {study}",
        study=study,
    )


def is_below(path: str, node: str) -> bool:
    """Return whether a node is another one, or below it."""
    return path == node or path.startswith(f"{node}.")
