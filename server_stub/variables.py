"""Variables in the read-only file: complete where they are stored or read, short where they are written."""

import uuid
from functools import lru_cache

from server_stub.model import Parameter
from server_stub.study import Results, Study
from server_stub.values import Array, Json, Table, Value, encode

_NAMES = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
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


@lru_cache(maxsize=10_000)
def identifier(full_name: str) -> str:
    """Return the constant UUID of a node."""
    return str(uuid.uuid5(_NAMES, full_name))


def stored(study: Study, one: Parameter, results: Results) -> Json:
    """Return a variable at the node that stores it. There, a coupling variable is an input."""
    value = results.values.get(one.name)
    owner = _owner(study, one)
    entry = {
        **_whole(study, one, value, owner),
        "default": None if one.coupling else encode(one.default),
        "io_type": "in" if one.coupling else one.io_type,
        "discipline_full_path_list": [study.model.path_of(owner)] if one.node in study.model.users[one.name] else [],
        "variable_key": _key(study, one, owner, written=one.io_type == "out" and not one.coupling),
        "display_name": study.full(one.name),
    }
    return entry | _links(study, one, owner)


def used(study: Study, one: Parameter, node: str, results: Results) -> Json:
    """Return a variable at a discipline that uses it: eleven fields for a writer, all fields for a reader."""
    order = study.model.users[one.name]
    path = study.model.path_of(node)
    if node == one.writer:
        entry = _whole(study, one, results.values.get(one.name), node)
        entry |= {"io_type": "out", "variable_key": _key(study, one, node, written=True)}
        entry["discipline_full_path_list"] = [path]
        return {name: entry[name] for name in _SHORT}
    entry = _whole(study, one, results.inputs.get(one.name), node)
    entry |= {"io_type": "in", "discipline_full_path_list": [path]}
    after_writer = one.writer in order and order.index(node) > order.index(str(one.writer))
    return entry | (one.read_as if after_writer else _links(study, one, order[0]))


def _owner(study: Study, one: Parameter) -> str:
    order = study.model.users[one.name]
    return one.writer if one.writer is not None else (order[0] if order else one.node)


def _key(study: Study, one: Parameter, node: str, *, written: bool) -> str:
    return f"{study.model.path_of(node)}_{'output' if written else 'input'}_{one.var_name}"


def _links(study: Study, one: Parameter, owner: str) -> Json:
    return {
        "model_origin": identifier(study.full(owner)),
        "disciplines_dependencies": [identifier(study.full(node)) for node in study.model.users[one.name]],
    }


def _whole(study: Study, one: Parameter, value: Value, node: str) -> Json:
    return {
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
        "value": encode(value),
        "coupling": one.coupling,
        "optional": one.optional,
        "numerical": one.numerical,
        "meta_input": False,
        "editable": False,
        "ns_reference": _namespace(study, one),
        "check_integrity_msg": "",
        "formula": None,
        "is_formula": False,
        "is_eval": False,
        "variable_key": _key(study, one, node, written=False),
        "size_mo": _size(value),
        **_declared_only(one),
        **_table_fields(one),
    }


def _declared_only(one: Parameter) -> dict[str, Json]:
    """Return the fields that only exist if the model declares them."""
    found: dict[str, Json] = {"namespace": one.namespace, "visibility": one.visibility}
    return {name: value for name, value in found.items() if value is not None}


def _namespace(study: Study, one: Parameter) -> Json:
    sharing = study.model.sharing.get(one.namespace, ()) if one.namespace is not None else ()
    return {
        "name": one.namespace or one.node.rpartition(".")[2] or study.name,
        "value": study.full(one.node),
        "_Namespace__display_value": None,
        "dependency_disc_list": [identifier(study.full(node)) for node in sharing],
        "database_infos": None,
    }


def _table_fields(one: Parameter) -> dict[str, Json]:
    extra: dict[str, Json] = {"run_needed": False} if one.numerical else {}
    if one.numerical and one.io_type == "in":
        extra["structuring"] = True
    if one.type in ("dataframe", "array") or (one.type == "dict" and not one.numerical):
        extra |= {"dataframe_descriptor": one.descriptor, "dataframe_edition_locked": True}
    if one.type in ("dataframe", "dict") and not (one.numerical and one.type == "dict"):
        extra["dataframe_excluded_columns"] = _EXCLUDED
    if one.subtype is not None:
        extra["subtype_descriptor"] = one.subtype
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
