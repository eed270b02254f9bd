"""The structure of a study in its read-only file: nodes, couplings and steps of a run. Never values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.execution_steps import ExecutionStep, steps_from_api
from sostrades_cli.api.protocol import json_kind, unusable
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sostrades_cli.api.models import Json

# A pseudo entry of a node: parameters stored there that belong to its children.
_STORED: Final = "Data"
MOST_NODES: Final = 100_000


class Coupling(NamedTuple):
    """A parameter that one discipline computes and another reads; all three are full names."""

    producer: str
    consumer: str
    parameter: str


class StudyNode(NamedTuple):
    """A node of the tree: its full name and that of its parent, ``None`` at the root.

    ``type`` is the server's word for it, ``models`` are Python modules. ``inputs``, ``outputs`` and ``solver`` are full
    names of parameters that its disciplines read and compute, without own outputs among the inputs. ``classes`` are the
    disciplines' classes where the server names them.
    """

    path: str
    parent: str | None
    type: str
    status: str
    models: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    solver: tuple[str, ...]
    classes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name below the parent."""
        return self.path if self.parent is None else self.path.removeprefix(f"{self.parent}.")


@dataclass(frozen=True, slots=True)
class StudyStructure:
    """The nodes of a study, parents first, its couplings and its steps.

    ``from_diagram`` are the couplings of the server's diagram, ``None`` if it has no diagram. ``process`` is the full
    name of the process, empty if unknown.
    """

    name: str
    nodes: tuple[StudyNode, ...]
    from_diagram: tuple[Coupling, ...] | None
    steps: tuple[ExecutionStep, ...]
    process: str = ""

    @property
    def has_parameters(self) -> bool:
        """Return whether the nodes have parameters; a restricted viewer gets none."""
        return any(node.inputs or node.outputs or node.solver for node in self.nodes)

    def from_interfaces(self) -> set[Coupling]:
        """Return the couplings that follow from inputs and outputs of the nodes."""
        readers: dict[str, list[str]] = {}
        for node in self.nodes:
            for parameter in node.inputs:
                readers.setdefault(parameter, []).append(node.path)
        return {
            Coupling(node.path, reader, parameter)
            for node in self.nodes
            for parameter in node.outputs
            for reader in readers.get(parameter, ())
            if reader != node.path
        }

    def to_json(self) -> dict[str, Json]:
        """Return the structure as JSON, for the cache."""
        return {
            "name": self.name,
            "nodes": self.nodes,
            "drawn": self.from_diagram,
            "steps": self.steps,
            "process": self.process,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Json]) -> StudyStructure | None:
        """Return the structure of ``to_json``, ``None`` if the document is damaged."""
        try:
            nodes = tuple(StudyNode(*(_listed(field) for field in node)) for node in document["nodes"])
            drawn = document["drawn"]
            couplings = None if drawn is None else tuple(Coupling(*map(str, coupling)) for coupling in drawn)
            steps = tuple(ExecutionStep(*step) for step in document["steps"])
            return cls(str(document["name"]), nodes, couplings, steps, str(document["process"]))
        except (KeyError, TypeError, ValueError):
            return None

    @classmethod
    def from_api(cls, payload: Mapping[str, Json]) -> StudyStructure:
        """Build the structure from a read-only file.

        Raises
        ------
        UnusableAnswer
            The file has no tree, or its parts contradict each other.

        """
        tree, diagrams = payload.get("treenode"), payload.get("n2_diagram")
        if not isinstance(tree, dict):
            raise unusable(f"a read-only file whose tree is a JSON {json_kind(tree)} instead of an object")
        diagrams = diagrams if isinstance(diagrams, dict) else {}
        name = _text(tree.get("name"))
        nodes, paths = _nodes(tree)
        drawn, classes = _diagram(name, diagrams.get("interface_diagram"), {node.path for node in nodes})
        named = tuple(node._replace(classes=classes.get(node.path, ())) for node in nodes)
        steps = steps_from_api(diagrams.get("execution_sequence"), paths)
        return cls(name, named, drawn, steps, _process(payload.get("study_case")))


def _process(about: Json) -> str:
    """Return the full name of a process; its display name may be a label."""
    if not isinstance(about, dict):
        return ""
    parts = [_text(about.get(part)) for part in ("repository", "process")]
    return ".".join(parts) if all(parts) else ""


