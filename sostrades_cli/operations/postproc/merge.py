"""Merge chart sources: take each chart from the most complete source, and drop no chart."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from sostrades_cli.files.file_names import readable_name

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
    """A chart with its number in the list, from 1, and its source."""

    number: int
    chart: Chart
    source: str

    @property
    def lacks_numbers(self) -> bool:
        """Return whether no source had the numbers."""
        return self.chart.figure.lacks_numbers

    @property
    def missing(self) -> str:
        """Return the data that no source had, or an empty text."""
        lacks = [
            "numbers" if self.lacks_numbers else "",
            "section" if self.chart.section is None else "",
        ]
        return ", ".join(filter(None, lacks))

    @property
    def name(self) -> str:
        """Return the title, or a substitute if there is none."""
        return self.chart.title or f"chart {self.number}"

    @property
    def label(self) -> str:
        """Return the full name ``DISCIPLINE/TITLE``."""
        return f"{self.chart.discipline}/{self.name}"

    def file_name(self, suffix: str) -> str:
        """Return a file name from the unique number and the readable title."""
        title = readable_name(self.chart.title)
        return f"{self.number:0{_DIGITS}}{'-' if title else ''}{title}.{suffix}"

    def document(self) -> dict[str, Json]:
        """Return the chart as JSON: ``data`` and ``layout`` from plotly, ``csv_data`` from the server."""
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


def numbered_charts(charts: Iterable[Chart], source: str) -> list[NumberedChart]:
    """Return the charts of a single source, numbered."""
    return [NumberedChart(number, chart, source) for number, chart in enumerate(charts, 1)]


def merged(charts: Sequence[Chart], source: str, page: Sequence[Chart]) -> list[NumberedChart]:
    """Merge the charts of a JSON source, with sections and key charts, into the charts of the page.

    If both sources have a chart, the JSON's chart is taken, with numbers from the page if it lacks them. Other charts
    are kept.
    """
    json_by, page_by = _by_discipline(charts), _by_discipline(page)
    pairs = [
        pair
        # The page has every bundle, so its order comes first.
        for discipline in dict.fromkeys([*page_by, *json_by])
        for pair in _merged(json_by[discipline], source, page_by[discipline])
    ]
    return [NumberedChart(number, chart, origin) for number, (chart, origin) in enumerate(pairs, 1)]


def _by_discipline(charts: Iterable[Chart]) -> defaultdict[str, list[Chart]]:
    groups: defaultdict[str, list[Chart]] = defaultdict(list)
    for chart in charts:
        groups[chart.discipline].append(chart)
    return groups


def _merged(charts: list[Chart], source: str, page: list[Chart]) -> Iterator[tuple[Chart, str]]:
    """Merge the charts of one discipline, in the order of the page.

    The JSON has only the last of several bundles, so charts are matched from the end.
    """
    backward, backward_page = charts[::-1], page[::-1]
    keys, page_keys = ([chart.figure.key for chart in side] for side in (backward, backward_page))
    pairs: list[tuple[Chart, str]] = []
    # Titles repeat and charts may be missing on either side, so align the sequences.
    for tag, first, last, start, end in SequenceMatcher(None, keys, page_keys, autojunk=False).get_opcodes():
        of_json, of_page = backward[first:last], backward_page[start:end]
        if tag == "equal":
            pairs += [_best(chart, source, page_chart) for chart, page_chart in zip(of_json, of_page, strict=True)]
        else:
            pairs += [(chart, source) for chart in of_json] + [(chart, PAGE) for chart in of_page]
    return reversed(pairs)


def _best(chart: Chart, source: str, page: Chart) -> tuple[Chart, str]:
    # Plotly figures with numpy arrays have placeholders in the JSON, but numbers in the page.
    if not chart.figure.lacks_numbers or page.figure.lacks_numbers:
        return chart, source
    return replace(chart, figure=replace(chart.figure, traces=page.figure.traces)), f"{source} + {PAGE}"
