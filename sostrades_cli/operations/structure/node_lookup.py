"""Find a node by its full name, by its name without the study's own name, or by a unique ending of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import AmbiguousName, NotFound
from sostrades_cli.study_reference import full_key, short_key
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from sostrades_cli.api.structure import StudyNode, StudyStructure

_SHOWN = 3


def find_node(study: int, structure: StudyStructure, name: str) -> StudyNode:
    """Return the only node that a name matches. Case is ignored if no node matches exactly.

    Raises
    ------
    NotFound
        There is no such node. The message has the closest names.
    AmbiguousName
        Several nodes match.

    """
    nodes = {node.path: node for node in structure.nodes}
    for own_name, query, texts in (
        (structure.name, name, {path: path for path in nodes}),
        (structure.name.casefold(), name.casefold(), {path: path.casefold() for path in nodes}),
    ):
        # Otherwise, no query could select `study.Macro` if `study.Old.Macro` exists, too.
        complete = [path for path, text in texts.items() if text in {query, full_key(own_name, query)}]
        matches = complete or [path for path, text in texts.items() if text.endswith(f".{query}")]
        if len(matches) > 1:
            listing = ", ".join(matches[:_SHOWN]) + (" ..." if len(matches) > _SHOWN else "")
            raise AmbiguousName(
                f"{name} matches {len(matches)} nodes: {listing}", hint="type more of the name", study=study
            )
        if matches:
            return nodes[matches[0]]
    close = closest(name, [short_key(structure.name, path) for path in nodes], _SHOWN, alike=0.5)
    raise NotFound(
        f"there is no node {name:.120} in study {study}",
        detail=f"did you mean {' or '.join(close)}?" if close else None,
        hint=f"sostrades study tree {study}",
        study=study,
    )


def is_below(path: str, node: str) -> bool:
    """Return whether ``path`` is ``node``, or a node below it."""
    return path == node or path.startswith(f"{node}.")
