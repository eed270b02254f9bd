"""The state of a study: values, pending changes, loading and runs."""

import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from server_stub import errors
from server_stub.changes import Change, Changes
from server_stub.clock import Clock
from server_stub.errors import ApiError
from server_stub.integrity import find_problem
from server_stub.model import Charts, Model, ModelError, Parameter, Problem
from server_stub.runs import ACTIVE, Run
from server_stub.solver_settings import RESIDUALS
from server_stub.values import Table, Value, same

_NAMES = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_UPDATE_SECONDS = 0.1
_SECOND_UPDATE_SECONDS = 0.2
# After a run, only the values are read again, but not the process.
_RELOAD_SHARE = 0.25
_RESIDUALS = Table(("MDA", "iteration", "residual"), (("Root", 1, 1.0), ("Root", 2, 0.01), ("Root", 3, 1e-07)))


@lru_cache(maxsize=10_000)
def _identifier(name: str) -> str:
    return str(uuid.uuid5(_NAMES, name))


@dataclass(frozen=True)
class Pace:
    """The clock of a world, the speed of its studies, and its counter of runs."""

    clock: Clock
    speed: float
    next_execution: Callable[[], int]
    # Returns whether the ontology service answers at the end of a run.
    described: Callable[[], bool] = lambda: False

    def now(self) -> float:
        """Return seconds since 1970."""
        return self.clock.now()

    def last(self, seconds: float) -> float:
        """Return the duration of work that takes some seconds at speed 1."""
        return seconds / self.speed


@dataclass(frozen=True)
class Results:
    """The results of a successful run: all values, the time of the file, and the input values of the run.

    ``described``: the ontology service answered at the end of the run.
    """

    values: Mapping[str, Value]
    written_at: float
    inputs: Mapping[str, Value]
    described: bool = False


