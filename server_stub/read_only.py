"""The file of the read-only mode, and the study object that wraps it."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from server_stub.model import Bundle, Charts, Parameter
from server_stub.study import Study
from server_stub.values import Array, Json, Table, Value, encode

_NAMES = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_EXCLUDED = ["year", "years"]


def stamp(seconds: float) -> str:
    """Write a time as the server's database does: UTC without saying so."""
    return datetime.fromtimestamp(seconds, tz=UTC).replace(tzinfo=None).isoformat(" ")


def study_case(study: Study, status: str, *, has_file: bool) -> Json:
    """Describe a study as its database row."""
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
        "creation_status": "CREATION DONE",
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
    """Answer a parameters POST: taken in, nothing more."""
    return {
        "study_case": study_case(study, "NOT EXECUTED", has_file=False),
        "treenode": {},
        "post_processings": {},
        "plotly": {},
        "n2_diagram": {},
        "user_id_execution_authorized": 1,
        "no_data": False,
        "read_only": False,
        "can_reload": True,
        "load_status": "in_progress",
        "dashboard": {},
    }


def document(study: Study, values: dict[str, Value], charts: Charts, *, with_data: bool) -> Json:
    """Write the whole file; a restricted viewer gets it without data."""
    nodes = {node: _node(study, node, values, with_data=with_data) for node in study.model.nodes}
    for node in study.model.nodes:
        if node:
            parent = node.rpartition(".")[0]
            nodes[parent if parent in nodes else ""]["children"].append(nodes[node])
    return {
        # The file is written before the run ends, hence this status.
        "study_case": study_case(study, "RUNNING", has_file=True),
        "treenode": nodes[""],
        "post_processings": {
            study.full(node): [_bundle(study, node, bundle) for bundle in bundles] for node, bundles in charts.items()
        },
        "plotly": {},
        "n2_diagram": _diagram(study),
        "user_id_execution_authorized": 0,
        "no_data": False,
        "read_only": True,
        "can_reload": True,
        "load_status": "read_only_mode",
        "dashboard": {},
    }


def _identifier(full_name: str) -> str:
    return str(uuid.uuid5(_NAMES, full_name))


def _node(study: Study, node: str, values: dict[str, Value], *, with_data: bool) -> Json:
    path = study.model.path_of(node)
    own = [parameter for parameter in study.model.parameters if parameter.node == node] if with_data else []
    full = study.full(node)
    return {
        "name": node.rpartition(".")[2] or study.name,
        "data": {study.full(one.name): _shown(study, one, values, named=True) for one in own},
        "node_type": "ProxyDiscipline" if node else "ProxyCoupling",
        "status": "DONE",
        "full_namespace": full,
        "identifier": _identifier(full),
        "maturity": "Fake(1)",
        "disc_data": {study.full(one.name): _shown(study, one, values, named=False) for one in own},
        "model_name_full_path": path,
        "models_full_path_list": [path] if with_data else [],
        "data_management_disciplines": {full: _management(study, node, own, values)} if with_data else {},
        "children": [],
    }


def _management(study: Study, node: str, own: Iterable[Parameter], values: dict[str, Value]) -> Json:
    groups: dict[str, Json] = {"disciplinary_inputs": {}, "disciplinary_outputs": {}, "numerical_parameters": {}}
    for one in own:
        kind = "disciplinary_inputs" if one.io_type == "in" else "disciplinary_outputs"
        group = groups["numerical_parameters" if one.numerical else kind]
        group[study.full(one.name)] = {**_shown(study, one, values, named=True), "discipline_full_path_list": []}
    return {
        "model_name_full_path": study.model.path_of(node),
        "discipline_label": study.full(node),
        "namespace": study.full(node),
        "maturity": "Fake" if node else {"Fake": 1, "Research": 0, "Official": 0, "Official Validated": 0},
        **groups,
    }


def _shown(study: Study, one: Parameter, values: dict[str, Value], *, named: bool) -> Json:
    path = study.model.path_of(one.node)
    direction = "input" if one.io_type == "in" else "output"
    full_node = study.full(one.node)
    value = values.get(one.name)
    entry = {
        "type": one.type,
        "unit": one.unit,
        "default": encode(one.default),
        "io_type": one.io_type,
        "type_metadata": None,
        "var_name": one.var_name,
        "user_level": one.user_level,
        "range": list(one.range) if one.range is not None else None,
        "description": None,
        "possible_values": list(one.possible_values) if one.possible_values is not None else None,
        "discipline_full_path_list": [path],
        "value": encode(value),
        "coupling": one.coupling,
        "optional": one.optional,
        "numerical": one.numerical,
        "meta_input": False,
        "editable": False,
        "ns_reference": _namespace(one.node.rpartition(".")[2] or study.name, full_node),
        "check_integrity_msg": "",
        "formula": None,
        "is_formula": False,
        "is_eval": False,
        "model_origin": _identifier(full_node),
        "disciplines_dependencies": [_identifier(full_node)],
        "variable_key": f"{path}_{direction}_{one.var_name}",
        "size_mo": _size(value),
        **_table_fields(one),
    }
    return {**entry, "display_name": study.full(one.name)} if named else entry


def _namespace(name: str, full_node: str) -> Json:
    return {
        "name": name,
        "value": full_node,
        "_Namespace__display_value": None,
        "dependency_disc_list": [],
        "database_infos": None,
    }


def _table_fields(one: Parameter) -> dict[str, Json]:
    extra: dict[str, Json] = {"run_needed": False} if one.numerical else {}
    if one.numerical and one.io_type == "in":
        extra["structuring"] = True
    if one.type in ("dataframe", "array") or (one.type == "dict" and not one.numerical):
        extra |= {"dataframe_descriptor": one.descriptor, "dataframe_edition_locked": one.descriptor is None}
    if one.type in ("dataframe", "dict") and not (one.numerical and one.type == "dict"):
        extra["dataframe_excluded_columns"] = _EXCLUDED
    if one.subtype is not None:
        extra["subtype_descriptor"] = one.subtype
    return extra


def _size(value: Value) -> float:
    cells = 1
    if isinstance(value, Table):
        cells = len(value.rows) * len(value.columns)
    elif isinstance(value, Array | list | dict):
        cells = len(value.data if isinstance(value, Array) else value)
    return 24 * max(1, cells) / 2**20


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


def _diagram(study: Study) -> Json:
    dot = "// Dependency graph\ndigraph {\n\tgraph [fontsize=20 label=" + study.model.process + " rankdir=LR]\n}\n"
    nodes: list[Json] = [
        {
            "id": _identifier(study.full(node)),
            "type": "DisciplineNode",
            "disc_name": "ProxyDiscipline",
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
        for node in study.model.nodes
        if node
    ]
    return {
        "n2_diagram": {},
        "interface_diagram": {"discipline_nodes": [], "parameter_nodes": [], "links": [], "dotString": dot},
        "execution_sequence": {"nodes_list": nodes, "links_list": [], "dotString": dot},
    }
