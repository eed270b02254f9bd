"""Several studies at once: list, states and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sostrades_cli.library.client_base import ClientBase
from sostrades_cli.library.dataframes import frame_from, frame_of_items
from sostrades_cli.library.progress import shown_runs
from sostrades_cli.library.run_events import ends_table, reported_events
from sostrades_cli.library.study_base import complete, noted
from sostrades_cli.operations.calc.status import discipline_counts, read_statuses
from sostrades_cli.operations.calc.watch_options import WatchOptions
from sostrades_cli.operations.study.cached_studies import NONE_YET, ListedStudy, list_studies
from sostrades_cli.output.run_troubles import NO_RUN
from sostrades_cli.run_events import RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from sostrades_cli.library.client_base import Named
    from sostrades_cli.run_events import Event


class ManyStudies(ClientBase):
    """Methods of a client for several studies."""

    def studies(self) -> pd.DataFrame:
        """Return the studies in the local cache, as ``sostrades study list`` shows them.

        The API has no list of studies. The list contains the studies that commands and programs of this account used
        on this machine, the latest first, followed by studies that only an alias names. No request is sent, and no key
        is needed.

        Returns a DataFrame with a row for each study. Index ``study`` (int64; twice for a study with two aliases that
        is not in the cache). Columns: ``alias`` (str, aliases joined by ``", "``), ``name`` (str, name of the study),
        both missing if there is none; ``parameters`` (Int64, number of cached parameters, missing if there are none);
        ``last_seen`` (datetime64, UTC, last use; missing for an alias without a cached study).
        """
        import pandas as pd

        with self._scope.opened() as app:
            studies = list_studies(app.cache, app.aliases)
            frame = frame_of_items(ListedStudy, studies, index="study", types={"parameters": "Int64"})
            # With utc=True a column without any date has the same dtype, too.
            frame["last_seen"] = pd.to_datetime(frame["last_seen"], utc=True)
            return noted(app, frame, [] if studies else [NONE_YET])

    def status(self, studies: Named | Iterable[Named]) -> pd.DataFrame:
        """Return the states of calculations, with one request per study: ``status([21, "dice", study])``.

        Returns a DataFrame with a row for each study, in the given order. Index ``study`` (int64). Columns, all str:
        ``status`` (the server's word, or ``NO RUN`` before the first run), ``disciplines`` (number of disciplines per
        status: ``"5 DONE"``), ``cpu``, ``memory`` (load of the server's host, as the server writes it).

        Raises
        ------
        SostradesError
            The state of some studies could not be read. It has the class of the most severe failure. Its ``result`` is
            the DataFrame of the others.

        Source: ``GET /api/v0/calculation/status/{study}``.

        """
        numbers = self._numbers(studies)
        with self._scope.opened(*numbers) as app:
            report = read_statuses(app.api.calculations, numbers)
            table: dict[str, list[Any]] = {
                "study": [state.study for state in report.states],
                "status": [state.status or NO_RUN for state in report.states],
                "disciplines": [discipline_counts(state) for state in report.states],
                "cpu": [state.cpu for state in report.states],
                "memory": [state.memory for state in report.states],
            }
            return complete(frame_from(table, index="study"), report.failure)

    def watch(
        self,
        studies: Named | Iterable[Named],
        *,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        wait_start_s: float = 0.0,
        max_outage_s: float = 300.0,
        stall_warning_s: float = 600.0,
        fail_fast: bool = False,
        on_event: Callable[[Event], None] | None = None,
        progress: bool = True,
    ) -> pd.DataFrame:
        """Watch the runs of several studies until each has ended; times as in ``Study.watch``.

        With ``fail_fast``, the first failed run ends the watch. The other runs continue on the server.

        Returns a DataFrame with a row for each study, in the given order. Index ``study`` (int64). Columns: ``status``
        (str, the last status, as for ``status``; missing if none was read), ``elapsed_s`` (float64, duration of the
        watch in seconds), ``error`` (str, class of the error of ``Study.watch``, such as ``"RunFailed"``) and ``cause``
        (str), both missing if the run succeeded.

        Raises
        ------
        RunFailed, WaitTimeout, NeverRan, Unreachable, ...
            At least one run did not succeed. The error comes after the end of all runs and has the class of the most
            severe failure; ``detail`` lists every cause, and ``result`` is the DataFrame of all studies.

        Source: ``GET /api/v0/calculation/status/{study}``.

        """
        numbers, last_events = self._numbers(studies), {}
        summary = RunSummary(numbers)
        options = WatchOptions(timeout_s, interval_s, wait_start_s, max_outage_s, stall_warning_s, fail_fast)
        with self._scope.opened(*numbers) as app, self._scope.progress(enabled=progress) as show:
            for event in summary.collect(shown_runs(reported_events(app, numbers, options), show, len(numbers))):
                # The last event of each study is `finished`, with the outcome.
                last_events[event.study] = event
                if on_event is not None:
                    on_event(event)
            return complete(ends_table(last_events, numbers, app.notes.redact), summary.error())
