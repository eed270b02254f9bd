"""Choose the next values of an optimization with Optuna, and record their results in an SQLite file.

A trial is a case of the engine of sweeps, and its number is the name of the case. Each trial has its own sampler, whose
seed follows from the seed of the search and the number of earlier trials. So a resumed search chooses the same values
as a search without an interruption.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.errors import InvalidFile, InvalidValue, UsageError, WriteFailed
from sostrades_cli.operations.calc.design.axes import ChoiceAxis, DistributionAxis, FloatAxis, IntAxis
from sostrades_cli.operations.calc.sweep.progress_log import FINISHED
from sostrades_cli.optional_deps import require

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from optuna.trial import FrozenTrial

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.design.axes import Axis
    from sostrades_cli.operations.calc.optimize.goal import Goal
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult

FILE: Final = "optuna.db"
# The name of the study in Optuna's storage, and the names of its attributes.
_NAME: Final = "sostrades"
_SPEC: Final = "sostrades"
_SEED: Final = "seed"
_PRESENT: Final = "present"
# Optuna stores numbers as doubles, which are exact up to here.
_EXACT: Final = 2**53
# How long to wait for the file if another program, such as a backup, has locked it.
_LOCKED_S: Final = 60.0
START_AGAIN: Final = "add --overwrite instead of --resume to start again"


class SearchTrial(NamedTuple):
    """A trial: its number, and its values by column."""

    number: int
    values: dict[str, Any]


def require_library() -> None:
    """Check that Optuna is installed.

    Raises
    ------
    ExtraMissing
        Optuna is missing.

    """
    require("optuna", extra="optimize", purpose="an optimization")


def distributions(axes: Mapping[str, Axis]) -> dict[str, Any]:
    """Return the axes of a space as distributions of Optuna, by column.

    Raises
    ------
    InvalidValue
        Optuna has no such distribution.

    """
    return {column: _distribution(axis) for column, axis in axes.items()}


def _distribution(axis: Axis) -> Any:  # noqa: ANN401 - Optuna's own
    from optuna import distributions as of_optuna

    if isinstance(axis, ChoiceAxis):
        return of_optuna.CategoricalDistribution(axis.cells)
    if isinstance(axis, FloatAxis):
        return of_optuna.FloatDistribution(axis.low, axis.high)
    if isinstance(axis, IntAxis):
        return of_optuna.IntDistribution(_exact(axis, axis.low), _exact(axis, axis.high))
    assert isinstance(axis, DistributionAxis)  # noqa: S101 - the only other axis
    kind, low, high = axis.distribution.kind, axis.distribution.low, axis.distribution.high
    if kind != "loguniform" or low is None or high is None:
        raise InvalidValue(
            f"{axis.name} has a {kind} distribution, and an optimization has no use for probabilities",
            hint="write {range = [LOW, HIGH]}, or the distribution loguniform for a logarithmic range",
        )
    if axis.is_whole:
        return of_optuna.IntDistribution(_exact(axis, int(low)), _exact(axis, int(high)), log=True)
    return of_optuna.FloatDistribution(low, high, log=True)


def _exact(axis: Axis, value: int) -> int:
    if abs(value) > _EXACT:
        raise InvalidValue(f"{axis.name}: {value} is too large for Optuna", hint=f"give a range within ±{_EXACT}")
    return value


class Search:
    """The trials of an optimization. The values of a trial, by column, are numbers or the cells of choices."""

    def __init__(self, path: Path, goal: Goal, distributions: Mapping[str, Any]) -> None:
        self.path = path
        self.goal = goal
        self._distributions = dict(distributions)
        self._violations: dict[int, list[float]] = {}
        self._storage: Any = None
        self._study: Any = None
        self._connections: list[sqlite3.Connection] = []

    @property
    def spec(self) -> str:
        """The space and the goal. They must be the same when a search is continued."""
        from optuna.distributions import distribution_to_json

        goal = [self.goal.key, self.goal.direction, *map(str, self.goal.constraints)]
        return json.dumps([goal, {name: distribution_to_json(item) for name, item in self._distributions.items()}])

    @property
    def seed(self) -> int:
        """The seed of the search."""
        return int(self._study.user_attrs[_SEED])

    @property
    def present(self) -> dict[str, Json]:
        """The outputs of the study before the search, empty if they are unknown."""
        return dict(self._study.user_attrs.get(_PRESENT) or {})

    def begin(self, seed: int, present: Mapping[str, Json]) -> None:
        """Create the file. ``present`` are the outputs of the study before the search.

        Raises
        ------
        WriteFailed
            The file cannot be written.

        """
        with self._using():
            self._open()
            self._study.set_user_attr(_SEED, seed)
            self._study.set_user_attr(_PRESENT, dict(present))
            # This attribute is written last. If it is missing, the search was killed while it began.
            self._study.set_user_attr(_SPEC, self.spec)

    def resume(self) -> bool:
        """Open the file of an earlier search. Return whether there is such a search to continue.

        Raises
        ------
        InvalidFile
            The file is damaged.
        UsageError
            The file belongs to another search.

        """
        if not self.path.is_file():
            return False
        try:
            with self._using():
                self._open()
                spec = self._study.user_attrs.get(_SPEC)
        except WriteFailed as error:
            raise InvalidFile(f"cannot read {self.path}: {error.detail}", hint=START_AGAIN) from error
        if spec is not None and spec != self.spec:
            raise UsageError(
                f"cannot resume the search in {self.path.parent}: the space, the objective or a constraint has changed",
                hint=START_AGAIN,
            )
        return spec is not None

    def unfinished(self) -> list[SearchTrial]:
        """Return the trials that an interruption left without a result.

        A trial with incomplete values never had a run. It is recorded as failed, and is not returned.
        """
        with self._using():
            running = [trial for trial in self._study.get_trials(deepcopy=False) if not trial.state.is_finished()]
            for trial in running:
                if not self._is_whole(trial):
                    self._tell_failed(trial.number)
            return [SearchTrial(trial.number, dict(trial.params)) for trial in running if self._is_whole(trial)]

    def trials(self) -> list[SearchTrial]:
        """Return all trials that had a run or will have one, in order."""
        with self._using():
            return [
                SearchTrial(trial.number, dict(trial.params))
                for trial in self._study.get_trials(deepcopy=False)
                if self._is_whole(trial)
            ]

    def ask(self) -> SearchTrial:
        """Return a new trial."""
        with self._using():
            # Trials that an interruption left incomplete do not count, so that the seed is the same without it.
            count = sum(map(self._is_whole, self._study.get_trials(deepcopy=False)))
            self._study.sampler = self._sampler(_seed_of(self.seed, count))
            trial = self._study.ask(self._distributions)
            return SearchTrial(trial.number, dict(trial.params))

    def tell(self, result: CaseResult) -> None:
        """Record the result of a trial. A trial without finite outputs is recorded as failed."""
        number = int(result.case)
        with self._using():
            if result.state != FINISHED or self.goal.fault(result.outputs) is not None:
                self._tell_failed(number)
                return
            # `tell` asks the sampler for the constraints of the trial.
            self._violations[number] = self.goal.violations(result.outputs)
            self._study.sampler = self._sampler(self.seed)
            self._study.tell(number, float(result.outputs[self.goal.key]))

    def close(self) -> None:
        """Close the file."""
        if self._storage is not None:
            self._storage.remove_session()
            self._storage.engine.dispose()
            self._storage = None
        # Connections also remain from a storage that could not be opened.
        while self._connections:
            self._connections.pop().close()

    def _open(self) -> None:
        """Open the file, or create it. This process is the only one that uses it."""
        import optuna

        # A function that connects, because an address would need escapes for some characters of a path.
        kwargs = {"creator": self._connected}
        self._storage = optuna.storages.RDBStorage(f"sqlite:///{FILE}", engine_kwargs=kwargs)
        direction = optuna.study.StudyDirection[self.goal.direction.upper()]
        self._study = optuna.create_study(
            storage=self._storage, study_name=_NAME, direction=direction, load_if_exists=True
        )

    def _connected(self) -> sqlite3.Connection:
        import sqlite3

        self._connections.append(sqlite3.connect(self.path, timeout=_LOCKED_S))
        return self._connections[-1]

    def _sampler(self, seed: int) -> Any:  # noqa: ANN401 - Optuna's own
        import optuna

        # The defaults differ between releases. `constraints_func` is deprecated in Optuna 5, but older releases have
        # no `set_constraint`.
        return optuna.samplers.TPESampler(
            seed=seed,
            multivariate=True,
            # Several studies may run trials at the same time, and their trials should differ.
            constant_liar=True,
            constraints_func=self._constraints if self.goal.constraints else None,
        )

    def _constraints(self, trial: FrozenTrial) -> list[float]:
        return self._violations[trial.number]

    def _is_whole(self, trial: FrozenTrial) -> bool:
        return trial.params.keys() == self._distributions.keys()

    def _tell_failed(self, number: int) -> None:
        import optuna

        self._study.tell(number, state=optuna.trial.TrialState.FAIL)

    @contextlib.contextmanager
    def _using(self) -> Iterator[None]:
        """Silence Optuna's messages, and convert its errors."""
        import optuna
        import sqlalchemy.exc

        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.CRITICAL)
        try:
            with warnings.catch_warnings():
                # Multivariate sampling and constraints are experimental or deprecated, depending on the release.
                warnings.simplefilter("ignore")
                yield
        except (optuna.exceptions.StorageInternalError, sqlalchemy.exc.SQLAlchemyError) as error:
            raise WriteFailed(
                f"cannot write {self.path}",
                detail=str(error.__cause__ or error).splitlines()[0],
                hint="free space on the disk, or choose another folder with -o",
            ) from error
        finally:
            optuna.logging.set_verbosity(level)


def _seed_of(seed: int, count: int) -> int:
    """Return the seed of a trial that has ``count`` trials before it."""
    return int.from_bytes(sha256(f"{seed} {count}".encode()).digest()[:4], "big")
