"""Select charts by number, title, part of a title, or glob."""

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
    """Return the chart with this number, title, or unique part of a title.

    ``DISCIPLINE/TITLE`` is also a title, because several disciplines may have the same titles.

    Raises
    ------
    NotFound
        No chart matches.
    UsageError
        Several charts match.

    """
    charts, study = gathered.charts, gathered.study
    # A title may be a number, too, so larger numbers are searched as titles.
    if requested.isdecimal() and 0 < int(requested) <= len(charts):
        return charts[int(requested) - 1]
    # From strict to loose, so that an exact title wins over titles that contain it.
    for fits in (_has_title, _has_title_ignoring_case, _contains) if requested else ():
        matching = [numbered for numbered in charts if fits(numbered, requested)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            shown = "; ".join(f"{numbered.number} {numbered.label}" for numbered in matching[:SHOWN])
            raise AmbiguousName(
                f"{requested} matches {len(matching)} charts: {shown}{' ...' if len(matching) > SHOWN else ''}",
                hint="give the number of the chart, or more of its title",
                study=study,
            )
    raise NotFound(
        f"there is no chart {requested} in study {study}" if charts else f"study {study} has no charts",
        detail=_suggestion(requested, charts),
        hint=f"sostrades postproc list {study}" if charts else f"sostrades calc status {study}",
        study=study,
    )


def _suggestion(requested: str, charts: Sequence[NumberedChart]) -> str | None:
    """Return the charts with a similar title or a similar word in it, or else the first charts of the study."""
    titles = [numbered.chart.title for numbered in charts]
    words = {word: title for title in reversed(titles) for word in title.split()}
    close = closest(requested, titles, 3, alike=0.5) or [words[word] for word in closest(requested, words, 3)]
    if close:
        return f"did you mean {' or '.join(dict.fromkeys(close))}?"
    shown = "; ".join(f"{numbered.number} {numbered.label}" for numbered in charts[:SHOWN])
    return f"its charts: {shown}{' ...' if len(charts) > SHOWN else ''}" if shown else None


def matching_charts(charts: Sequence[NumberedChart], match: str | None) -> list[NumberedChart]:
    """Return the charts whose title, or ``DISCIPLINE/TITLE``, matches a glob or contains a text, ignoring case."""
    if match is None:
        return list(charts)
    return [numbered for numbered in charts if _fits(numbered, match)]


def require_matching(gathered: GatheredCharts, match: str | None) -> list[NumberedChart]:
    """Return the matching charts.

    Raises
    ------
    NotFound
        There is no matching chart, or no chart at all.

    """
    if not gathered.charts:
        raise NotFound(
            f"study {gathered.study} has no charts",
            detail=gathered.note,
            hint=f"sostrades calc status {gathered.study}",
            study=gathered.study,
        )
    matching = matching_charts(gathered.charts, match)
    if not matching:
        raise NotFound(
            f"no chart of study {gathered.study} matches {match}",
            hint=f"sostrades postproc list {gathered.study}",
            study=gathered.study,
        )
    return matching


def _has_title(numbered: NumberedChart, requested: str) -> bool:
    return requested in (numbered.chart.title, numbered.label)


def _has_title_ignoring_case(numbered: NumberedChart, requested: str) -> bool:
    return requested.casefold() in (numbered.chart.title.casefold(), numbered.label.casefold())


def _contains(numbered: NumberedChart, requested: str) -> bool:
    return requested.casefold() in numbered.label.casefold()


def _fits(numbered: NumberedChart, match: str) -> bool:
    return bool(name_lookup.matching_names([numbered.chart.title, numbered.label], match))
