"""Parse the charts of the server's HTML page, which has numbers where the server's JSON has placeholders."""

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
from sostrades_cli.plotly_figures.repeated_lists import KeptLists
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
# Every figure on the page contains a template of plotly, which only describes styles.
_TEMPLATE: Final = "template"


def charts_of_page(chunks: Iterable[bytes]) -> Iterator[Chart]:
    """Parse the charts of a page as it arrives: a heading per discipline, then calls of plotly with JSON.

    A page contains neither sections nor key charts.

    Raises
    ------
    UnusableAnswer
        The arguments of a chart are not JSON.

    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text, lists = "", KeptLists()
    discipline: str | None = None
    for chunk in chunks:
        text += decoder.decode(chunk)
        # Calls count only after the first heading, because the study's name above it may contain any text.
        while (match := (_NEXT if discipline is not None else _FIRST).search(text)) is not None:
            is_heading = match.group() == _HEADING
            end = text.find("</h3>" if is_heading else _SCRIPT_END, match.end())
            if end < 0:
                # The text before the match is not needed, and its end is in a later chunk.
                text = text[match.start() :]
                break
            if is_heading:
                discipline = html.unescape(text[match.end() : end])
            else:
                yield Chart(discipline or "", _figure(text[match.end() : end], lists))
            text = text[end:]
        else:
            # A marker may be split between this chunk and the next.
            text = text[-len(_CALL) :]


def _figure(arguments: str, lists: KeptLists) -> Figure:
    """Parse the second and third argument of plotly's call: traces and layout."""
    decoder = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)
    values: list[Json] = []
    position = 0
    try:
        while len(values) < 3:  # noqa: PLR2004 - the name of the element, traces, layout
            match = _BETWEEN.match(arguments, position)
            value, position = decoder.raw_decode(arguments, match.end() if match else position)
            values.append(value)
    except (ValueError, RecursionError) as error:
        raise unusable("a page with a chart that is not JSON") from error
    _, data, layout = values
    if isinstance(layout, dict):
        layout.pop(_TEMPLATE, None)
    return Figure.from_api(lists.once(decoded(data)), lists.once(decoded(layout)))


def _finite(text: str) -> float | None:
    """Return a number, or ``None`` beyond the range of a float, because JSON cannot contain infinity."""
    number = float(text)
    return number if math.isfinite(number) else None
