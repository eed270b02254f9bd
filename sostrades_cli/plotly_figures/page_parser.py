"""The charts on the server's own page, whose numbers are whole where its JSON has placeholders."""

from __future__ import annotations

import codecs
import html
import json
import math
import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.protocol import unusable
from sostrades_cli.plotly_figures.chart import Chart
from sostrades_cli.plotly_figures.figure import Figure
from sostrades_cli.plotly_figures.typed_arrays import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sostrades_cli.api.models import Json

_HEADING: Final = "<h3>"
_CALL: Final = "Plotly.newPlot("
_SCRIPT_END: Final = "</script>"
_NEXT: Final = re.compile(f"{re.escape(_HEADING)}|{re.escape(_CALL)}")
_FIRST: Final = re.compile(re.escape(_HEADING))
_BETWEEN: Final = re.compile(r"[\s,]*")
# The page carries a template of plotly's with every figure; it says how charts look, and nothing about them.
_TEMPLATE: Final = "template"


def charts_of_page(chunks: Iterable[bytes]) -> Iterator[Chart]:
    """Read the charts of a page as it comes: a heading per discipline, then plotly's calls with JSON.

    A page tells neither sections nor key charts.

    Raises
    ------
    UnusableAnswer
        The arguments of a chart are not JSON.

    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = ""
    discipline: str | None = None
    for chunk in chunks:
        text += decoder.decode(chunk)
        # The name of the study stands before the first heading and may hold anything.
        while (found := (_NEXT if discipline is not None else _FIRST).search(text)) is not None:
            is_heading = found.group() == _HEADING
            end = text.find("</h3>" if is_heading else _SCRIPT_END, found.end())
            if end < 0:
                # Nothing before it is wanted, and the rest is still to come.
                text = text[found.start() :]
                break
            if is_heading:
                discipline = html.unescape(text[found.end() : end])
            else:
                yield Chart(discipline or "", _figure(text[found.end() : end]))
            text = text[end:]
        else:
            text = text[-len(_CALL) :]


def _figure(arguments: str) -> Figure:
    """Read the second and third argument of plotly's call: traces and layout."""
    decoder = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)
    found: list[Json] = []
    place = 0
    try:
        while len(found) < 3:  # noqa: PLR2004 - the name of the element, traces, layout
            match = _BETWEEN.match(arguments, place)
            value, place = decoder.raw_decode(arguments, match.end() if match else place)
            found.append(value)
    except (ValueError, RecursionError) as error:
        raise unusable("a page with a chart that is not JSON") from error
    _, data, layout = found
    if isinstance(layout, dict):
        layout.pop(_TEMPLATE, None)
    return Figure.from_api(decoded(data), decoded(layout))


def _finite(text: str) -> float | None:
    """Return a number; one beyond any float is none that others could read."""
    number = float(text)
    return number if math.isfinite(number) else None
