"""A design of experiments on the Sellar problem, whose parameters appear, disappear and are completed."""

from collections.abc import Collection

from server_stub.model import Model, ModelError, Parameter, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.study import Study
from server_stub.values import Array, Table, Value
from server_stub.worlds import sellar
from server_stub.worlds.latin_hypercube import samples

_GENERATOR, _EVAL = "SampleGenerator", "Eval"
_AT_RUN_TIME, _AT_CONFIGURATION_TIME = "at_run_time", "at_configuration_time"
_INPUTS = ("Sellar_Problem.local_dv", "x", "y_1", "y_2", "z")
_OUTPUTS = ("c_1", "c_2", "obj", "y_1", "y_2")
_ALGORITHMS = ("PYDOE_LHS", "OT_LHS", "PYDOE_FULLFACT")
_OPTIONS: dict[str, Value] = {
    "eval_func": True,
    "eval_jac": False,
    "n_processes": 1,
    "wait_time_between_samples": 0.0,
    "callbacks": (),
    "criterion": None,
    "iterations": 5,
    "n_samples": None,
    "random_state": None,
}
_SPACE_COLUMNS = ("variable", "lower_bnd", "upper_bnd", "activated_elem", "enable_variable", "value")
_NO_SPACE = Table(_SPACE_COLUMNS, ())
_NO_SAMPLES = Table(("scenario_name",), ())


def _selection(names: tuple[str, ...], chosen: Collection[str] = ()) -> tuple[tuple[bool, str], ...]:
    return tuple((name in chosen, f"{sellar.COUPLING}.{name}") for name in names)


def _gathered(chosen: Collection[str] = ()) -> Table:
    rows = tuple((*row, None) for row in _selection(_OUTPUTS, chosen))
    return Table(("selected_output", "full_name", "output_name"), rows)


def _inputs(chosen: Collection[str] = ()) -> Table:
    return Table(("selected_input", "full_name"), _selection(_INPUTS, chosen))


def _text(name: str, default: Value, choices: tuple[str, ...]) -> Parameter:
    return Parameter(f"{_GENERATOR}.{name}", "string", default, None, possible_values=choices)


PARAMETERS = (
    *coupling_settings(),
    _text("sampling_method", "simple", ("simple", "doe_algo", "grid_search")),
    _text("sampling_generation_mode", _AT_CONFIGURATION_TIME, (_AT_RUN_TIME, _AT_CONFIGURATION_TIME)),
    Parameter(f"{_GENERATOR}.eval_inputs", "dataframe", _inputs(), None),
    *discipline_settings(_GENERATOR),
    _text("sampling_algo", None, _ALGORITHMS),
    Parameter(f"{_GENERATOR}.design_space", "dataframe", _NO_SPACE, None),
    Parameter(f"{_GENERATOR}.overwrite_samples_df", "bool", default=False, unit=None),
    Parameter(f"{_GENERATOR}.algo_options", "dict", None, None),
    Parameter(f"{_EVAL}.gather_outputs", "dataframe", _gathered(), None),
    Parameter(f"{_EVAL}.with_sample_generator", "bool", default=False, unit=None),
    Parameter(f"{_EVAL}.samples_df", "dataframe", _NO_SAMPLES, None),
    *discipline_settings(_EVAL),
    *sellar.parameters(f"{_EVAL}."),
    Parameter(f"{_EVAL}.samples_inputs_df", "dataframe", None, None, io_type="out"),
    Parameter(f"{_EVAL}.samples_outputs_df", "dataframe", None, None, io_type="out"),
)
_ALL_OF_GENERATOR = frozenset(parameter.name for parameter in PARAMETERS if parameter.node == _GENERATOR)
_OF_ALGORITHM = frozenset(
    f"{_GENERATOR}.{name}" for name in ("sampling_algo", "sampling_generation_mode", "design_space", "algo_options")
)


def absent(values: Values) -> Collection[str]:
    """Return the parameters that do not exist with the chosen generator, method, algorithm and mode."""
    if not values[f"{_EVAL}.with_sample_generator"]:
        return _ALL_OF_GENERATOR
    if values[f"{_GENERATOR}.sampling_method"] != "doe_algo":
        return _OF_ALGORITHM
    gone = set()
    if values[f"{_GENERATOR}.sampling_algo"] is None:
        gone.add(f"{_GENERATOR}.algo_options")
    if values[f"{_GENERATOR}.sampling_generation_mode"] == _AT_RUN_TIME:
        gone |= {f"{_GENERATOR}.overwrite_samples_df", f"{_EVAL}.samples_df"}
    return gone


def complete(values: Values) -> Values:
    """Complete options and design space, remove unknown entries, and generate due samples."""
    gone = absent(values)
    done: dict[str, Value] = {}
    if f"{_GENERATOR}.algo_options" not in gone:
        done[f"{_GENERATOR}.algo_options"] = _completed_options(values[f"{_GENERATOR}.algo_options"])
    if f"{_GENERATOR}.design_space" not in gone:
        done[f"{_GENERATOR}.design_space"] = _completed_space({**values, **done})
    if _samples_are_due({**values, **done}):
        done[f"{_EVAL}.samples_df"] = _generated({**values, **done})
    return done


def _completed_options(given: Value) -> Value:
    """Complete the options of a dict and remove unknown ones. Other values stay, and the run fails."""
    if given is not None and not isinstance(given, dict):
        return given
    return {name: (given or {}).get(name, value) for name, value in _OPTIONS.items()}


