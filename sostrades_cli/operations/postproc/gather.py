"""Gathering the charts of a study from every source: read-only mode, post-processing, the server's page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import NoRoute, Refused, ServerFault, SostradesError, Unreachable
from sostrades_cli.operations.param.name_lookup import own_name
from sostrades_cli.operations.postproc.merge import PAGE, POST_PROCESSING, READ_ONLY, NumberedChart, alone, merged
from sostrades_cli.operations.postproc.stream_checks import study_page
from sostrades_cli.operations.study.load import says_no_file
from sostrades_cli.output.text import counted, listed
from sostrades_cli.plotly_figures.chart import charts_from_api, charts_of_read_only
from sostrades_cli.plotly_figures.page_parser import charts_of_page
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sostrades_cli.api.models import RunStatus
    from sostrades_cli.operations.context import Context
    from sostrades_cli.plotly_figures.chart import Chart

INTERNAL_ERROR: Final = 500
CURRENT: Final = "current"
STALE: Final = "stale"


@dataclass(frozen=True, slots=True)
class GatheredCharts:
    """The charts of a study, numbered from 1 in the server's order; ``time`` is when they were gathered, in UTC.

    ``state`` is ``current`` or one word on why they are not; ``remark`` says it in a sentence. ``lost`` is why the page
    could not be read, where it was wanted.
    """

    host: str
    study: int
    name: str
    status: str
    state: str
    remark: str | None
    time: datetime
    charts: list[NumberedChart]
    lost: str | None = None

    @property
    def failure(self) -> ServerFault | None:
        """Return the error that a list without the page's charts and numbers stands for."""
        if self.lost is None:
            return None
        return ServerFault(
            f"the server's page of study {self.study} cannot be read: charts and numbers that only it has are missing",
            detail=self.lost,
            hint="give the command again; where it wrote a file, with --overwrite",
            study=self.study,
        )

    def failure_of(self, charts: Sequence[NumberedChart]) -> ServerFault | None:
        """Return the error that these charts stand for: numbers that cannot be decoded, or else ``failure``."""
        unreadable = [f"{one.number} {one.name}" for one in charts if one.chart.figure.is_unreadable]
        if not unreadable:
            return self.failure
        return ServerFault(
            f"the numbers of {counted(len(unreadable), 'chart')} of study {self.study} cannot be decoded",
            detail=listed(unreadable),
            hint="the others are not affected",
            study=self.study,
        )

    def failure_of_points(self, numbered: NumberedChart) -> ServerFault | None:
        """Return the error that the points of one chart stand for: the server gave no numbers of it."""
        if not numbered.lacks_numbers:
            return None
        if numbered.chart.figure.is_unreadable:
            return self.failure_of([numbered])
        return ServerFault(
            f"the server gave no numbers of {numbered.label}",
            detail=self.lost or "its JSON has placeholders where they belong, and so has its page",
            hint="give the command again" if self.lost else f"sostrades postproc html {self.study}",
            study=self.study,
        )

    def failure_of_export(self, charts: Sequence[NumberedChart]) -> ServerFault | None:
        """Return the error that the points of these charts stand for: some have no numbers, or the page is missing."""
        without = [one.label for one in charts if one.lacks_numbers]
        if not without or any(one.chart.figure.is_unreadable for one in charts):
            return self.failure_of(charts)
        return ServerFault(
            f"the server gave no numbers of {counted(len(without), 'chart')} of study {self.study}",
            detail="\n".join(without[:10]),
            hint="give the command again with --overwrite: its page may be readable then",
            study=self.study,
        )

    def about(self) -> dict[str, str | int]:
        """Return the study, its name, its status, and whether the charts are current."""
        return {"study": self.study, "name": self.name, "status": self.status, "state": self.state}

    @property
    def stale(self) -> bool:
        """Return whether they show anything but the study's last finished run as it is now."""
        return self.state != CURRENT


@dataclass(frozen=True, slots=True)
class _Read:
    charts: list[NumberedChart]
    lost: str | None = None