@dataclass
class Study:
    """A study case. Methods that depend on time apply all due events first."""

    id: int
    name: str
    model: Model
    pace: Pace
    group_id: int = 3
    group_name: str = "team"
    created_at: float = 0.0
    modified_at: float = 0.0
    # A copy has no files before the first change. The status of its creation stays pending.
    has_files: bool = True
    is_copy: bool = False
    values: dict[str, Value] = field(default_factory=dict)
    run: Run | None = None
    execution: int | None = None
    results: Results | None = None
    read_only: Results | None = None
    # Set if the status differs from that of the run: after a change, or an execute that failed at once.
    label: str | None = None
    # Whether no request has read the last change yet. Parallel downloads hang then.
    unread_change: bool = False
    changes: Changes = field(default_factory=Changes)
    _loaded_at: float | None = None
    _load_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.values = self.model.configured({**self.model.defaults(), **self.values})
        self.created_at = self.created_at or self.pace.now()
        self.modified_at = self.created_at
        self.unload()

    # Names ------------------------------------------------------------------------------------

    def full(self, name: str) -> str:
        """Return the full name of a node or parameter."""
        return f"{self.name}.{name}" if name else self.name

    def identifier(self, node: str) -> str:
        """Return the UUID of a node. The files of each run have other ones."""
        return _identifier(f"{self.execution}/{self.full(node)}")

    def short(self, name: str) -> str:
        """Return a name as the diagrams have it: without the first part of the full name.

        The server takes that part for the name of the study. A study name with dots is thus not removed completely.
        Source: interface_diagram.py of sostrades-webapi 5.3.4.
        """
        return self.full(name).partition(".")[2]

    def declared(self, full_name: str) -> Parameter | None:
        """Return an existing parameter by its full name. The study name may contain dots."""
        name = full_name.removeprefix(f"{self.name}.")
        if name == full_name or name in self.model.absent(self.values):
            return None
        return self.model.by_name.get(name)

    # Events --------------------------------------------------------------------------

    def settle(self) -> None:
        """Apply all due events: changes arrive, runs read inputs, end, and leave results."""
        now = self.pace.now()
        while True:
            update_at = self.changes.due
            run = self.run if self.run is not None and not self.run.closed else None
            run_at = math.inf if run is None else (run.end_at if run.decided else run.read_at)
            if min(update_at, run_at) > now:
                return
            if update_at <= run_at:
                self.values = self.model.configured({**self.values, **self.changes.take()})
            elif run is not None:
                self._close(run) if run.decided else self._decide(run)

    def _decide(self, run: Run) -> None:
        run.decided = True
        run.inputs = dict(self.values)
        run.problem = find_problem(self.model, run.inputs, self.full)
        try:
            if run.problem is None:
                run.outputs = self.model.compute(self._with_defaults(run.inputs))
        except ModelError as error:
            run.problem = Problem(str(error), early=False, discipline=error.discipline, error=error.error)
        except (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError) as error:
            run.problem = Problem(str(error), early=False, error=type(error).__name__)
        if run.problem is not None:
            errors_of_charts = self.model.chart_errors(run.inputs)
            run.chart_errors = tuple((self.full(node), text) for node, text in errors_of_charts)

    def _with_defaults(self, inputs: Mapping[str, Value]) -> dict[str, Value]:
        """Return values with declared defaults at the starts of loops."""
        starts = {
            parameter.name: parameter.default
            for parameter in self.model.parameters
            if parameter.start and inputs[parameter.name] is None
        }
        return {**inputs, **starts}

    def _close(self, run: Run) -> None:
        run.closed = True
        if not run.succeeds:
            return
        residuals = {
            parameter.name: _RESIDUALS for parameter in self.model.parameters if parameter.var_name == RESIDUALS
        }
        self.values.update({**run.outputs, **residuals})
        # The process computes with the values that it has read. A later change is on the disk, but not in its results.
        values = {**run.inputs, **run.outputs, **residuals}
        self.results = Results(values, run.end_at, self._with_defaults(run.inputs), self.pace.described())
        self.read_only = self.results if self.model.load_error is None else None
        self.unread_change = True
        self._loaded_at = None
        self._load_seconds = self.model.timing.load * _RELOAD_SHARE

    # Loading ----------------------------------------------------------------------------------

    def unload(self) -> None:
        """Reset the study to its state after a start of the server: on the disk only, without pending changes."""
        self.changes = Changes()
        self._loaded_at = None
        self._load_seconds = self.model.timing.load if self.model.loadable else math.inf
        self.unread_change = False

    def restart(self, *, kills_run: bool) -> None:
        """Lose what only the memory of the server has: accepted changes that are not applied, and perhaps the run."""
        self.settle()
        if kills_run and self.run is not None and not self.run.closed:
            self.run.kill(self.pace.now())
        self.unload()

    def begin_load(self) -> None:
        """Start to load unless a load has started already."""
        if self._loaded_at is None:
            self._loaded_at = self.pace.now() + self.pace.last(self._load_seconds)

    @property
    def loading(self) -> bool:
        """Return whether a load is active."""
        return self._loaded_at is not None and self._loaded_at > self.pace.now()

    @property
    def ready(self) -> bool:
        """Return whether the study is in memory with every change."""
        self.settle()
        return self._loaded_at is not None and not self.loading and not self.changes

    def seconds_to_load(self) -> float:
        """Return the time until the study is in memory; infinite if that never happens."""
        self.begin_load()
        return max(0.0, (self._loaded_at or 0.0) - self.pace.now())

    # Changes ----------------------------------------------------------------------------------

    def start_change(self, *, uploaded: bool) -> float:
        """Start a change, and return how long it waits for the one before.

        Another change shortly after an unread one destroys it: the study falls back to its defaults.
        """
        self.settle()
        now = self.pace.now()
        if self.changes.record(Change(now, uploaded), self.model.timing.unread):
            inputs = {parameter.name for parameter in self.model.parameters if parameter.io_type == "in"}
            defaults = self.model.defaults()
            self.changes.replace(now, {name: defaults[name] for name in inputs})
            self._loaded_at = now
            return 0.0
        return self.pace.last(_SECOND_UPDATE_SECONDS) if self.changes and not self.loading else 0.0

    def mark_read(self) -> None:
        """Mark every change as read by a load."""
        self.unread_change = False
        self.changes.read()

    def require_known(self, full_name: str, line: int) -> Parameter:
        """Return a parameter, or answer with the traceback of the server."""
        parameter = self.declared(full_name)
        if parameter is None:
            raise errors.study_case_error(KeyError(full_name), line)
        return parameter

    def update(self, changes: Mapping[str, Value]) -> None:
        """Accept changes by full name. They are dropped during a load."""
        self.settle()
        if self.loading:
            return
        inputs = {}
        for full_name, value in changes.items():
            parameter = self.require_known(full_name, 728)
            # A change of an output is accepted and has no effect, because outputs come from the files of the last run.
            if parameter.io_type == "in":
                reset = None if parameter.start else parameter.default
                inputs[parameter.name] = reset if value is None else value
        self.begin_load()
        self._touch(inputs, outputs=len(inputs) < len(changes))
        due = max(self.pace.now(), self._loaded_at or 0.0) + self.pace.last(_UPDATE_SECONDS)
        self.changes.add(due, inputs)

    def _touch(self, inputs: Mapping[str, Value], *, outputs: bool) -> None:
        """Record the effects of a change of ``inputs``. ``outputs``: the request also had outputs."""
        latest = self.changes.applied_to(self.values)
        self.read_only = None
        self.has_files = True
        self.unread_change = True
        self.modified_at = self.pace.now()
        if not outputs and all(same(latest[name], value) for name, value in inputs.items()):
            # Equal values delete the read-only file, but the status stays.
            return
        if self.status:
            self.label = "NOT EXECUTED"
        if self.run is not None and not self.run.closed:
            self.run.lost = True

    # Runs -------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """Return the text of the status route."""
        self.settle()
        if self.label is not None:
            return self.label
        return self.run.status(self.pace.now()) if self.run is not None else ""

    def execute(self) -> None:
        """Start a run. If one is active, it is destroyed instead."""
        if self.status in ACTIVE and self.run is not None:
            self.run.interrupt(self.pace.now())
            raise ApiError(400, errors.ALREADY_SUBMITTED)
        # A failed start also takes a number, which is in the path of the missing log.
        self.execution = self.pace.next_execution()
        if not self.has_files or not self.model.loadable:
            self.label, self.run = "FAILED", None
            raise ApiError(400, f"CalculationError({errors.missing_file(self.log_path)})")
        self.start_run(self.pace.now())

    def start_run(self, started_at: float) -> None:
        """Add a run with a given start, also in the past."""
        self.execution = self.execution or self.pace.next_execution()
        self.label, self.read_only = None, None
        nodes = tuple(self.full(node) for node in self.model.present_nodes(self.values))
        self.run = Run(self.execution, self.id, nodes, started_at, self.pace.speed, self.model.timing)

    @property
    def saved(self) -> Results | None:
        """Return the results with saved metadata and documentation. They stay after a change or a failed run."""
        self.settle()
        return self.results if self.model.load_error is None else None

    @property
    def log_path(self) -> str:
        """Return the path of the last log on the disk of the server."""
        folder = f"{errors.DATA_FOLDER}/{self.group_id}/{self.id}"
        return f"{folder}/sc{self.id}-sce{self.execution}-execution.log"

    def log(self) -> tuple[bytes, float]:
        """Return the log of the last run, and its time."""
        self.settle()
        if self.run is None:
            raise ApiError(500, errors.missing_file(self.log_path))
        now = self.pace.now()
        return self.run.log(now), self.run.written_at(now)

    # Results ----------------------------------------------------------------------------------

    def charts(self) -> Charts:
        """Draw the charts of the last run, or of the defaults before the first run."""
        self.settle()
        values = self.results.values if self.results is not None else self.model.defaults()
        return self.model.charts(values)

    def value_to_download(self, full_name: str) -> Value:
        """Return the value on the disk, without pending changes."""
        self.settle()
        parameter = self.declared(full_name)
        if parameter is None:
            raise ApiError(400, repr(full_name))
        return self.values[parameter.name] if self.has_files and self.model.loadable else None
