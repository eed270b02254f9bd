"""What the couplings leave out: a driver sets inputs of the disciplines below it, and collects their outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.structure.node_lookup import is_below
from sostrades_cli.operations.structure.tree import COUPLING, DISCIPLINE, FOLDER, kind_of

if TYPE_CHECKING:
    from sostrades_cli.api.structure import StudyNode, StudyStructure

_ENGINE: Final = "sostrades_core.execution_engine."
_PLAIN_COUPLING: Final = f"{_ENGINE}proxy_coupling"


@dataclass(frozen=True, slots=True)
class Driver:
    """A node whose dependencies are not in the couplings: a driver, or a generator of samples.

    ``members`` are the full names of the node and the nodes below it; ``is_leaf`` if there are none below.
    """

    path: str
    members: tuple[str, ...]

    @property
    def is_leaf(self) -> bool:
        """Return whether no node is below it, as of a generator of samples. It can serve any driver."""
        return self.members == (self.path,)


def drivers_of(structure: StudyStructure) -> tuple[Driver, ...]:
    """Return the outermost drivers of a study; those below another one are its members."""
    found: list[Driver] = []
    # Parents come first.
    for node in structure.nodes:
        if _is_driver(node) and not any(is_below(node.path, driver.path) for driver in found):
            members = tuple(one.path for one in structure.nodes if is_below(one.path, node.path))
            found.append(Driver(node.path, members))
    return tuple(found)


def _is_driver(node: StudyNode) -> bool:
    # Of several disciplines on a node, the server gives only the type of the last one, but the modules of all.
    return kind_of(node) not in {FOLDER, COUPLING, DISCIPLINE} or any(
        module.startswith(_ENGINE) and module != _PLAIN_COUPLING for module in node.models
    )
