"""Find the drivers of a study: nodes that set inputs of the disciplines below them, and collect their outputs.

The couplings of the server do not contain these dependencies.
"""

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
    """A driver, or a generator of samples. ``members`` are the full names of the node and of all nodes below it."""

    path: str
    members: tuple[str, ...]

    @property
    def is_leaf(self) -> bool:
        """Return whether the node has no children. A generator of samples has none, and can serve any driver."""
        return self.members == (self.path,)


def drivers_of(structure: StudyStructure) -> tuple[Driver, ...]:
    """Return the outermost drivers of a study. A driver below another driver is one of its members."""
    drivers: list[Driver] = []
    # Parents come before their children, so an outer driver comes before its members.
    for node in structure.nodes:
        if _is_driver(node) and not any(is_below(node.path, driver.path) for driver in drivers):
            members = tuple(member.path for member in structure.nodes if is_below(member.path, node.path))
            drivers.append(Driver(node.path, members))
    return tuple(drivers)


def _is_driver(node: StudyNode) -> bool:
    # A node may have several disciplines. The server gives only the type of the last one, but the modules of all.
    return kind_of(node) not in {FOLDER, COUPLING, DISCIPLINE} or any(
        module.startswith(_ENGINE) and module != _PLAIN_COUPLING for module in node.models
    )
