"""Gather the charts of a study from all sources: read-only mode, post-processing and the HTML page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NoRoute, Refused, ServerFault, SostradesError, Unreachable
from sostrades_cli.local.cache import CachedChart
from sostrades_cli.operations.postproc.merge import (
    PAGE,
    POST_PROCESSING,
    READ_ONLY,
    NumberedChart,
    merged,
    numbered_charts,
)
from sostrades_cli.operations.postproc.stream_checks import study_page
from sostrades_cli.operations.study.load import means_no_read_only_file
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.output.text import counted, listed
from sostrades_cli.plotly_figures.chart import charts_from_api, charts_of_read_only
from sostrades_cli.plotly_figures.page_parser import charts_of_page
from sostrades_cli.run_phase import Phase
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.operations.context import Context
    from sostrades_cli.plotly_figures.chart import Chart

INTERNAL_ERROR: Final = 500
CURRENT: Final = "current"
STALE: Final = "stale"


@dataclass(frozen=True, slots=True)
class GatheredCharts:
    """The charts of a study, numbered from 1 in the server's order. ``time`` is in UTC.

    ``state`` is ``current``, or the reason why the charts are not current. ``note`` is the same reason in a sentence.
    ``lost`` is the reason why the page could not be read.
    """

    host: str
    study: int
    name: str
    status: str
    state: str
    note: str | None
    time: datetime
    charts: list[NumberedChart]
    lost: str | None = None

    @property
    def failure(self) -> ServerFault | None:
        """Return the error for a list without the charts and numbers of the page."""
        if self.lost is None:
            return None
        return ServerFault(
            f"cannot read the charts page of study {self.study}, so some charts or numbers are missing",
            detail=self.lost,
            hint="run the command again, with --overwrite if it wrote a file",
            study=self.study,
        )

    def failure_of(self, charts: Sequence[NumberedChart]) -> ServerFault | None:
        """Return the error for these charts: undecodable numbers, or else ``failure``."""
        unreadable = [
            f"{numbered.number} {numbered.name}" for numbered in charts if numbered.chart.figure.is_unreadable
        ]
        if not unreadable:
            return self.failure
        return ServerFault(
            f"cannot decode the numbers of {counted(len(unreadable), 'chart')} of study {self.study}",
            detail=listed(unreadable),
            hint=f"use the other charts, or look at these in the page: `sostrades postproc html {self.study}`",
            study=self.study,
        )

    def failure_of_points(self, numbered: NumberedChart) -> ServerFault | None:
        """Return the error for the points of one chart without numbers."""
        if not numbered.lacks_numbers:
            return None
        if numbered.chart.figure.is_unreadable:
            return self.failure_of([numbered])
        return ServerFault(
            f"the server sent no numbers for {numbered.label}",
            detail=self.lost or "its JSON and its page have placeholders instead",
            hint="run the command again" if self.lost else f"sostrades postproc html {self.study}",
            study=self.study,
        )

    def failure_of_export(self, charts: Sequence[NumberedChart]) -> ServerFault | None:
        """Return the error for an export of these charts: missing numbers or a missing page."""
        without = [numbered.label for numbered in charts if numbered.lacks_numbers]
        if not without or any(numbered.chart.figure.is_unreadable for numbered in charts):
            return self.failure_of(charts)
        return ServerFault(
            f"the server sent no numbers for {counted(len(without), 'chart')} of study {self.study}",
            detail="\n".join(without[:10]),
            hint="run the command again with --overwrite, the page may be readable then",
            study=self.study,
        )

    def about(self) -> dict[str, str | int]:
        """Return number, name and status of the study, and the state of its charts."""
        return {"study": self.study, "name": self.name, "status": self.status, "state": self.state}

    @property
    def stale(self) -> bool:
        """Return whether the charts differ from the study's last finished run in its current state."""
        return self.state != CURRENT


def charts_note(context: Context, study: int) -> str | None:
    """Return why the server's charts are not those of a finished run of the present inputs, ``None`` if they are.

    The note is a supplement to charts from another request, so a status that cannot be read gives none.
    """
    try:
        status = context.api.calculations.status(study)
    except ServerFault:
        return None
    return _state(context, status)[1]


@dataclass(frozen=True, slots=True)
class _ReadCharts:
    charts: list[NumberedChart]
    lost: str | None = None


def gather(context: Context, study: int) -> GatheredCharts:
    """Return the charts of a study, each from the most complete source.

    A finished study has the charts of every bundle in its read-only file. Otherwise, the server computes them. Its JSON
    has sections and key charts, but only the last bundle of a discipline. Its page has every bundle, and numbers that
    the JSON lacks.

    Raises
    ------
    SostradesError
        No source could be read.

    """
    with context.waiting(f"Reading the charts of study {study}"):
        return _gathered(context, study)