def gather(context: Context, study: int) -> GatheredCharts:
    """Return the charts of a study, each from the source that has most of it.

    A finished study has them in its read-only file, those of every bundle. Else the server computes them: its JSON
    tells sections and key charts, its page has every bundle, and the numbers that the JSON leaves out.

    Raises
    ------
    SostradesError
        No source could be read.

    """
    before = context.api.calculations.status(study)
    read = (_kept(context, study) if before.phase is Phase.GOOD else None) or _computed(context, study)
    now = context.api.calculations.status(study)
    state, remark = _state(context, now)
    if now.status != before.status:
        remark = f"study {study} went from {before.status or 'no run'} to {now.status} while its charts were read"
        state = STALE
    nodes = [*now.disciplines] or [one.chart.discipline for one in read.charts]
    name = own_name(context, study, [f"{node}." for node in nodes])
    charts = [_without(name, one) for one in read.charts]
    host, time = context.api.session.host, context.clock.now()
    return GatheredCharts(host, study, name, now.status, state, remark, time, charts, read.lost)


def _without(name: str, numbered: NumberedChart) -> NumberedChart:
    """Call a discipline without the study's own name in front, which differs from copy to copy."""
    short = short_key(name, numbered.chart.discipline)
    return replace(numbered, chart=replace(numbered.chart, discipline=short))


def _kept(context: Context, study: int) -> _Read | None:
    """Return the charts of the read-only file; ``None`` where it cannot be had, or has none."""
    try:
        kept = context.api.post_processing.kept_charts(study, charts_of_read_only)
    except (Refused, NoRoute) as error:
        if not says_no_file(error):
            raise
        return None
    except (ServerFault, Unreachable) as error:
        context.notify(f"the charts of the last run cannot be read, the server computes them anew: {error.message}")
        return None
    if not kept:
        return None
    return _with_page(context, study, kept, READ_ONLY, requested=any(chart.figure.lacks_numbers for chart in kept))


def _computed(context: Context, study: int) -> _Read:
    """Return what the server computes now; one source after the other, since requests at once can hang."""
    try:
        told = context.api.post_processing.charts(study, charts_from_api)
    except (ServerFault, Unreachable) as error:
        context.notify(f"{error.message}: the charts are those of the server's page, without their sections")
        return _Read(alone(_charts_of_page(context, study), PAGE))
    return _with_page(context, study, told, POST_PROCESSING, requested=True)


def _with_page(context: Context, study: int, charts: list[Chart], source: str, *, requested: bool) -> _Read:
    """Complete charts by those of the page; without it there are fewer charts, or fewer numbers."""
    if not requested:
        return _Read(alone(charts, source))
    try:
        return _Read(merged(charts, source, _charts_of_page(context, study)))
    except (ServerFault, Unreachable) as error:
        return _Read(alone(charts, source), lost=error.message)


def _charts_of_page(context: Context, study: int) -> list[Chart]:
    def once() -> list[Chart]:
        with context.api.post_processing.page(study) as (headers, chunks):
            return list(charts_of_page(study_page(chunks, headers, study)))

    return context.api.session.repeat(once)


def _has_run(context: Context, study: int) -> bool | None:
    """Return whether a study has run before, by its log; ``None`` where that cannot be told now."""
    try:
        context.api.session.repeat(lambda: context.api.studies.log_head(study))
    except SostradesError as error:
        # What says so in words is an answer without a body here.
        return False if error.server is not None and error.server.status == INTERNAL_ERROR else None
    return True


def _state(context: Context, run: RunStatus) -> tuple[str, str | None]:
    study, status = run.study, run.status
    if run.phase is Phase.GOOD:
        return CURRENT, None
    if run.phase is Phase.ACTIVE:
        return "running", f"study {study} is {status}: what its charts show changes until the run ends"
    if run.phase is Phase.BAD:
        return "failed", f"the last run of study {study} ended {status}: its charts show what was there when it did"
    ran = _has_run(context, study) if status else False
    if ran:
        return STALE, f"stale: study {study} was changed after its last run, which is what its charts show"
    if run.phase is Phase.IDLE and ran is not None:
        return "no run", f"study {study} has no run yet: charts, if any, are of default values"
    doubt = "its charts show a run or default values" if ran is None else "its charts are up to date"
    return STALE, f"study {study} has the status {status}: whether {doubt} cannot be told"
