"""Several studies at once: those that were met, their states, their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sostrades_cli.library.client_base import ClientBase
from sostrades_cli.library.dataframes import frame_from, frame_of_items
from sostrades_cli.library.run_events import ends_table, told_events
from sostrades_cli.library.study_base import complete, noted
from sostrades_cli.operations.calc.monitor import WatchOptions
from sostrades_cli.operations.calc.status import discipline_counts, read_statuses
from sostrades_cli.operations.study.cached_studies import NONE_YET, ListedStudy, list_studies
from sostrades_cli.output.run_troubles import NO_RUN
from sostrades_cli.run_events import RunSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from sostrades_cli.library.client_base import Named
    from sostrades_cli.run_events import Event


class ManyStudies(ClientBase):
    """What a client does with several studies."""

    def studies(self) -> pd.DataFrame:
        """Return the studies that were met from this account and machine, as ``sostrades study list`` shows them.

        The API lists no studies: these are what commands and programs have met on the server, the last one first, then
        those that have an alias only. No server is asked, and no key is needed.

        Returns a DataFrame with a row for each study. Index ``study`` (int64; twice for one that has two aliases and
        was never met). Columns: ``alias`` (its names, joined by ``", "``), ``name`` (its own; both str, missing where
        there is none), ``parameters`` (Int64, how many are known; missing where none are), ``last_seen``
        (datetime64, UTC; missing for a bare alias).
        """
        import pandas as pd  # noqa: PLC0415 - start-up: half a second, for tables only

        aliases = self._aliases()
        with self._door.opened() as app:
            studies = list_studies(app.cache, aliases)
            frame = frame_of_items(ListedStudy, studies, index="study", types={"parameters": "Int64"})
            frame["last_seen"] = pd.to_datetime(frame["last_seen"], utc=True)
            return noted(app, frame, [] if studies else [NONE_YET])

    def status(self, studies: Named | Iterable[Named]) -> pd.DataFrame:
        """Return the states of calculations, each asked once: ``status([21, "dice", study])``.

        Returns a DataFrame with a row for each study, in the order asked for. Index ``study`` (int64). Columns, all
        str: ``status`` (the server's word, ``NO RUN`` before the first run), ``disciplines`` (how many have which
        status: ``"5 DONE"``), ``cpu``, ``memory`` (the server's texts for its whole host).

        Raises
        ------
        SostradesError
            Some could not be seen: the error of the worst. The DataFrame of the others is its ``result``.

        Source: ``GET /api/v0/calculation/status/{study}``.

        """
        numbers = self._numbers(studies)
        with self._door.opened(*numbers) as app:
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
    ) -> pd.DataFrame:
        """Watch the runs of several studies at once until each has ended, as ``Study.watch`` does one; times as there.

        With ``fail_fast`` the first run that fails ends the watching of all; the other runs go on.

        Returns a DataFrame with a row for each study, in the order asked for. Index ``study`` (int64). Columns:
        ``status`` (str, the last one seen, as of ``status``; missing where none was), ``elapsed_s`` (float64, how long
        it was watched, in seconds), ``error`` (the class of what ``Study.watch`` would have raised, ``"RunFailed"``)
        and ``cause`` (why), both missing where the run finished well.

        Raises
        ------
        RunFailed, WaitTimeout, NeverRan, Unreachable, ...
            Not all finished well. It is raised when all have ended, and is of the class of the worst; ``detail`` has
            every cause, and ``result`` is the DataFrame, with those that did finish well.

        Source: ``GET /api/v0/calculation/status/{study}``.

        """
        numbers, ends, last = self._numbers(studies), RunSummary(), {}
        options = WatchOptions(timeout_s, interval_s, wait_start_s, max_outage_s, stall_warning_s, fail_fast)
        with self._door.opened(*numbers) as app:
            for event in ends.noted(told_events(app, numbers, options)):
                last[event.study] = event
                if on_event is not None:
                    on_event(event)
            return complete(ends_table(last, numbers, app.notes.hidden), ends.error())
