"""Choosing charts by what people type: a number of the list, a title, a part of one, a glob."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import AmbiguousName, NotFound
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart

SHOWN: Final = 5


def find(gathered: GatheredCharts, requested: str) -> NumberedChart:
    """Return the one chart that a number, a title, or a unique part of a title stands for.

    ``DISCIPLINE/TITLE`` stands for a title too, since several disciplines may have the same.

    Raises
    ------
    NotFound
        Nothing fits.
    UsageError
        More than one fits.

    """
    charts, study = gathered.charts, gathered.study
    if requested.isdecimal() and 0 < int(requested) <= len(charts):
        return charts[int(requested) - 1]
    for fits in (_is_called, _is_called_about, _holds) if requested else ():
        found = [one for one in charts if fits(one, requested)]
        if len(found) == 1:
            return found[0]
        if found:
            shown = "; ".join(f"{one.number} {one.label}" for one in found[:SHOWN])
            raise AmbiguousName(
                f"{requested} stands for {len(found)} charts: {shown}{' ...' if len(found) > SHOWN else ''}",
                hint="give the number, or more of the title",
                study=study,
            )
    close = closest(requested, [one.chart.title for one in charts], 3, alike=0.5)
    raise NotFound(
        f"no chart {requested} in study {study}" if charts else f"study {study} has no charts",
        detail=f"closest: {', '.join(close)}" if close else None,
        hint=f"sostrades postproc list {study}" if charts else f"sostrades calc status {study}",
        study=study,
    )


def fitting(charts: Sequence[NumberedChart], match: str | None) -> list[NumberedChart]:
    """Return the charts whose title, or ``DISCIPLINE/TITLE``, fits a glob, or holds this text where it is none.

    Capitals do not matter.
    """
    if match is None:
        return list(charts)
    return [one for one in charts if _fits(one, match)]


def some(gathered: GatheredCharts, match: str | None) -> list[NumberedChart]:
    """Return the charts that fit.

    Raises
    ------
    NotFound
        None does, or there is none at all.

    """
    if not gathered.charts:
        raise NotFound(
            f"study {gathered.study} has no charts",
            detail=gathered.remark,
            hint=f"sostrades calc status {gathered.study}",
            study=gathered.study,
        )
    found = fitting(gathered.charts, match)
    if not found:
        raise NotFound(
            f"no chart of study {gathered.study} fits {match}",
            hint=f"sostrades postproc list {gathered.study}",
            study=gathered.study,
        )
    return found


def _is_called(numbered: NumberedChart, requested: str) -> bool:
    return requested in (numbered.chart.title, numbered.label)


def _is_called_about(numbered: NumberedChart, requested: str) -> bool:
    return requested.casefold() in (numbered.chart.title.casefold(), numbered.label.casefold())


def _holds(numbered: NumberedChart, requested: str) -> bool:
    return requested.casefold() in numbered.label.casefold()


def _fits(numbered: NumberedChart, match: str) -> bool:
    return bool(name_lookup.fitting([numbered.chart.title.casefold(), numbered.label.casefold()], match.casefold()))
