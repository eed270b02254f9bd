"""The checks of the engine before a run: types, ranges, possible values, declared contents, start values of loops."""

import math
from collections.abc import Callable, Iterator, Mapping

from server_stub.csv_files.arrays import text
from server_stub.model import Model, Parameter, Problem, Values
from server_stub.values import Array, Json, Table, Value

_SCALARS: dict[str, Callable[[Value], bool]] = {
    "float": lambda value: isinstance(value, float | int) and not isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
}
_CONTAINERS: dict[str, type] = {"list": list, "dict": dict, "array": Array, "dataframe": Table}


def find_problem(model: Model, values: Values, full: Callable[[str], str]) -> Problem | None:
    """Check the inputs like the engine at the start of a run. Nothing is checked earlier.

    Faults of contents are collected over all parameters. A scalar or list of the wrong type fails only while the model
    runs.
    """
    inputs = [parameter for parameter in model.present(values) if parameter.io_type == "in"]
    checked = [
        (parameter, values[parameter.name])
        for parameter in inputs
        if not _never_checked(parameter, values[parameter.name])
    ]
    blocks = []
    for parameter, value in checked:
        faults = ["Value is missing"] if value is None else list(_faults(parameter, value))
        if faults:
            blocks.append("\n\t".join([f"Variable {full(parameter.name)} : ", *faults]))
    if blocks:
        return Problem("\n".join(blocks), early=True)
    for parameter, value in checked:
        if not _has_type(value, parameter.type):
            start = f"Variable: {full(parameter.name)} of type {type(value)} has not the type specified in datamanager"
            return Problem(f"{start} which is {parameter.type}", early=False)
    return _missing_start(inputs, values, full)


def _never_checked(parameter: Parameter, value: Value) -> bool:
    """Return whether a value is the declared default, or missing where that is allowed."""
    return parameter.optional if value is None else value is parameter.default


def _has_type(value: Value, name: str) -> bool:
    if name in _SCALARS:
        return _SCALARS[name](value)
    return name not in _CONTAINERS or isinstance(value, _CONTAINERS[name])


def _faults(parameter: Parameter, value: Value) -> Iterator[str]:
    """Return the faults of a value, one line each."""
    if parameter.type in ("array", "dataframe") and not _has_type(value, parameter.type):
        yield f"Value {value} should be a {parameter.type}"
        return
    if isinstance(value, list):
        yield from _list_faults(parameter, value)
    elif not isinstance(value, Table | Array | dict):
        if parameter.possible_values is not None and value not in parameter.possible_values:
            yield f"Value {value} not in *possible values* {list(parameter.possible_values)}"
        if parameter.range is not None and _SCALARS["float"](value) and not _inside(value, parameter.range):
            yield f"Value {value} is not in range {list(parameter.range)}"
    if parameter.subtype is not None and isinstance(value, list | dict):
        yield from _subtype_faults(value, parameter.subtype)
    if parameter.descriptor is not None and isinstance(value, Table):
        yield from _column_faults(value, parameter.descriptor)


def _list_faults(parameter: Parameter, items: list[Value]) -> Iterator[str]:
    if parameter.possible_values is not None:
        for item in items:
            if item not in parameter.possible_values:
                yield f"Value {item} in list {items} not in *possible values* {list(parameter.possible_values)}"
    if parameter.range is not None:
        for index, item in enumerate(items):
            if _SCALARS["float"](item) and not _inside(item, parameter.range):
                yield f"Value {items} at index {index} is not in range {list(parameter.range)}"


def _inside(value: float, limits: tuple[float, float]) -> bool:
    return math.isnan(value) or limits[0] <= value <= limits[1]


def _subtype_faults(value: Value, subtype: Mapping[str, Json]) -> Iterator[str]:
    """Check the items of a list or dict against a descriptor such as {"dict": {"list": "float"}}."""
    (container, content), *_ = subtype.items()
    items: list[Value] = list(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
    if not isinstance(value, _CONTAINERS[container]):
        expected = content if isinstance(content, str) else next(iter(content))
        yield f"Value {text(value)} should be a {expected} according to subtype descriptor {dict(subtype)}"
        return
    for item in items:
        if isinstance(content, Mapping):
            yield from _subtype_faults(item, content)
        elif not _has_type(item, content):
            where = f"Value {text(item)} in {text(value)}"
            yield f"{where} should be a {content} according to subtype descriptor {dict(subtype)}"


def _column_faults(table: Table, descriptor: Mapping[str, Json]) -> Iterator[str]:
    for name in table.columns:
        kind, limits = descriptor[name][:2] if name in descriptor else ("", None)
        cells = table.column(name)
        if not all(_has_type(cell, kind) for cell in cells):
            yield f"Dataframe values in column {name} are not as type {kind} requested in the dataframe descriptor"
        elif kind in ("float", "int") and limits is not None and not all(_inside(cell, limits) for cell in cells):
            yield f"Dataframe values in column {name} are not in range {list(limits)} of the dataframe descriptor"


def _missing_start(inputs: list[Parameter], values: Values, full: Callable[[str], str]) -> Problem | None:
    """Find loops that cannot start, because a variable has no start value and nothing can compute it first."""
    starts = [parameter for parameter in inputs if parameter.start]
    known = {
        parameter.name for parameter in starts if values[parameter.name] is not None or parameter.default is not None
    }
    nodes = {
        node for parameter in starts for node in (*(parameter.readers or ()), parameter.writer) if node is not None
    }
    reads = {node: {parameter.name for parameter in starts if node in (parameter.readers or ())} for node in nodes}
    # Each pass runs the disciplines whose inputs are known, until nothing new is computed.
    while True:
        ready = {node for node in nodes if reads[node] <= known}
        following = known | {parameter.name for parameter in starts if parameter.writer in ready}
        if following == known:
            break
        known = following
    missing = sorted(full(parameter.name) for parameter in starts if parameter.name not in known)
    if not missing:
        return None
    stuck = sorted(full(node) for node in nodes - ready)
    names, disciplines = ", ".join(missing), ", ".join(stuck)
    return Problem(f"Cannot compute the inputs {names}, for the following disciplines {disciplines}.", early=False)
