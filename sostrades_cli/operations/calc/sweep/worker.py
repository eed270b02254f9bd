"""A worker of a sweep: a study that runs one case after the other, and then has its original values restored."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from sostrades_cli.errors import Refused, RunFailed
from sostrades_cli.operations.calc.failed_log import show_failed_log
from sostrades_cli.operations.calc.start import begin_case
from sostrades_cli.operations.calc.sweep.collect import Collection, collect
from sostrades_cli.operations.calc.sweep.original_values import OriginalValues
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, FAILED, FINISHED, CaseResult
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.changes import set_unrecorded
from sostrades_cli.operations.history.runs import record_case
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.output.answer_pace import AnswerPace
from sostrades_cli.output.heartbeat import Heartbeat
from sostrades_cli.output.run_troubles import trouble_text
from sostrades_cli.output.text import listed
from sostrades_cli.run_events import MISS
from sostrades_cli.study_reference import full_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.poll_intervals import PollingGuide
    from sostrades_cli.operations.calc.sweep.baseline import Baseline
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters
    from sostrades_cli.run_events import Event


class SweepWorker(OriginalValues):
    """One study of a sweep.

    All workers share ``stop``: once it is set, no worker writes to its study. They also share the ``guide``, because
    the runs of copies take about as long as each other.
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
        # Restoring must wait until values are set and the run is started.
        self._writing = threading.Lock()
        # Of the answers about the run of a case, for the live view.
        self.pace: AnswerPace | None = None

    def run(self, case: Case, options: WatchOptions, collection: Collection, folder: Path) -> CaseResult:
        """Set the values of a case, run it, and collect its outputs. A failed run is a result, not an error."""
        started_s = self._context.clock.monotonic()
        with self._writing:
            if self._stop.is_set():
                return CaseResult(case.name, ABANDONED, self.study)
            context = replace(
                self._context,
                notify=lambda text: self._context.notify(f"{case.label}: {text}"),
                still_waiting=lambda text: self._context.still_waiting(f"{case.label}: {text}"),
            )
            # Without force, so that a run by somebody else is not destroyed. The baseline is already in the journal.
            set_unrecorded(context, self.study, self._assignments(case), force=False)
            # Never attach: outputs of another run are not those of the case.
            accepted = begin_case(context, self.study)
        heartbeat = Heartbeat(options.heartbeat_s, context.still_waiting)
        watched = replace(options, adaptive=self._guide.interval_s)
        for event in watch(context, [self.study], watched, {self.study: accepted}):
            heartbeat.take(event)
            self._take_pace(event)
            if trouble := trouble_text(event):
                context.notify(trouble)
            if self._stop.is_set():
                return CaseResult(case.name, ABANDONED, self.study)
            if event.name == "finished" and isinstance(event.error, RunFailed):
                # The next run has a log of its own.
                show_failed_log(context, self.study)
                return CaseResult(case.name, FAILED, self.study, event.error.detail, self._elapsed_s(started_s))
            if event.error is not None:
                raise event.error
            if event.name == "finished" and event.run_s is not None:
                self._guide.take(event.run_s)
        # A change between the verification and the start leaves no trace in the status.
        require_values(context, self.study, self._assignments(case), case.label)
        outputs = collect(context, self.study, self.own_name, collection, folder / case.folder)
        elapsed_s = self._elapsed_s(started_s)
        record_case(self._context, self.study, elapsed_s)
        return CaseResult(case.name, FINISHED, self.study, None, elapsed_s, outputs)

    def _take_pace(self, event: Event) -> None:
        now_s = self._context.clock.monotonic()
        if event.name == "finished":
            self.pace = None
        elif self.pace is None:
            self.pace = AnswerPace(now_s)
        elif event.name not in {"outage", MISS}:
            self.pace.take(now_s)

    def restore(self) -> None:
        """Restore the original values when no case is being set or started."""
        with self._writing:
            super().restore()

    def _elapsed_s(self, started_s: float) -> float:
        return round(self._context.clock.monotonic() - started_s, 1)

    def _assignments(self, case: Case) -> list[Assignment]:
        """Return the assignments of a case, and the original values for its blank cells."""
        assignments = [replace(item, key=full_key(self.own_name, item.key)) for item in case.assignments]
        # The study holds the values of the previous case.
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
