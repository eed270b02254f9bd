"""The read-only file of a finished study: all its parameters, inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.models import Json, Parameter
from sostrades_cli.api.protocol import json_kind, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class ReadOnlyStudy:
    """The read-only file of a finished study: its own name, inputs and outputs.

    ``stored`` are the names of the parameters that a node has in its own namespace; the others are only named by the
    disciplines that use them, which is how many outputs appear.
    """

    name: str
    parameters: dict[str, Parameter]
    stored: frozenset[str]

    @classmethod
    def from_api(cls, payload: Mapping[str, Json]) -> ReadOnlyStudy:
        """Read the tree of a read-only file: ``data`` of each node first, then what its disciplines use."""
        tree = payload.get("treenode")
        if not isinstance(tree, dict):
            raise unusable(f"a read-only file whose tree is a JSON {json_kind(tree)}")
        parameters: dict[str, Parameter] = {}
        for data in _node_data(tree, "data"):
            for name, fields in data.items():
                parameters.setdefault(name, Parameter.from_api(name, fields))
        stored = frozenset(parameters)
        for used in _node_data(tree, "disc_data"):
            for name, fields in used.items():
                if name not in stored:
                    told = Parameter.from_api(name, fields)
                    parameters[name] = _both_uses(parameters[name], told) if name in parameters else told
        about = payload.get("study_case")
        own: Json = about.get("name") if isinstance(about, dict) else None
        return cls(own if isinstance(own, str) else str(tree.get("name") or ""), parameters, stored)

    def as_loaded(self) -> dict[str, Parameter]:
        """Return what a load would show: stored inputs and solver settings, without what only a run computes.

        Inputs that are not editable cannot be told from the others, and are among them.
        """
        return {
            name: one
            for name, one in self.parameters.items()
            if name in self.stored
            and (one.is_solver_setting or (one.io_type == "in" and (one.optional or not one.coupling)))
        }


def _both_uses(parameter: Parameter, other: Parameter) -> Parameter:
    """Join what two disciplines tell of a parameter: its user tells most, its producer that it is an output."""
    fuller = parameter if parameter.io_type == "in" or other.io_type != "in" else other
    is_output = "out" in {parameter.io_type, other.io_type}
    return fuller._replace(
        io_type="out" if is_output else fuller.io_type, coupling=bool(parameter.coupling) or bool(other.coupling)
    )


def _node_data(tree: Mapping[str, Json], part: str) -> Iterator[dict[str, Json]]:
    """Yield a part of every node, walking the tree without recursion: its depth is the server's choice."""
    nodes: list[Json] = [tree]
    while nodes:
        node = nodes.pop()
        if not isinstance(node, dict):
            continue
        data, children = node.get(part), node.get("children")
        if isinstance(data, dict):
            yield data
        if isinstance(children, list):
            nodes.extend(reversed(children))