def _chosen(values: Values) -> list[str]:
    """Return the sampled variables."""
    table = values[f"{_GENERATOR}.eval_inputs"]
    if not isinstance(table, Table) or not {"selected_input", "full_name"} <= set(table.columns):
        return []
    flags = table.column("selected_input")
    return [name for flag, name in zip(flags, table.column("full_name"), strict=True) if flag is True]


def _completed_space(values: Values) -> Value:
    """Return a complete row for each sampled variable. Rows of other variables are removed."""
    space = values[f"{_GENERATOR}.design_space"]
    if not isinstance(space, Table):
        return space
    if "variable" not in space.columns:
        space = _NO_SPACE
    given = {row["variable"]: row for row in (dict(zip(space.columns, row, strict=True)) for row in space.rows)}
    empty: dict[str, Value] = {
        "lower_bnd": None,
        "upper_bnd": None,
        "activated_elem": [],
        "enable_variable": False,
        "value": None,
    }
    rows = ({**empty, "variable": name, **given.get(name, {})} for name in _chosen(values))
    return Table(_SPACE_COLUMNS, tuple(tuple(row[name] for name in _SPACE_COLUMNS) for row in rows))


def _samples_are_due(values: Values) -> bool:
    """Return whether the samples are generated before the run, and all their inputs exist."""
    if f"{_GENERATOR}.algo_options" in absent(values) or f"{_EVAL}.samples_df" in absent(values):
        return False
    current, space = values[f"{_EVAL}.samples_df"], values[f"{_GENERATOR}.design_space"]
    options = values[f"{_GENERATOR}.algo_options"]
    if not (isinstance(current, Table) and isinstance(space, Table) and isinstance(options, dict)):
        return False
    if current.rows and not values[f"{_GENERATOR}.overwrite_samples_df"]:
        return False
    bounds = [cell for row in space.rows for cell in row[1:3]]
    known = bool(bounds) and all(isinstance(bound, int | float) for bound in bounds)
    return known and _is_count(options["n_samples"])


def _is_count(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _generated(values: Values) -> Table:
    count = values[f"{_GENERATOR}.algo_options"]["n_samples"]
    if not _is_count(count):
        name = values[f"{_GENERATOR}.sampling_algo"]
        text = f"1 validation error for {name}_Settings\nn_samples\n  Input should be a valid integer"
        raise ModelError(_GENERATOR, text, "ValidationError")
    rows = values[f"{_GENERATOR}.design_space"].rows
    names = tuple(row[0] for row in rows)
    drawn = [samples(count, float(row[1]), float(row[2])) for row in rows]
    points = zip(*drawn, strict=True)
    cases = ((f"scenario_{number}", *map(_point, point)) for number, point in enumerate(points, start=1))
    return Table(("scenario_name", *names), tuple(cases))


def _point(number: float) -> Array:
    return Array([number])


def run(values: Values) -> dict[str, Value]:
    """Solve the problem for every sample, and for the values of the study as a reference."""
    at_run_time = f"{_EVAL}.samples_df" in absent(values)
    cases = _generated(values) if at_run_time else values[f"{_EVAL}.samples_df"]
    names = cases.columns[1:]
    inside = [f"{_EVAL}.{name}" for name in names]
    reference = ("reference_scenario", *(values[name] for name in inside))
    rows = (*cases.rows, reference)
    solved = [sellar.solve({**values, **dict(zip(inside, row[1:], strict=True))}, f"{_EVAL}.") for row in rows]
    outputs = tuple(row[1] for row in values[f"{_EVAL}.gather_outputs"].rows if row[0] is True)
    results = tuple(
        (row[0], *(solution[f"{_EVAL}.{name}"] for name in outputs)) for row, solution in zip(rows, solved, strict=True)
    )
    return {
        **solved[-1],
        f"{_EVAL}.samples_inputs_df": Table(("scenario_name", *names), rows),
        f"{_EVAL}.samples_outputs_df": Table(("scenario_name", *outputs), results),
    }


def fill(study: Study) -> None:
    """Set the recorded values, which a copy does not get."""
    at, problem, *_ = sellar.nodes(f"{_EVAL}.")
    study.values |= {
        f"{_EVAL}.with_sample_generator": True,
        f"{_GENERATOR}.sampling_method": "doe_algo",
        f"{_GENERATOR}.sampling_algo": "PYDOE_LHS",
        f"{_GENERATOR}.sampling_generation_mode": _AT_RUN_TIME,
        f"{_GENERATOR}.eval_inputs": _inputs({"x"}),
        f"{_GENERATOR}.design_space": Table(_SPACE_COLUMNS[:3], ((f"{sellar.COUPLING}.x", 0.0, 10.0),)),
        f"{_GENERATOR}.algo_options": {"n_samples": 20},
        f"{_EVAL}.gather_outputs": _gathered({"obj", "y_1", "y_2"}),
        f"{at}.x": Array([2.0]),
        f"{at}.z": Array([1.0, 1.0]),
        f"{at}.y_1": Array([1.0]),
        f"{at}.y_2": Array([1.0]),
        f"{problem}.local_dv": 10.0,
    }
    study.values = study.model.configured(study.values)


SAMPLING = Model(
    "test_mono_driver_sample_generator_sellar_coupling",
    ("", _EVAL, *sellar.nodes(f"{_EVAL}."), _GENERATOR),
    PARAMETERS,
    run,
    repository="sostrades_core.sos_processes.test.tests_driver_eval.mono",
    modules=dict.fromkeys(sellar.nodes(f"{_EVAL}.")[1:], sellar.MODULE),
    node_types={
        f"{_EVAL}.{sellar.COUPLING}": "ProxyCoupling",
        _EVAL: "ProxyMonoInstanceDriver",
        _GENERATOR: "ProxySampleGenerator",
    },
    absent=absent,
    complete=complete,
)
