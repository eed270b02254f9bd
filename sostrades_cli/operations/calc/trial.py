"""A trial: set values of a study while a block of a Python program runs, and then restore the original values."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sostrades_cli.errors import NoLayout, WaitTimeout
from sostrades_cli.operations.calc.start import begin_case, require_no_run
from sostrades_cli.operations.calc.sweep.baseline import read_baseline, recorded_baselines, restore_interrupted_trial
from sostrades_cli.operations.calc.sweep.collect import resolve
from sostrades_cli.operations.calc.sweep.original_values import OriginalValues, restore_each
from sostrades_cli.operations.calc.sweep.worker import require_values
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.metadata import entry_of
from sostrades_cli.operations.param.outputs import locate
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.operations.param.send import send_and_verify
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.operations.study.snapshot.capture import ListedParameters, list_parameters
from sostrades_cli.operations.study_locks import change_lock, sweep_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.param.plan import Plan


@dataclass(frozen=True, slots=True)
class ActiveTrial:
    """A study with the values of a trial."""

    context: Context
    study: int
    assignments: Sequence[Assignment]

    def start(self) -> RunStatus:
        """Start the run of the trial, and return the server's state."""
        return begin_case(self.context, self.study)

    def require_values(self) -> None:
        """Check that the study still has the values of the trial.

        Raises
        ------
        Refused
            Somebody else changed a value, so the results may not belong to the trial.

        """
        require_values(self.context, self.study, self.assignments, "the trial")


@contextlib.contextmanager
def trial(
    context: Context,
    study: int,
    assignments: Sequence[Assignment],
    outputs: Sequence[str] = (),
    command: CaseCommand = CaseCommand.TRIAL,
    max_outage_s: float = 0.0,
) -> Iterator[ActiveTrial]:
    """Set values while a block runs. Then restore and verify the original values, even if the block raises an error.

    Once a value is set, reads wait for an outage of up to ``max_outage_s``, but not after Ctrl-C. If an earlier
    evaluation or trial was killed, its original values are restored first.

    Raises
    ------
    UsageError, NotFound
        An assignment is invalid, or one of the ``outputs`` does not exist. Nothing was sent.
    RunActive
        A run is active, or another command runs cases of the study. Nothing was sent.
    Refused
        The study still has values of an interrupted sweep. Nothing was sent.
    SostradesError
        The values could not be set or restored.

    """
    with sweep_lock(context, [study], command), contextlib.ExitStack() as restoring:
        # A change in progress must end first, because its values belong to the original ones.
        with change_lock(context, study):
            require_no_run(context.api.calculations.status(study), attachable=False)
            restore_interrupted_trial(context, study)
            plan = make_plan(context, study, assignments, force=False) if assignments else None
            _require_known(context, study, outputs)
            if plan is not None and plan.effective:
                original = _recorded(context, plan, command)
                # Registered before the values are sent, so that they are restored after any error.
                outage_limit = partial(context.api.session.outage_limit, max_outage_s)
                restoring.push(partial(_restore, original, outage_limit))
                restoring.enter_context(outage_limit())
                send_and_verify(context, plan)
        yield ActiveTrial(context, study, assignments)


def _restore(
    original: OriginalValues,
    outage_limit: Callable[[], contextlib.AbstractContextManager[None]],
    _: object,
    error: BaseException | None,
    __: object,
) -> None:
    """Restore the original values at the end of a trial, after an ``error`` if there was one."""
    if isinstance(error, WaitTimeout) and error.study == original.study:
        # The restored values discard the results of the active run, so it must not be watched.
        error.hint = "allow more time for the run"
    stopped = error if isinstance(error, KeyboardInterrupt) else None
    with outage_limit() if stopped is None else contextlib.nullcontext():
        restore_each([original], stopped)


def _recorded(context: Context, plan: Plan, command: CaseCommand) -> OriginalValues:
    """Record the original values of the parameters of a plan, so that `param undo` can restore them after a crash."""
    listed = _listed(context, plan)
    baseline = read_baseline(context, listed, [listed.key(name) for name in plan.effective], None)
    with recorded_baselines(context, {plan.study: baseline}, command) as recorded:
        return OriginalValues(context, listed, recorded[plan.study])


def _listed(context: Context, plan: Plan) -> ListedParameters:
    """Return the parameters before a plan. If the plan has loaded them, they are not loaded again."""
    if plan.shown is None:
        return list_parameters(context, plan.study, outputs=False)
    name = own_name(context, plan.study, plan.shown)
    return ListedParameters(plan.study, name, dict(plan.shown), frozenset(), valued=True)


def _require_known(context: Context, study: int, keys: Sequence[str]) -> None:
    """Check before a run that outputs exist. They need not have a value yet.

    Raises
    ------
    NotFound
        There is no such parameter or entry.
    UsageError
        A key matches several parameters.

    """
    for key in keys:
        name = locate(context, study, key)
        known = context.cache.parameters_of(study)
        types = {known_name: parameter.type for known_name, parameter in known.items()}
        if name in known or entry_of(key, name_lookup.Finder(context, study, known), types) is not None:
            continue
        # Before the first run of a study, only the server has the names of its outputs.
        with contextlib.suppress(NoLayout):
            resolve(context, study, own_name(context, study, known), [key])
