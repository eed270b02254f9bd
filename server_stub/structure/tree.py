"""The tree of nodes. Each node has the same twelve fields."""

from collections.abc import Iterable, Mapping

from server_stub.model import Parameter
from server_stub.structure.variables import stored, used
from server_stub.study import Results, Study
from server_stub.values import Json

_GROUPS = ("disciplinary_inputs", "disciplinary_outputs", "numerical_parameters")
_MATURITIES = ("Fake", "Research", "Official", "Official Validated")
# The pseudo discipline of the variables that a node stores for disciplines of other nodes.
_DATA = "Data"


def tree(study: Study, results: Results, *, with_data: bool) -> Json:
    """Build the tree. Without data, it has all nodes but no variables. Folders that are not disciplines have a name."""
    model = study.model
    present = list(model.present(results.inputs))
    disciplines = model.present_nodes(results.inputs)
    nodes = {"": _node(study, "") if "" in disciplines else _folder(study.name)}
    for node in (*disciplines, *(parameter.node for parameter in present)):
        parts = node.split(".") if node else []
        for depth in range(1, len(parts) + 1):
            path = ".".join(parts[:depth])
            if path not in nodes:
                nodes[path] = _node(study, path) if path in disciplines else _folder(parts[depth - 1])
                nodes[".".join(parts[: depth - 1])]["children"].append(nodes[path])
    if with_data:
        _fill(study, present, results, nodes)
    return nodes[""]


def _fill(study: Study, present: Iterable[Parameter], results: Results, nodes: Mapping[str, Json]) -> None:
    """Add the variables to the nodes that store them, and to the disciplines that use them."""
    entries = [(parameter, stored(study, parameter, results)) for parameter in present]
    for parameter, entry in entries:
        if parameter.listed:
            nodes[parameter.node]["data"][study.full(parameter.name)] = entry
    for written in (False, True):
        for parameter, entry in entries:
            for node in _users(study, parameter, written=written):
                shown = used(study, parameter, node, results, written=written)
                name = study.full(parameter.name)
                nodes[node]["disc_data"][name] = shown
                kind = "disciplinary_outputs" if written else "disciplinary_inputs"
                group = nodes[node]["data_management_disciplines"][study.full(node)]
                group["numerical_parameters" if parameter.numerical else kind][name] = {
                    **entry,
                    **shown,
                    "discipline_full_path_list": [],
                }
    for parameter, entry in entries:
        if parameter.listed and parameter.node not in study.model.users[parameter.name]:
            groups = nodes[parameter.node]["data_management_disciplines"]
            data = groups.setdefault(_DATA, _management(_DATA, _DATA, study.full(parameter.node), ""))
            data["disciplinary_inputs"][study.full(parameter.name)] = entry


def _users(study: Study, parameter: Parameter, *, written: bool) -> Iterable[str]:
    """Return the disciplines that read a variable, or the one that writes it. Some list an output as an input, too."""
    named = (parameter.writer,) if written else parameter.readers or ()
    return [node for node in study.model.users[parameter.name] if node in named]


def _folder(name: str) -> Json:
    return {
        "name": name,
        "data": {},
        "node_type": "data",
        "status": "INPUT_DATA",
        "full_namespace": "",
        "identifier": "",
        "maturity": "",
        "disc_data": {},
        "model_name_full_path": None,
        "models_full_path_list": [],
        "data_management_disciplines": {},
        "children": [],
    }


def _node(study: Study, node: str) -> Json:
    """Return a discipline, without its variables."""
    model = study.model
    path = model.path_of(node)
    full = study.full(node)
    leaves = _leaves(study, node)
    counts = dict.fromkeys(_MATURITIES, 0) | {model.maturity: leaves}
    maturity = counts if model.type_of(node) == "ProxyCoupling" else model.maturity
    return {
        "name": node.rpartition(".")[2] or study.name,
        "data": {},
        "node_type": model.type_of(node),
        "status": "DONE",
        "full_namespace": full,
        "identifier": study.identifier(node),
        "maturity": f"{model.maturity}({leaves})",
        "disc_data": {},
        "model_name_full_path": path,
        "models_full_path_list": model.modules_of(node),
        "data_management_disciplines": {full: _management(path, full, full, maturity)},
        "children": [],
    }


def _leaves(study: Study, node: str) -> int:
    """Count the disciplines below a coupling. A discipline counts itself."""
    below = [other for other in study.model.nodes if other != node and other.startswith(f"{node}." if node else "")]
    leaves = [other for other in below if not any(more.startswith(f"{other}.") for more in below)]
    return max(1, len(leaves))


def _management(path: str, label: str, namespace: str, maturity: Json) -> Json:
    return {
        "model_name_full_path": path,
        "discipline_label": label,
        "namespace": namespace,
        "maturity": maturity,
        **{group: {} for group in _GROUPS},
    }
