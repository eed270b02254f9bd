"""Trials: runs with values that a study has only for a while."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sostrades_cli.errors import UsageError
from sostrades_cli.library.interruption import Interrupted
from sostrades_cli.library.parameters import ParameterMethods
from sostrades_cli.library.python_values import assignments, given
from sostrades_cli.library.runs import RunMethods, outcome_of
from sostrades_cli.operations.calc.trial import trial
from sostrades_cli.operations.calc.watch_options import WatchOptions
from sostrades_cli.operations.case_commands import CaseCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sostrades_cli.library.runs import RunOutcome
    from sostrades_cli.run_events import Event


class TrialMethods(ParameterMethods, RunMethods):
    """Methods of a study for runs that leave its values as they were."""

    def evaluate(
        self,
        values: Mapping[str, Any],
        outputs: str | Iterable[str],
        *,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        max_outage_s: float = 300.0,
        on_event: Callable[[Event], None] | None = None,
    ) -> dict[str, Any]:
        """Set values, run the study, and return outputs; then restore and verify the original values.

        ``values`` are as for ``set``; ``None`` or ``nan`` keeps the original value, as in ``sweep``. They are sent
        together, so their order does not matter. ``outputs`` are keys as for ``get``. The other arguments are as for
        ``run``. Values that a killed evaluation has left are restored first. Use ``trial`` to read charts or many
        outputs of the run.

        Returns a dict of the outputs, by the keys as given, with values as ``get`` returns them.

        Raises
        ------
        UsageError, NotFound
            A value or an output is invalid; nothing was sent.
        RunActive
            A run is active, or another command runs cases of the study; nothing was sent.
        RunFailed, WaitTimeout, Unreachable
            The run failed, or was not watched to its end. As after Ctrl-C, the original values are restored, which
            discards the result of a run that has not ended.

        """
        keys = [outputs] if isinstance(outputs, str) else list(outputs)
        options = WatchOptions(timeout_s, interval_s, max_outage_s=max_outage_s)
        try:
            with self._opened(), self._ran(values, options, on_event, _required(keys)):
                return self.get(keys)
        except Interrupted:
            raise
        except KeyboardInterrupt as error:
            # The frames of the library do not help the person who has pressed Ctrl-C.
            raise type(error)(*error.args) from None

    @contextlib.contextmanager
    def trial(
        self,
        values: Mapping[str, Any],
        *,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        max_outage_s: float = 300.0,
        on_event: Callable[[Event], None] | None = None,
    ) -> Iterator[RunOutcome]:
        """Set values and run the study for a ``with`` block, then restore and verify the original values.

            with study.trial({"Macro.gamma": 0.4}) as run:
                charts = study.all_charts()

        The arguments are those of ``evaluate``. The block gets the ``RunOutcome``, and reads what it needs of the run.
        The original values are restored in every case: after an exception in the block, a failed run, or Ctrl-C.

        Raises
        ------
        SostradesError
            As ``evaluate``. In the block, ``set`` and ``run`` of this study raise ``Refused``.

        """
        with self._ran(values, WatchOptions(timeout_s, interval_s, max_outage_s=max_outage_s), on_event) as outcome:
            yield outcome

    @contextlib.contextmanager
    def _ran(
        self,
        values: Mapping[str, Any],
        options: WatchOptions,
        on_event: Callable[[Event], None] | None,
        outputs: Sequence[str] = (),
    ) -> Iterator[RunOutcome]:
        """Set values and run the study for a block; ``outputs`` are the keys that the block reads."""
        with self._opened() as app:
            # Only `evaluate` names its outputs, so this also selects the command in the history.
            command = CaseCommand.EVALUATE if outputs else CaseCommand.TRIAL
            requested = assignments(given(values), app.context.temp_folder.path)
            with trial(app.context, self._number, requested, outputs, command, options.max_outage_s) as active:
                outcome = outcome_of(self._events(options, active.start()), on_event)
                active.require_values()
                yield outcome


def _required(outputs: Sequence[str]) -> Sequence[str]:
    if not outputs:
        raise UsageError("expected at least one output", hint='for example "Damage.total_damage"')
    return outputs
