"""A worker of a sweep: one study that runs one case after the other, and gets its original values back."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from sostrades_cli.errors import Refused, RunFailed, SostradesError
from sostrades_cli.operations.calc.start import begin
from sostrades_cli.operations.calc.sweep.baseline import Baseline, put_back
from sostrades_cli.operations.calc.sweep.collect import Collection, collect
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, FAILED, FINISHED, CaseResult
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.changes import set_unrecorded
from sostrades_cli.operations.history.recorder import journal_of
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.output.run_troubles import trouble_text
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


class SweepWorker:
    """One study of a sweep. All workers share ``stop``: once it is set, no worker writes to its study."""

    def __init__(self, context: Context, listed: ListedParameters, own: Baseline, stop: threading.Event) -> None:
        self.study = listed.study
        self._name = listed.name
        self._context = context
        self._own = own
        self._stop = stop
        # Held while values are set and a run is started, so that restoring waits for that.
        self._writing = threading.Lock()

    def run(self, case: Case, options: WatchOptions, collection: Collection, folder: Path) -> CaseResult:
        """Set a case, run it, wait and collect; a failed run is a result, any other failure is an error."""
        began_s = self._context.clock.monotonic()
        with self._writing:
            if self._stop.is_set():
                return CaseResult(case.name, ABANDONED, self.study)
            context = replace(self._context, notify=lambda text: self._context.notify(f"case {case.name}: {text}"))
            set_unrecorded(context, self.study, self._assignments(case), force=False)
            accepted = begin(context, self.study, [], attach=False, swept=True)
        for event in watch(context, [self.study], options, accepted):
            if trouble := trouble_text(event):
                context.notify(trouble)
            if self._stop.is_set():
                return CaseResult(case.name, ABANDONED, self.study)
            if event.name == "finished" and isinstance(event.error, RunFailed):
                return CaseResult(case.name, FAILED, self.study, event.error.detail, self._elapsed_s(began_s))
            if event.error is not None:
                raise event.error
        self._require_values_of(context, case)
        outputs = collect(context, self.study, self._name, collection, folder / case.folder)
        return CaseResult(case.name, FINISHED, self.study, None, self._elapsed_s(began_s), outputs)

    def _require_values_of(self, context: Context, case: Case) -> None:
        """Reject the outputs if somebody changed the study between the verification and the start of the run."""
        changed = make_plan(context, self.study, self._assignments(case), force=True).effective
        if changed:
            raise Refused(
                f"study {self.study} no longer holds the values of case {case.name}: {listed(changed)}",
                detail="someone changed it meanwhile, so its outputs may not be those of the case",
                study=self.study,
            )

    def restore(self) -> None:
        """Restore and verify the original values, and record it in the journal.

        Raises
        ------
        SostradesError
            They could not be restored.

        """
        with self._writing:
            put_back(self._context, self.study, self._own)

    def own_value(self, key: str) -> Json:
        """Return the original value of a parameter; for a table, its placeholder."""
        return next((one.old for one in self._own.changes if one.key == full_key(self._name, key)), None)

    def _elapsed_s(self, began_s: float) -> float:
        return round(self._context.clock.monotonic() - began_s, 1)

    def _assignments(self, case: Case) -> list[Assignment]:
        """Return the assignments of a case; a blank cell is the original value, so that no case affects the next."""
        wanted = [replace(one, key=full_key(self._name, one.key)) for one in case.assignments]
        named = {one.key for one in wanted}
        blank = [change for change in self._own.changes if change.key not in named]
        return [
            *wanted,
            *assignments_to_restore(self._context, journal_of(self._context, self.study), blank, self.study),
        ]


def unrestored(workers: Sequence[SweepWorker], error: SostradesError) -> SostradesError:
    """Return the error for original values that were not restored, with the commands that restore them."""
    commands = "; ".join(f"sostrades param undo {worker.study} --yes --force" for worker in workers)
    return error.reworded(
        f"the values of a case may still be in the study: {error.message}",
        hint=f"{commands} puts its own values back",
        study=workers[0].study,
        in_doubt=True,
    )