def _gathered(context: Context, study: int) -> GatheredCharts:
    # The status is read before and after the charts, because charts of a large study take more than a minute.
    before = context.api.calculations.status(study)
    read = (_read_only_charts(context, study) if before.phase is Phase.GOOD else None) or _computed_charts(
        context, study
    )
    now = context.api.calculations.status(study)
    state, note = _state(context, now)
    # The charts may come from both sides of the change, so mark them as stale.
    if now.status != before.status:
        note = f"study {study} changed from {before.status or 'no run'} to {now.status} while its charts were read"
        state = STALE
    # Without a run there is no list of disciplines.
    nodes = [*now.disciplines] or [numbered.chart.discipline for numbered in read.charts]
    name = own_name(context, study, [f"{node}." for node in nodes])
    charts = [_without_study_name(name, numbered) for numbered in read.charts]
    context.cache.store_charts(
        study,
        [
            CachedChart(numbered.chart.discipline, numbered.chart.title, numbered.chart.figure.kind)
            for numbered in charts
        ],
    )
    host, time = context.api.session.host, context.clock.now()
    return GatheredCharts(host, study, name, now.status, state, note, time, charts, read.lost)


def _without_study_name(name: str, numbered: NumberedChart) -> NumberedChart:
    """Remove the study name from the name of a discipline, because it differs between copies."""
    short = short_key(name, numbered.chart.discipline)
    return replace(numbered, chart=replace(numbered.chart, discipline=short))


def _read_only_charts(context: Context, study: int) -> _ReadCharts | None:
    """Return the charts of the read-only file, or ``None`` if it is unreadable or has none."""
    try:
        charts = context.api.post_processing.kept_charts(study, charts_of_read_only)
    except (Refused, NoRoute) as error:
        if not means_no_read_only_file(error):
            raise
        return None
    except (ServerFault, Unreachable) as error:
        context.notify(f"cannot read the charts of the last run, so the server computes them again: {error.message}")
        return None
    if not charts:
        return None
    # The read-only file has every bundle, so the page is only needed for missing numbers.
    return _with_page(context, study, charts, READ_ONLY, requested=any(chart.figure.lacks_numbers for chart in charts))


def _computed_charts(context: Context, study: int) -> _ReadCharts:
    """Return newly computed charts, one source after the other, because parallel requests can block the server."""
    try:
        charts = context.api.post_processing.charts(study, charts_from_api)
    except (ServerFault, Unreachable) as error:
        context.notify(f"{error.message}, so the charts come from the page of the server, without sections")
        return _ReadCharts(numbered_charts(_charts_of_page(context, study), PAGE))
    return _with_page(context, study, charts, POST_PROCESSING, requested=True)


def _with_page(context: Context, study: int, charts: list[Chart], source: str, *, requested: bool) -> _ReadCharts:
    """Complete charts with the charts of the page. An unreadable page only means fewer charts or numbers."""
    if not requested:
        return _ReadCharts(numbered_charts(charts, source))
    try:
        return _ReadCharts(merged(charts, source, _charts_of_page(context, study)))
    except (ServerFault, Unreachable) as error:
        return _ReadCharts(numbered_charts(charts, source), lost=error.message)


def _charts_of_page(context: Context, study: int) -> list[Chart]:
    def read_page() -> list[Chart]:
        with context.api.post_processing.page(study) as (headers, chunks):
            # Parse within the retry: the page may break off.
            return list(charts_of_page(study_page(chunks, headers, study)))

    return context.api.session.repeat(read_page)


def _has_run(context: Context, study: int) -> bool | None:
    """Return whether the log shows an earlier run, or ``None`` if that is unknown."""
    try:
        context.api.session.repeat(lambda: context.api.studies.log_head(study))
    except SostradesError as error:
        # The answer to HEAD has no body, so HTTP 500 is the only sign of a missing log.
        return False if error.server is not None and error.server.status == INTERNAL_ERROR else None
    return True


def _state(context: Context, run: RunStatus) -> tuple[str, str | None]:
    study, status = run.study, run.status
    if run.phase is Phase.GOOD:
        return CURRENT, None
    if run.phase is Phase.ACTIVE:
        return "running", f"study {study} is {status}, so its charts change until the run ends"
    if run.phase is Phase.BAD:
        return "failed", f"the last run of study {study} ended {status}, so its charts may be incomplete"
    ran = _has_run(context, study) if status else False
    if ran:
        return (
            STALE,
            f"stale: study {study} was changed after the run that its charts show, so they are of other values",
        )
    if run.phase is Phase.IDLE and ran is not None:
        return "no run", f"study {study} has not been run, so its charts show default values"
    doubt = "show default values instead of a run" if ran is None else "be out of date"
    return STALE, f"study {study} has the status {status}, so its charts may {doubt}"
