"""Merging the sources of charts: each chart from the one that has most of it, and none dropped."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from sostrades_cli.files.atomic import readable_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.plotly_figures.chart import Chart

READ_ONLY: Final = "read-only"
POST_PROCESSING: Final = "json"
PAGE: Final = "page"
_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class NumberedChart:
    """A chart with its number in the list, from 1, and where it came from."""

    number: int
    chart: Chart
    source: str

    @property
    def lacks_numbers(self) -> bool:
        """Tell whether no source had its numbers."""
        return self.chart.figure.lacks_numbers

    @property
    def missing(self) -> str:
        """Say what no source had of it; empty where all is there."""
        lacks = [
            "numbers" if self.lacks_numbers else "",
            "section" if self.chart.section is None else "",
        ]
        return ", ".join(filter(None, lacks))

    @property
    def name(self) -> str:
        """Its title, or what it is called where it has none."""
        return self.chart.title or f"chart {self.number}"

    @property
    def label(self) -> str:
        """Return the full name: ``DISCIPLINE/TITLE``."""
        return f"{self.chart.discipline}/{self.name}"

    def file_name(self, suffix: str) -> str:
        """Return the name of a file for it: its number tells it from the others, its title people."""
        title = readable_name(self.chart.title)
        return f"{self.number:0{_DIGITS}}{'-' if title else ''}{title}.{suffix}"

    def document(self) -> dict[str, Json]:
        """Return the chart as JSON: ``data`` and ``layout`` are plotly's, ``csv_data`` the server's."""
        chart = self.chart
        return {
            "discipline": chart.discipline,
            "title": chart.title,
            "section": chart.section,
            "key": chart.is_key,
            "source": self.source,
            "missing": self.missing,
            "data": chart.figure.traces,
            "layout": chart.figure.layout,
            "csv_data": list(chart.csv) or None,
        }


def alone(charts: Iterable[Chart], source: str) -> list[NumberedChart]:
    """Return the charts of the only source, numbered."""
    return [NumberedChart(number, chart, source) for number, chart in enumerate(charts, 1)]


def merged(charts: Sequence[Chart], source: str, page: Sequence[Chart]) -> list[NumberedChart]:
    """Merge what a JSON source told, with sections and key charts, into the charts of the page.

    A chart that both have is the JSON's, but for numbers that it lacks; one that only one of them has is kept.
    """
    told_by, page_by = _by_discipline(charts), _by_discipline(page)
    pairs = [
        pair
        for discipline in dict.fromkeys([*page_by, *told_by])
        for pair in _merged(told_by[discipline], source, page_by[discipline])
    ]
    return [NumberedChart(number, chart, where) for number, (chart, where) in enumerate(pairs, 1)]


def _by_discipline(charts: Iterable[Chart]) -> defaultdict[str, list[Chart]]:
    found: defaultdict[str, list[Chart]] = defaultdict(list)
    for chart in charts:
        found[chart.discipline].append(chart)
    return found


def _merged(charts: list[Chart], source: str, page: list[Chart]) -> Iterator[tuple[Chart, str]]:
    """Merge the charts of one discipline, in the order of the page.

    Of several bundles the JSON has the last, so charts that look the same are told apart from the end.
    """
    backward, backward_page = charts[::-1], page[::-1]
    keys, page_keys = ([one.figure.key for one in side] for side in (backward, backward_page))
    found: list[tuple[Chart, str]] = []
    for tag, first, last, start, end in SequenceMatcher(None, keys, page_keys, autojunk=False).get_opcodes():
        of_told, of_page = backward[first:last], backward_page[start:end]
        if tag == "equal":
            found += [_best(one, source, other) for one, other in zip(of_told, of_page, strict=True)]
        else:
            found += [(one, source) for one in of_told] + [(one, PAGE) for one in of_page]
    return reversed(found)


def _best(chart: Chart, source: str, page: Chart) -> tuple[Chart, str]:
    if not chart.figure.lacks_numbers or page.figure.lacks_numbers:
        return chart, source
    return replace(chart, figure=replace(chart.figure, traces=page.figure.traces)), f"{source} + {PAGE}"
