"""The runs of a study: start, watch and log."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sostrades_cli.errors import SostradesError
from sostrades_cli.library.progress import shown_run
from sostrades_cli.library.python_values import assignments
from sostrades_cli.library.run_events import reported_events
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.operations.calc.follow_log import LINES, follow, last_lines, whole_lines
from sostrades_cli.operations.calc.start import begin
from sostrades_cli.operations.calc.watch_options import WatchOptions
from sostrades_cli.output.disciplines import without_root
from sostrades_cli.output.html_card import card
from sostrades_cli.output.text import duration, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.run_events import Event


@contextlib.contextmanager
def _noted(text: str) -> Iterator[None]:
    """Add a note to a KeyboardInterrupt."""
    try:
        yield
    except KeyboardInterrupt as error:
        error.add_note(text)
        raise


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The outcome of a successful run. A failed run raises an exception instead.

    ``status`` is the last status of the study. ``elapsed_s`` is the duration of the watch in seconds.
    ``disciplines`` maps discipline names to statuses.
    """

    study: int
    status: str
    elapsed_s: float
    disciplines: Mapping[str, str]

    def _repr_html_(self) -> str:
        """Return the outcome for a notebook."""
        states = without_root(self.disciplines)[1].values()
        counts = listed([f"{count} {status}" for status, count in Counter(states).items()])
        rows = [("status", self.status), ("time watched", duration(self.elapsed_s)), ("disciplines", counts)]
        return card(f"Run of study {self.study}", rows)


