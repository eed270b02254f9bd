"""Charts as post-processing gives them: plotly figures with a few fields of the server's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import json_kind, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sostrades_cli.api.models import Json

_TAGS: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a discipline; ``title`` is without its HTML tags, empty where it has none."""

    discipline: str
    title: str
    payload: dict[str, Json]


def charts_from_api(payload: Mapping[str, Json]) -> list[Chart]:
    """Read the answer of post-processing, in the server's order.

    Raises
    ------
    UnusableAnswer
        A discipline has no list of charts.

    """
    return list(_charts(payload))


def _charts(payload: Mapping[str, Json]) -> Iterator[Chart]:
    for discipline, drawn in payload.items():
        if not isinstance(drawn, list):
            raise unusable(f"charts that are a JSON {json_kind(drawn)}")
        for chart in drawn:
            if isinstance(chart, dict):
                yield Chart(discipline, _title(chart), chart)


def _title(chart: Mapping[str, Json]) -> str:
    layout = chart.get("layout")
    title = layout.get("title") if isinstance(layout, dict) else None
    text = title.get("text") if isinstance(title, dict) else title
    return _TAGS.sub("", text).strip() if isinstance(text, str) else ""
