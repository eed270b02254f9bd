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
    """The content of a read-only file: the study's name, inputs and outputs.

    ``stored`` are the names of the parameters in the namespace of a node. The others appear only at the disciplines
    that use them, as many outputs do. ``usages`` are the names of each parameter in the ontology, one per discipline
    that uses it and that of the producer first.
    """

    name: str
    parameters: dict[str, Parameter]
    stored: frozenset[str]
    usages: dict[str, list[str]]

    @classmethod
    def from_api(cls, payload: Mapping[str, Json]) -> ReadOnlyStudy:
        """Build a study from the tree of a read-only file."""
        tree = payload.get("treenode")
        if not isinstance(tree, dict):
            raise unusable(f"a read-only file whose tree is a JSON {json_kind(tree)} instead of an object")
        parameters: dict[str, Parameter] = {}
        # A node's own data comes first: it has more fields than the uses by disciplines.
        for data in _node_data(tree, "data"):
            for name, fields in data.items():
                # Several nodes can share a parameter.
                parameters.setdefault(name, Parameter.from_api(name, fields))
        stored = frozenset(parameters)
        for used in _node_data(tree, "disc_data"):
            for name, fields in used.items():
                if name not in stored:
                    parameter = Parameter.from_api(name, fields)
                    parameters[name] = _both_uses(parameters[name], parameter) if name in parameters else parameter
        about = payload.get("study_case")
        own: Json = about.get("name") if isinstance(about, dict) else None
        name = own if isinstance(own, str) else str(tree.get("name") or "")
        return cls(name, parameters, stored, _usages(tree))

    def as_loaded(self) -> dict[str, Parameter]:
        """Return the parameters that a load would contain: stored inputs and solver settings.

        Inputs that are not editable are included, because the file does not mark them.
        """
        return {
            name: parameter
            for name, parameter in self.parameters.items()
            if name in self.stored
            and (
                parameter.is_solver_setting
                or (parameter.io_type == "in" and (parameter.optional or not parameter.coupling))
            )
        }


def _usages(tree: Mapping[str, Json]) -> dict[str, list[str]]:
    """Return the ontology's names of each parameter."""
    read: dict[str, list[str]] = {}
    written: dict[str, list[str]] = {}
    for used in (*_node_data(tree, "data"), *_node_data(tree, "disc_data")):
        for name, fields in used.items():
            if isinstance(key := fields.get("variable_key"), str) and key:
                (written if fields.get("io_type") == "out" else read).setdefault(name, []).append(key)
    names = dict.fromkeys([*read, *written])
    return {name: list(dict.fromkeys([*written.get(name, ()), *read.get(name, ())])) for name in names}


def _both_uses(parameter: Parameter, other: Parameter) -> Parameter:
    """Merge two uses of a parameter by disciplines."""
    # The consumer has more fields, but only the producer marks the parameter as an output.
    fuller = parameter if parameter.io_type == "in" or other.io_type != "in" else other
    is_output = "out" in {parameter.io_type, other.io_type}
    return fuller._replace(
        io_type="out" if is_output else fuller.io_type, coupling=bool(parameter.coupling) or bool(other.coupling)
    )


def _node_data(tree: Mapping[str, Json], part: str) -> Iterator[dict[str, Json]]:
    """Yield a part of every node, in the order of the tree."""
    # No recursion: the depth of the tree is up to the server.
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