class RunMethods(StudyBase):
    """Methods of a study for its runs."""

    def status(self) -> RunStatus:
        """Return the state of the calculation, with one request.

        ``status`` is the server's word (``PENDING``, ``RUNNING``, ``FINISHED``, ``FAILED``, ..., or ``""`` before the
        first run). ``disciplines`` maps discipline names to statuses. ``payload`` is the complete JSON object.

        Source: ``GET /api/v0/calculation/status/{study}``.
        """
        with self._opened() as app:
            return app.api.calculations.status(self._number)

    def start(self, *, set: Mapping[str, Any] | None = None, attach: bool = False) -> RunStatus:  # noqa: A002 - as of `calc run --set`
        """Start a run and return as soon as the server has accepted it, as ``calc run --detach`` does.

        ``set`` sets and verifies parameters first, as the method ``set`` does. An active run is never started again:
        with ``attach``, its state is returned instead.

        Raises
        ------
        RunActive
            A run is active, and ``attach`` is not set.

        Source: ``POST /api/v0/calculation/execute/{study}``.

        """
        with self._opened() as app:
            # `set` may contain tables, whose files last until the end of this call.
            changes = assignments(set or {}, app.context.temp_folder.path)
            with _noted(f"study {self._number} may have been changed or started: study.status()"):
                return begin(app.context, self._number, changes, attach=attach)

    def run(
        self,
        *,
        set: Mapping[str, Any] | None = None,  # noqa: A002 - as of `calc run --set`
        attach: bool = False,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        max_outage_s: float = 300.0,
        on_event: Callable[[Event], None] | None = None,
        progress: bool = True,
    ) -> RunOutcome:
        """Start a run as ``start`` does, and watch it to its end as ``watch`` does.

        An interrupt (Ctrl-C, the stop button of a notebook) ends the watch. The run continues on the server.
        """
        options = WatchOptions(timeout_s, interval_s, max_outage_s=max_outage_s)
        with self._opened():
            return self._watched(options, on_event, self.start(set=set, attach=attach), progress=progress)

    def watch(
        self,
        *,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        wait_start_s: float = 0.0,
        max_outage_s: float = 300.0,
        stall_warning_s: float = 600.0,
        on_event: Callable[[Event], None] | None = None,
        progress: bool = True,
    ) -> RunOutcome:
        """Watch the active run, or report the outcome of the last one.

        All times are in seconds. ``timeout_s`` limits the watch; the run continues on the server. ``interval_s`` is the
        polling interval [default: 1 s at first, up to 10 s for long runs]. ``wait_start_s`` waits for a run that
        somebody else starts. ``max_outage_s`` is the longest outage to wait out. ``stall_warning_s`` warns if nothing
        changes for this long. ``on_event`` is called with each event. Its attributes ``name``, ``status`` and ``facts``
        are the fields of ``calc watch -F ndjson``. ``progress`` shows a bar in a terminal or a notebook.

        Raises
        ------
        RunFailed
            The run ended FAILED, STOPPED or POD ERROR; ``detail`` is the cause.
        WaitTimeout, Unreachable
            ``timeout_s`` is over, or an outage was too long. The run continues on the server.
        NeverRan
            The study has no run.

        """
        options = WatchOptions(timeout_s, interval_s, wait_start_s, max_outage_s, stall_warning_s)
        with self._opened():
            return self._watched(options, on_event, progress=progress)

    def _watched(
        self,
        options: WatchOptions,
        on_event: Callable[[Event], None] | None,
        first: RunStatus | None = None,
        *,
        progress: bool,
    ) -> RunOutcome:
        """Watch a run to its end with its progress; ``first`` is the state after its start."""
        with self._opened() as app, self._scope.progress(enabled=progress) as show:
            events = shown_run(self._events(options, first), show, app.runtime.clock.monotonic)
            with _noted(f"a run of study {self._number} is not stopped: study.watch()"):
                return outcome_of(events, on_event)

    def events(self, *, timeout_s: float | None = None, interval_s: float | None = None) -> Iterator[Event]:
        """Yield the events of the run until ``finished``, then raise the same errors as ``watch``."""
        yield from self._events(WatchOptions(timeout_s, interval_s))

    def _events(self, options: WatchOptions, first: RunStatus | None = None) -> Iterator[Event]:
        with self._opened() as app:
            for event in reported_events(app, [self._number], options, first):
                yield event
                if event.error is not None:
                    # The event comes before its error, so that callbacks also get the end.
                    raise event.error

    def log(self, lines: int | None = None) -> str:
        """Return the log of the last run, complete or only its last ``lines``.

        Raises
        ------
        NeverRan
            The study has no log yet.

        Source: ``GET /api/v0/study-case/{study}/logs``.

        """
        with self._opened() as app:

            def read_log() -> bytes:
                with app.api.studies.log_stream(self._number) as chunks:
                    return b"".join(chunks) if lines is None else last_lines(chunks, lines)

            # A retry must open a new stream, because the chunks of a broken one are incomplete.
            return app.api.session.repeat(read_log).decode("utf-8", "replace")

    def follow_log(self, lines: int | None = LINES, *, timeout_s: float | None = None) -> Iterator[str]:
        """Yield the lines of the log, without line ends, until the run ends.

        ``lines`` is the number of existing lines to start with, ``None`` for all. ``timeout_s`` limits the time in
        seconds. The run continues on the server after a timeout, an interrupt or a ``break``. After the last line,
        the same errors as in ``watch`` are raised.

        Raises
        ------
        RunFailed
            The run ended FAILED, STOPPED or POD ERROR.
        WaitTimeout, Unreachable
            ``timeout_s`` is over, or an outage was too long. The run continues on the server.
        NeverRan
            The study has no log yet.

        Source: ``GET /api/v0/study-case/{study}/logs``, ``GET /api/v0/calculation/status/{study}``.

        """
        with self._opened() as app:
            for line in whole_lines(follow(app.context, self._number, WatchOptions(timeout_s), lines)):
                yield line.decode("utf-8", "replace")


def outcome_of(events: Iterator[Event], on_event: Callable[[Event], None] | None) -> RunOutcome:
    """Consume the events of a run, and return its outcome."""
    last: Event | None = None
    for last in events:
        if on_event is not None:
            on_event(last)
    if last is None:
        raise SostradesError("the run reported no event", hint="run the call again")
    return RunOutcome(last.study, last.status, float(last.facts["elapsed_s"]), dict(last.disciplines))