def _nodes(tree: Json) -> tuple[tuple[StudyNode, ...], dict[str, str]]:
    """Return the nodes, parents first, and their full names by the server's identifiers."""
    nodes: dict[str, StudyNode] = {}
    paths: dict[str, str] = {}
    # No recursion: the depth of the tree is up to the server.
    waiting: list[tuple[Json, str | None]] = [(tree, None)]
    while waiting:
        fields, parent = waiting.pop()
        if not isinstance(fields, dict):
            raise unusable(f"a node of the tree that is a JSON {json_kind(fields)} instead of an object")
        node = _node(fields, parent)
        if node.path in nodes or len(nodes) >= MOST_NODES:
            raise unusable(f"a tree with the node {node.path!r:.80} twice, or with too many nodes")
        nodes[node.path] = node
        if identifier := _text(fields.get("identifier")):
            paths[identifier] = node.path
        children = fields.get("children")
        waiting += [(child, node.path) for child in reversed(children)] if isinstance(children, list) else []
    return tuple(nodes.values()), paths


def _node(fields: Mapping[str, Json], parent: str | None) -> StudyNode:
    name = _text(fields.get("name"))
    # A folder has no full name of its own.
    path = _text(fields.get("full_namespace")) or (name if parent is None else f"{parent}.{name}")
    if not path:
        raise unusable("a node of the tree without a name")
    inputs, outputs, solver = (dict.fromkeys(_used(fields, part)) for part in _PARTS)
    models = fields.get("models_full_path_list")
    return StudyNode(
        path,
        parent,
        _text(fields.get("node_type")),
        _text(fields.get("status")),
        tuple(dict.fromkeys(model for model in models if isinstance(model, str))) if isinstance(models, list) else (),
        # Some disciplines list one of their outputs as an input, too. This does not couple them with themselves.
        tuple(parameter for parameter in inputs if parameter not in outputs),
        tuple(outputs),
        tuple(solver),
    )


_PARTS: Final = ("disciplinary_inputs", "disciplinary_outputs", "numerical_parameters")


def _used(fields: Mapping[str, Json], part: str) -> Iterator[str]:
    """Yield the full names of one part of all disciplines of a node."""
    disciplines = fields.get("data_management_disciplines")
    for label, discipline in disciplines.items() if isinstance(disciplines, dict) else ():
        if isinstance(discipline, dict) and (label, discipline.get("model_name_full_path")) != (_STORED, _STORED):
            used = discipline.get(part)
            yield from used if isinstance(used, dict) else ()


def _diagram(
    own_name: str, diagram: Json, nodes: set[str]
) -> tuple[tuple[Coupling, ...] | None, dict[str, tuple[str, ...]]]:
    """Return the couplings of the server's diagram, and the classes of the disciplines in it by full name."""
    parts = [diagram.get(part) for part in _LISTS] if isinstance(diagram, dict) else []
    lists = [[item for item in part if isinstance(item, dict)] for part in parts if isinstance(part, list)]
    if len(lists) < len(_LISTS):
        return None, {}
    disciplines, parameters, links = lists
    short = {_text(item.get("id")): _text(item.get("namespace")) for item in disciplines}
    # Of a study `dice.v2`, the server takes only the first part from the names.
    first = own_name.partition(".")[0]
    if all(full_key(first, name) in nodes for name in short.values()):
        own_name = first
    paths = {identifier: full_key(own_name, name) for identifier, name in short.items()}
    classes: dict[str, tuple[str, ...]] = {}
    for item in disciplines:
        path = paths[_text(item.get("id"))]
        classes[path] = (*classes.get(path, ()), *filter(None, [_text(item.get("classname"))]))
    # The server repeats a parameter for each consumer.
    names = {_text(item.get("id")) for item in parameters}
    if names & paths.keys():
        raise unusable("a diagram of couplings with a discipline and a parameter of the same name")
    ends = [(_text(link.get("from")), _text(link.get("to"))) for link in links]
    return tuple(_couplings(own_name, paths, names, ends)), classes


_LISTS: Final = ("discipline_nodes", "parameter_nodes", "links")


def _couplings(
    own_name: str, paths: Mapping[str, str], names: set[str], ends: list[tuple[str, str]]
) -> Iterator[Coupling]:
    """Yield the couplings: a link ends in a parameter at its producer, and others lead to its consumers."""
    producers: dict[str, dict[str, None]] = {name: {} for name in names}
    consumers: dict[str, dict[str, None]] = {}
    for start, end in dict.fromkeys(ends):
        if start in paths and end in names:
            producers[end][paths[start]] = None
        elif start in names and end in paths:
            consumers.setdefault(start, {})[paths[end]] = None
        else:
            # A coupling that is left out would be as wrong as an invented one.
            raise unusable(f"a diagram of couplings with a link between unknown parts: {f'{start} -> {end}'!r:.120}")
    for name, readers in consumers.items():
        if not producers[name]:
            raise unusable(f"a diagram of couplings with the parameter {name!r:.80} that no discipline computes")
        for producer in producers[name]:
            yield from (
                Coupling(producer, reader, full_key(own_name, name)) for reader in readers if reader != producer
            )


def _listed(field: Json) -> Json:
    """Return a field of a node, whose lists are tuples."""
    return tuple(map(str, field)) if isinstance(field, list) else field


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
