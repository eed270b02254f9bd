"""The file of read-only mode, and the study object around it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from server_stub.model import Bundle, Charts, Parameter
from server_stub.study import Results, Study
from server_stub.values import Json, dumps, encode
from server_stub.variables import identifier, stored, used


def stamp(seconds: float) -> str:
    """Return a time like the database of the server: in UTC, without a time zone."""
    return datetime.fromtimestamp(seconds, tz=UTC).replace(tzinfo=None).isoformat(" ")


def study_case(study: Study, status: str, *, has_file: bool) -> Json:
    """Return the database row of a study."""
    cpu, memory = study.run.machine(study.pace.now()) if study.run is not None and has_file else ("", "")
    flags = ("is_manager", "is_contributor", "is_commenter", "is_restricted_viewer", "is_favorite")
    return {
        "id": study.id,
        "name": study.name,
        "process": study.model.process,
        "repository": study.model.repository,
        "process_display_name": study.model.process,
        "repository_display_name": study.model.repository,
        "creation_date": stamp(int(study.created_at)),
        "modification_date": stamp(study.modified_at),
        "execution_status": status,
        "creation_status": "CREATION PENDING" if study.is_copy else "CREATION DONE",
        "study_type": "Study",
        "group_name": study.group_name,
        "group_id": study.group_id,
        "group_confidential": False,
        "is_reference_running": False,
        "regeneration_id": None,
        "regeneration_status": None,
        **dict.fromkeys(flags, False),
        "is_last_study_opened": False,
        "opening_date": "",
        "error": None,
        "study_pod_flavor": None,
        "execution_pod_flavor": None,
        "generation_pod_flavor": None,
        "last_memory_usage": memory,
        "last_cpu_usage": cpu,
        "has_read_only_file": has_file,
        "is_stand_alone": False,
    }


def update_answer(study: Study) -> Json:
    """Return the answer to a parameters POST. It only confirms that the change was accepted."""
    return {
        "study_case": study_case(study, "NOT EXECUTED", has_file=False),
        "treenode": {},
        "post_processings": {},
        "plotly": {},
        "n2_diagram": {},
        "user_id_execution_authorized": 1,
        "no_data": False,
        "read_only": False,
        # Only a study with a run has this flag.
        "can_reload": study.run is not None,
        "load_status": "in_progress",
        "dashboard": {},
    }


def document(study: Study, results: Results, charts: Charts, *, with_data: bool) -> Json:
    """Return the whole file, without data for a restricted viewer."""
    return {
        # The file has this status, because it is written before the run ends.
        "study_case": study_case(study, "RUNNING", has_file=True),
        "treenode": _tree(study, results, with_data=with_data),
        "post_processings": {
            study.full(node): [_bundle(study, node, bundle) for bundle in bundles] for node, bundles in charts.items()
        },
        "plotly": {},
        "n2_diagram": _diagram(study, results),
        "user_id_execution_authorized": 0,
        "no_data": False,
        "read_only": True,
        "can_reload": True,
        "load_status": "read_only_mode",
        "dashboard": {},
    }


class _Source:
    """All inputs of a file. Equal sources make equal files."""

    def __init__(self, study: Study, results: Results, *, with_data: bool) -> None:
        self.study, self.results, self.with_data = study, results, with_data
        # Values may be lists, which cannot be hashed.
        self._contents = (id(study.model), repr(study_case(study, "", has_file=True)), repr(results), with_data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and self._contents == other._contents

    def __hash__(self) -> int:
        return hash(self._contents)


def file(study: Study, results: Results, *, with_data: bool) -> bytes:
    """Return the file as it is stored."""
    return _written(_Source(study, results, with_data=with_data))


# Tests build many worlds with the same studies. Only a few files are cached, because they may have several megabytes.
@lru_cache(maxsize=4)
def _written(source: _Source) -> bytes:
    charts = source.study.model.charts(source.results.values)
    return dumps(document(source.study, source.results, charts, with_data=source.with_data)).encode()


def _tree(study: Study, results: Results, *, with_data: bool) -> Json:
    """Build the tree of nodes. Folders that are not disciplines have only a name."""
    model = study.model
    present = list(model.present(results.inputs)) if with_data else []
    disciplines = model.present_nodes(results.inputs)
    entries = {parameter.name: stored(study, parameter, results) for parameter in present}
    uses: dict[str, list[Parameter]] = {node: [] for node in disciplines}
    for parameter in present:
        for node in model.users[parameter.name]:
            uses.setdefault(node, []).append(parameter)
    nodes = {"": _node(study, "", uses[""], results, entries) if "" in disciplines else _folder(study.name)}
    for node in (*disciplines, *(parameter.node for parameter in present)):
        parts = node.split(".") if node else []
        for depth in range(1, len(parts) + 1):
            path = ".".join(parts[:depth])
            if path not in nodes:
                is_one = path in disciplines
                nodes[path] = _node(study, path, uses[path], results, entries) if is_one else _folder(parts[depth - 1])
                nodes[".".join(parts[: depth - 1])]["children"].append(nodes[path])
    for parameter in present:
        if parameter.listed:
            nodes[parameter.node]["data"][study.full(parameter.name)] = entries[parameter.name]
    return nodes[""]


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


def _node(study: Study, node: str, mine: list[Parameter], results: Results, entries: Mapping[str, Json]) -> Json:
    """Return a discipline with its variables. Without data, its lists of names are empty, too."""
    model = study.model
    shown = {parameter.name: used(study, parameter, node, results) for parameter in mine}
    path = model.path_of(node)
    full = study.full(node)
    return {
        "name": node.rpartition(".")[2] or study.name,
        "data": {},
        "node_type": model.type_of(node),
        "status": "DONE",
        "full_namespace": full,
        "identifier": identifier(full),
        "maturity": f"{model.maturity}({_leaves(study, node)})",
        "disc_data": {study.full(name): entry for name, entry in shown.items()},
        "model_name_full_path": path,
        "models_full_path_list": [path] if mine else [],
        "data_management_disciplines": {full: _management(study, node, mine, entries, shown)} if mine else {},
        "children": [],
    }


def _leaves(study: Study, node: str) -> int:
    """Count the disciplines below a coupling. A discipline counts itself."""
    below = [other for other in study.model.nodes if other != node and other.startswith(f"{node}." if node else "")]
    leaves = [other for other in below if not any(more.startswith(f"{other}.") for more in below)]
    return max(1, len(leaves))


def _management(
    study: Study, node: str, mine: Iterable[Parameter], entries: Mapping[str, Json], shown: Mapping[str, Json]
) -> Json:
    groups: dict[str, Json] = {"disciplinary_inputs": {}, "disciplinary_outputs": {}, "numerical_parameters": {}}
    for parameter in mine:
        kind = "disciplinary_outputs" if parameter.writer == node else "disciplinary_inputs"
        groups["numerical_parameters" if parameter.numerical else kind][study.full(parameter.name)] = {
            **entries[parameter.name],
            **shown[parameter.name],
            "discipline_full_path_list": [],
        }
    return {
        "model_name_full_path": study.model.path_of(node),
        "discipline_label": study.full(node),
        "namespace": study.full(node),
        "maturity": "Fake" if node else {"Fake": 1, "Research": 0, "Official": 0, "Official Validated": 0},
        **groups,
    }


def _bundle(study: Study, node: str, bundle: Bundle) -> Json:
    chosen = list(bundle.filters)
    charts_filter = {
        "filter_name": "Charts",
        "filter_values": chosen,
        "selected_values": chosen,
        "filter_key": "graphs",
        "multiple_selection": True,
    }
    return {
        "name": bundle.name,
        "discipline_name": study.full(node),
        "filters": [charts_filter],
        "post_processings": encode(bundle.charts),
    }


def _diagram(study: Study, results: Results) -> Json:
    """Draw the steps: disciplines and drivers, without couplings."""
    dot = "// Dependency graph\ndigraph {\n\tgraph [fontsize=20 label=" + study.model.process + " rankdir=LR]\n}\n"
    nodes: list[Json] = [
        {
            "id": identifier(study.full(node)),
            "type": "DisciplineNode",
            "disc_name": study.model.type_of(node),
            "label": node,
            "status": "DONE",
            "level": 0,
            "parent": None,
            "path": study.model.path_of(node),
            "children": [],
            "hasLinks": False,
            "inLinks": [],
            "outLinks": [],
        }
        for node in study.model.present_nodes(results.inputs)
        if study.model.type_of(node) != "ProxyCoupling"
    ]
    return {
        "n2_diagram": {},
        "interface_diagram": {"discipline_nodes": [], "parameter_nodes": [], "links": [], "dotString": dot},
        "execution_sequence": {"nodes_list": nodes, "links_list": [], "dotString": dot},
    }
