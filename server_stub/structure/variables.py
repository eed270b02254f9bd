"""Variables in the read-only file: complete where they are stored or read, short where they are written."""

from server_stub.model import Parameter
from server_stub.study import Results, Study
from server_stub.values import Array, Json, Table, Value, encode

_EXCLUDED = ["year", "years"]
_SHORT = (
    "type",
    "user_level",
    "editable",
    "coupling",
    "value",
    "numerical",
    "optional",
    "io_type",
    "size_mo",
    "variable_key",
    "discipline_full_path_list",
)


def stored(study: Study, parameter: Parameter, results: Results) -> Json:
    """Return a variable at the node that stores it. There, a coupling variable is an input."""
    value = results.values.get(parameter.name)
    owner = _owner(study, parameter)
    entry = {
        **_whole(study, parameter, value, owner),
        "default": None if parameter.coupling else encode(parameter.default),
        "io_type": "in" if parameter.coupling else parameter.io_type,
        "discipline_full_path_list": [study.model.path_of(owner)]
        if parameter.node in study.model.users[parameter.name]
        else [],
        "variable_key": _key(study, parameter, owner, written=parameter.io_type == "out" and not parameter.coupling),
        "display_name": study.full(parameter.name),
    }
    return entry | _links(study, parameter, owner)


def used(study: Study, parameter: Parameter, node: str, results: Results, *, written: bool) -> Json:
    """Return a variable at a discipline that uses it: eleven fields for a writer, all fields for a reader."""
    order = study.model.users[parameter.name]
    path = study.model.path_of(node)
    if written:
        entry = _whole(study, parameter, results.values.get(parameter.name), node)
        entry |= {"io_type": "out", "variable_key": _key(study, parameter, node, written=True)}
        entry["discipline_full_path_list"] = [path]
        return {name: entry[name] for name in _SHORT}
    entry = _whole(study, parameter, results.inputs.get(parameter.name), node)
    entry |= {"io_type": "in", "discipline_full_path_list": [path]}
    after_writer = parameter.writer in order and order.index(node) > order.index(str(parameter.writer))
    return entry | (parameter.read_as if after_writer else _links(study, parameter, order[0]))


def _owner(study: Study, parameter: Parameter) -> str:
    order = study.model.users[parameter.name]
    return parameter.writer if parameter.writer is not None else (order[0] if order else parameter.node)


def _key(study: Study, parameter: Parameter, node: str, *, written: bool) -> str:
    return f"{study.model.path_of(node)}_{'output' if written else 'input'}_{parameter.var_name}"


def _links(study: Study, parameter: Parameter, owner: str) -> Json:
    return {
        "model_origin": study.identifier(owner),
        "disciplines_dependencies": [study.identifier(node) for node in study.model.users[parameter.name]],
    }


def _whole(study: Study, parameter: Parameter, value: Value, node: str) -> Json:
    return {
        "type": parameter.type,
        "unit": parameter.unit,
        "default": encode(parameter.default),
        "io_type": parameter.io_type,
        "type_metadata": None,
        "var_name": parameter.var_name,
        "user_level": parameter.user_level,
        "range": list(parameter.range) if parameter.range is not None else None,
        "description": None,
        "possible_values": list(parameter.possible_values) if parameter.possible_values is not None else None,
        "value": encode(value),
        "coupling": parameter.coupling,
        "optional": parameter.optional,
        "numerical": parameter.numerical,
        "meta_input": False,
        "editable": False,
        "ns_reference": _namespace(study, parameter),
        "check_integrity_msg": "",
        "formula": None,
        "is_formula": False,
        "is_eval": False,
        "variable_key": _key(study, parameter, node, written=False),
        "size_mo": _size(value),
        **_declared_only(parameter),
        **_table_fields(parameter),
    }


def _declared_only(parameter: Parameter) -> dict[str, Json]:
    """Return the fields that only exist if the model declares them."""
    declared: dict[str, Json] = {"namespace": parameter.namespace, "visibility": parameter.visibility}
    return {name: value for name, value in declared.items() if value is not None}


def _namespace(study: Study, parameter: Parameter) -> Json:
    sharing = study.model.sharing.get(parameter.namespace, ()) if parameter.namespace is not None else ()
    return {
        "name": parameter.namespace or parameter.node.rpartition(".")[2] or study.name,
        "value": study.full(parameter.node),
        "_Namespace__display_value": None,
        "dependency_disc_list": [study.identifier(node) for node in sharing],
        "database_infos": None,
    }


def _table_fields(parameter: Parameter) -> dict[str, Json]:
    extra: dict[str, Json] = {"run_needed": False} if parameter.numerical else {}
    if parameter.numerical and parameter.io_type == "in":
        extra["structuring"] = True
    if parameter.type in ("dataframe", "array") or (parameter.type == "dict" and not parameter.numerical):
        extra |= {"dataframe_descriptor": parameter.descriptor, "dataframe_edition_locked": True}
    if parameter.type in ("dataframe", "dict") and not (parameter.numerical and parameter.type == "dict"):
        extra["dataframe_excluded_columns"] = _EXCLUDED
    if parameter.subtype is not None:
        extra["subtype_descriptor"] = parameter.subtype
    return extra


def _size(value: Value) -> float:
    if value is None:
        return 0.0
    cells = 1
    if isinstance(value, Table):
        cells = len(value.rows) * len(value.columns)
    elif isinstance(value, Array | list | dict):
        cells = len(value.data if isinstance(value, Array) else value)
    return 24 * max(1, cells) / 2**20
