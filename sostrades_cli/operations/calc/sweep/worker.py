"""A worker of a sweep: it runs cases on a study, one after the other."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from sostrades_cli import run_events
from sostrades_cli.errors import Refused, RunFailed
from sostrades_cli.operations.calc.failed_log import show_failed_log
from sostrades_cli.operations.calc.start import begin_case
from sostrades_cli.operations.calc.sweep.collect import Collection, collect
from sostrades_cli.operations.calc.sweep.original_values import OriginalValues
from sostrades_cli.operations.calc.sweep.outages import after_outages, set_after_outages
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, FAILED, FINISHED, CaseResult
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.history.runs import record_case
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.output.answer_pace import AnswerPace
from sostrades_cli.output.heartbeat import Heartbeat
from sostrades_cli.output.run_troubles import trouble_text
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.operations.calc.sweep.baseline import Baseline
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.calc.sweep.polling_guide import PollingGuide
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters
    from sostrades_cli.run_events import Event


class SweepWorker(OriginalValues):
    """A study of a sweep.

    All workers share ``stop``: once it is set, no worker writes to its study. They also share ``guide``, because the
    runs of copies take about the same time.
    """

    def __init__(
        self,
        context: Context,
        listed: ListedParameters,
        baseline: Baseline,
        stop: threading.Event,
        guide: PollingGuide,
    ) -> None:
        super().__init__(context, listed, baseline)
        self._stop = stop
        self._guide = guide
        # The original values may only be restored before values are set, or after the run is started.
        self._writing = threading.Lock()
        # The pace of the answers about the current run, for the live view.
        self.pace: AnswerPace | None = None

    def run(self, case: Case, options: WatchOptions, collection: Collection, folder: Path) -> CaseResult:
        """Set the values of a case, run it, and collect its outputs. A failed run is a result, not an error."""
        started_s = self._context.clock.monotonic()
        with self._writing:
            if self._stop.is_set():
                return CaseResult(case.name, ABANDONED, self.study)
            context = self._context._replace(
                notify=lambda text: self._context.notify(f"{case.label}: {text}"),
                still_waiting=lambda text: self._context.still_waiting(f"{case.label}: {text}"),
            )
            accepted = after_outages(context, lambda: self._begin(context, case))
        heartbeat = Heartbeat(options.heartbeat_s, context.still_waiting)
        watched = options._replace(adaptive=self._guide.interval_s)
        for event in watch(context, [self.study], watched, {self.study: accepted}):
            heartbeat.take(event)
            self._take_pace(event)
            if trouble := trouble_text(event):
                context.notify(trouble)
            if self._stop.is_set():
                return CaseResult(case.name, ABANDONED, self.study)
            if event.name == run_events.FINISHED and isinstance(event.error, RunFailed):
                # The log is shown now, because the next run replaces it.
                show_failed_log(context, self.study)
                return CaseResult(case.name, FAILED, self.study, event.error.detail, self._elapsed_s(started_s))
            if event.error is not None:
                raise event.error
            if event.name == run_events.FINISHED and event.run_s is not None:
                self._guide.add(event.run_s)
        # The status does not show a change between the verification and the start, so the values are compared again.
        require_values(context, self.study, self._assignments(case), case.label)
        outputs = collect(context, self.study, self.own_name, collection, folder / case.folder)
        elapsed_s = self._elapsed_s(started_s)
        record_case(self._context, self.study, elapsed_s)
        return CaseResult(case.name, FINISHED, self.study, None, elapsed_s, outputs)

    def _begin(self, context: Context, case: Case) -> RunStatus:
        # Without force, so that a run by somebody else is not destroyed. The baseline is already in the journal.
        set_after_outages(context, self.study, self._assignments(case), force=False)
        # Attaching to an active run would collect the outputs of other values.
        return begin_case(context, self.study)

    def _take_pace(self, event: Event) -> None:
        now_s = self._context.clock.monotonic()
        if event.name == run_events.FINISHED:
            self.pace = None
        elif self.pace is None:
            self.pace = AnswerPace(now_s)
        elif event.name not in {run_events.OUTAGE, run_events.MISS}:
            self.pace.take(now_s)

    def restore(self) -> None:
        """Restore the original values, but not while a case is being set or started."""
        with self._writing:
            super().restore()

    def _elapsed_s(self, started_s: float) -> float:
        return round(self._context.clock.monotonic() - started_s, 1)

    def _assignments(self, case: Case) -> list[Assignment]:
        """Return the assignments of a case, and the original values for its blank cells."""
        assignments = [replace(item, key=full_key(self.own_name, item.key)) for item in case.assignments]
        # Blank cells are set, too, because the study has the values of the previous case.
        return [*assignments, *self.assignments_without({item.key for item in assignments})]


def require_values(context: Context, study: int, assignments: Sequence[Assignment], subject: str) -> None:
    """Reject the outputs of a run if somebody changed the study between the verification and the start of the run.

    Raises
    ------
    Refused
        The study does not have these values.

    """
    changed = make_plan(context, study, assignments, force=True).effective if assignments else []
    if changed:
        raise Refused(
            f"the values of {subject} changed during its run: {listed(changed)}",
            detail=f"somebody else may have changed study {study}, so its outputs are not collected",
            hint=f"make sure that nobody else uses study {study}",
            study=study,
        )
