"""The runs of a study: starting, watching, the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sostrades_cli.errors import SostradesError
from sostrades_cli.library.python_values import assignments
from sostrades_cli.library.run_events import told_events
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.operations.calc.follow_log import LINES, follow, last_lines, whole_lines
from sostrades_cli.operations.calc.monitor import WatchOptions
from sostrades_cli.operations.calc.start import begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sostrades_cli.api.models import RunStatus
    from sostrades_cli.run_events import Event


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run that went well ended; one that did not is an exception.

    ``status`` is the study's last status, ``elapsed_s`` how long it was watched, in seconds; ``disciplines`` has the
    status of each.
    """

    study: int
    status: str
    elapsed_s: float
    disciplines: Mapping[str, str]


class RunMethods(StudyBase):
    """What a study knows of its calculation."""

    def status(self) -> RunStatus:
        """Return the state of the calculation, asked once.

        ``status`` is the server's word (``PENDING``, ``RUNNING``, ``FINISHED``, ``FAILED``, ... or ``""`` before the
        first run), ``disciplines`` the status of each, ``payload`` the server's whole object. Source: ``GET
        /api/v0/calculation/status/{study}``.
        """
        with self._opened() as app:
            return app.api.calculations.status(self._number)

    def start(self, *, set: Mapping[str, Any] | None = None, attach: bool = False) -> RunStatus:  # noqa: A002 - as of `calc run --set`
        """Start a run and return as soon as the server has accepted it, as ``calc run --detach`` does.

        ``set`` is set and verified first, as by the method of that name. A run that is going on is never started
        again: with ``attach`` its state is returned instead. Source: ``POST /api/v0/calculation/execute/{study}``.

        Raises
        ------
        RunActive
            A run is going on.

        """
        with self._opened() as app:
            return begin(app.context, self._number, assignments(set or {}, app.context.temp_folder.path), attach=attach)

    def run(
        self,
        *,
        set: Mapping[str, Any] | None = None,  # noqa: A002 - as of `calc run --set`
        attach: bool = False,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        max_outage_s: float = 300.0,
        on_event: Callable[[Event], None] | None = None,
    ) -> RunOutcome:
        """Start a run, as ``start`` does, and watch it to its end, as ``watch`` does.

        To interrupt it (Ctrl-C, the stop button of a notebook) stops the watching, never the run.
        """
        options = WatchOptions(timeout_s, interval_s, max_outage_s=max_outage_s)
        with self._opened():
            return _end_of(self._events(options, self.start(set=set, attach=attach)), on_event)

    def watch(
        self,
        *,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        wait_start_s: float = 0.0,
        max_outage_s: float = 300.0,
        stall_warning_s: float = 600.0,
        on_event: Callable[[Event], None] | None = None,
    ) -> RunOutcome:
        """Watch the run that is going on, or was the last, to its end.

        All times are in seconds: ``timeout_s`` ends the watching, the run goes on; ``interval_s`` is the time between
        two looks, 1 s at first up to 10 s for long runs unless said; ``wait_start_s`` waits for a run that is started
        elsewhere; ``max_outage_s`` is how long an outage is ridden out; when nothing has moved for ``stall_warning_s``,
        that is told. ``on_event`` is called with each event: ``name``, ``status`` and ``facts`` are its fields as
        ``calc watch -F ndjson`` has them.

        Raises
        ------
        RunFailed
            It ended FAILED, STOPPED or POD ERROR; ``detail`` is the cause.
        WaitTimeout, Unreachable
            ``timeout_s`` is over, an outage was too long; the run goes on.
        NeverRan
            The study has no run.

        """
        options = WatchOptions(timeout_s, interval_s, wait_start_s, max_outage_s, stall_warning_s)
        with self._opened():
            return _end_of(self._events(options), on_event)

    def events(self, *, timeout_s: float | None = None, interval_s: float | None = None) -> Iterator[Event]:
        """Yield the events of the run as they happen, the last one ``finished``; then raise as ``watch`` does."""
        yield from self._events(WatchOptions(timeout_s, interval_s))

    def _events(self, options: WatchOptions, first: RunStatus | None = None) -> Iterator[Event]:
        with self._opened() as app:
            for event in told_events(app, [self._number], options, first):
                yield event
                if event.error is not None:
                    raise event.error

    def log(self, lines: int | None = None) -> str:
        """Return the log of the last run, all of it or its last ``lines``.

        Raises
        ------
        NeverRan
            The study has no log yet.

        Source: ``GET /api/v0/study-case/{study}/logs``.

        """
        with self._opened() as app:

            def once() -> bytes:
                with app.api.studies.log_stream(self._number) as chunks:
                    return b"".join(chunks) if lines is None else last_lines(chunks, lines)

            return app.api.session.repeat(once).decode("utf-8", "replace")

    def follow_log(self, lines: int | None = LINES, *, timeout_s: float | None = None) -> Iterator[str]:
        """Yield the lines of the log, without their ends, as the server writes them, until the run ends.

        ``lines`` is how many of those that are there already come first, ``None`` for all. ``timeout_s`` ends the
        following, in seconds; the run goes on, as it does when the loop is left or interrupted. After the last line it
        raises as ``watch`` does.

        Raises
        ------
        RunFailed
            The run ended FAILED, STOPPED or POD ERROR.
        WaitTimeout, Unreachable
            ``timeout_s`` is over, an outage was too long; the run goes on.
        NeverRan
            The study has no log yet.

        Source: ``GET /api/v0/study-case/{study}/logs``, ``GET /api/v0/calculation/status/{study}``.

        """
        with self._opened() as app:
            for line in whole_lines(follow(app.context, self._number, WatchOptions(timeout_s), lines)):
                yield line.decode("utf-8", "replace")


def _end_of(events: Iterator[Event], on_event: Callable[[Event], None] | None) -> RunOutcome:
    """Let a run pass to its end."""
    last: Event | None = None
    for last in events:
        if on_event is not None:
            on_event(last)
    if last is None:
        raise SostradesError("the watching ended without an event")
    return RunOutcome(last.study, last.status, float(last.facts["elapsed_s"]), dict(last.disciplines))
