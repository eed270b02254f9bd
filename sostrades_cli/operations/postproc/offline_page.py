"""Make pages of charts: single files that need no network. A chart is drawn when it scrolls into view."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.operations.page_template import (
    Link,
    PageHead,
    asset,
    beginning,
    html_text,
    origin,
    script_json,
    search_box,
)
from sostrades_cli.operations.postproc import plotly_assets
from sostrades_cli.plotly_figures.repeated_lists import repeated, with_places
from sostrades_cli.plotly_figures.self_contained import self_contained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart
    from sostrades_cli.plotly_figures.figure import Figure, Series

# With more charts than this, the table of contents starts collapsed.
_FEW: Final = 60
_MOST_OPEN_ROWS: Final = 8
# Heights in pixels: a plot, the space around the rows of a table, a row, and the highest table.
_PLOT, _AROUND_ROWS, _ROW, _HIGHEST = 390, 110, 30, 3000
# The legend is below the plot, so many series need more room.
_FEW_SERIES, _LEGEND_ROW, _IN_LEGEND_ROW, _HIGHEST_LEGEND = 6, 20, 3, 400
_OTHERS: Final = "Other charts"
# For these chart types, plotly compiles GPU code, which needs eval. No text of the server gets into this code.
_OF_GPU: Final = frozenset(
    [
        "cone",
        "heatmapgl",
        "isosurface",
        "mesh3d",
        "parcoords",
        "scatter3d",
        "scattergl",
        "scatterpolargl",
        "splom",
        "streamtube",
        "surface",
        "volume",
    ]
)


@dataclass(frozen=True, slots=True)
class PageChart:
    """A chart on a page. ``note`` lists missing data. A wide chart fills the width of the page."""

    number: int
    title: str
    discipline: str
    section: str
    is_key: bool
    figure: Figure
    note: str = ""
    is_wide: bool = False


class PageTable(NamedTuple):
    """A table above the charts: its title, the names of its columns, and its rows.

    The columns after the first ``texts`` are numbers. By default, all are texts.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int | None = None


class LongTable(NamedTuple):
    """A table of many rows that can be sorted and searched. Its cells are numbers, texts or ``None``."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Json]]


@dataclass(frozen=True, slots=True)
class ChartPage:
    """A page: heading, facts below it, a prominent note, charts, and remarks and tables above them.

    ``columns`` are lists that several charts share: ``{"sharedColumn": 2}`` in a figure stands for the third list.
    """

    heading: str
    facts: Sequence[str | Link]
    note: str | None
    charts: Sequence[PageChart]
    tables: Sequence[PageTable] = ()
    remarks: Sequence[str] = ()
    long_table: LongTable | None = None
    columns: Sequence[Sequence[Json]] = ()


def page_of(
    gathered: GatheredCharts, charts: Iterable[NumberedChart], url: str | None, inputs: PageTable | None
) -> ChartPage:
    """Return the page of some charts of a study. ``url`` is the address of its page on the server."""
    facts: list[str | Link] = [
        Link(f"study {gathered.study}", url),
        gathered.status or "no run yet",
        *origin(gathered.time, gathered.host),
    ]
    failure = gathered.failure
    note = "; ".join(filter(None, [gathered.note, failure.message if failure else None])) or None
    heading, tables = gathered.name or f"study {gathered.study}", () if inputs is None else (inputs,)
    return ChartPage(heading, facts, note, list(map(page_chart, charts)), tables)


def page_chart(numbered: NumberedChart) -> PageChart:
    """Return a chart prepared for a page."""
    chart = numbered.chart
    lacks = f"missing: {numbered.missing}" if numbered.lacks_numbers else ""
    section, is_key = chart.section or "", bool(chart.is_key)
    return PageChart(numbered.number, numbered.name, chart.discipline, section, is_key, chart.figure, note=lacks)


def page_chunks(page: ChartPage, library: str | None = None) -> Iterator[bytes]:
    """Yield the page in chunks, chart by chart.

    Texts of the server are escaped, and the page's policy allows only its own two scripts. The plotly library is
    inline, or the file ``library`` beside the page. A page with one chart has no contents and no search.
    """
    # A new nonce per page, so that no text of the server can contain it.
    nonce = secrets.token_urlsafe(18)
    groups = _grouped(page.charts)
    lists = repeated(chart.figure.traces for chart in page.charts)
    places = {id(items): len(page.columns) + number for number, items in enumerate(lists)}
    several = len(page.charts) != 1
    yield _head(page, nonce, search=several).encode()
    if several:
        contents = "".join(_contents(groups, len(page.charts)))
        contents = f'<details id="contents" open><summary>Contents</summary>{contents}</details>'
        yield f'<div class="sheet"><nav aria-label="Contents">{contents}</nav>'.encode()
    yield b"<main>"
    yield from (f'<p class="remark">{html_text(remark)}</p>'.encode() for remark in page.remarks)
    yield from (_table(table).encode() for table in page.tables)
    yield from _long_table(page.long_table)
    yield from _sections(groups, places)
    nothing = "No chart fits." if page.charts else "There are no charts."
    yield f'<p class="nothing" id="nothing"{" hidden" if page.charts else ""}>{nothing}</p></main>'.encode()
    # One template for all charts, instead of a copy in each.
    yield (b"</div>" if several else b"") + _template().encode()
    if page.columns or lists:
        columns = script_json([*page.columns, *lists])
        yield f'<script type="application/json" id="columns">{columns}</script>\n'.encode()
    yield from _scripts(page, nonce, library)


def _sections(groups: dict[str, dict[str, list[PageChart]]], places: Mapping[int, int]) -> Iterator[bytes]:
    for discipline, sections in groups.items():
        yield f"<section data-group><h2>{html_text(discipline)}</h2><div class='sections'>".encode()
        for section, charts in sections.items():
            wide = ' class="wide"' if len(charts) > 1 or any(chart.is_wide for chart in charts) else ""
            yield f'<details open data-group{wide}><summary>{html_text(section)}</summary><div class="charts">'.encode()
            # Yield chart by chart, because all charts together can be large.
            yield from (_figure(chart, places).encode() for chart in charts)
            yield b"</div></details>"
        yield b"</div></section>"


def _scripts(page: ChartPage, nonce: str, library: str | None) -> Iterator[bytes]:
    inline = library is None
    yield f"<script nonce={nonce}{'' if inline else f' src={html_text(str(library))}'}>".encode()
    yield plotly_assets.library().encode() if inline else b""
    yield b"</script>\n"
    own = asset("search.js") + asset("point_names.js") + asset("charts.js")
    for script in [own, *([asset("long_table.js")] if page.long_table is not None else [])]:
        yield f"<script nonce={nonce}>{script}</script>\n".encode()
    yield b"</body></html>\n"


@cache
def _template() -> str:
    return (
        f'<script type="application/json" id="template">{script_json(json.loads(plotly_assets.template()))}</script>\n'
    )


def _grouped(charts: Iterable[PageChart]) -> dict[str, dict[str, list[PageChart]]]:
    """Group charts by discipline and section. Key charts and their sections come first."""
    groups: defaultdict[str, defaultdict[str, list[PageChart]]] = defaultdict(lambda: defaultdict(list))
    for chart in sorted(charts, key=lambda chart: not chart.is_key):
        groups[chart.discipline][chart.section or _OTHERS].append(chart)
    order = list(dict.fromkeys(chart.discipline for chart in charts))
    return {discipline: dict(groups[discipline]) for discipline in order}


def _head(page: ChartPage, nonce: str, *, search: bool) -> str:
    needs_eval = any(trace.get("type") in _OF_GPU for chart in page.charts for trace in chart.figure.traces)
    keys_only = '<label><input type="checkbox" id="keys"> key charts only</label>'
    return beginning(
        PageHead(page.heading, page.facts, page.note),
        nonce,
        asset("charts.css"),
        search_box("Search the charts", keys_only) if search else "",
        needs_eval=needs_eval,
        body_class="" if search else "single",
    )


def _table(table: PageTable) -> str:
    if not table.rows:
        return f'<p class="inputs">{html_text(table.title)}</p>'
    texts = len(table.columns) if table.texts is None else table.texts
    looks = ["" if column < texts else ' class="number"' for column in range(len(table.columns))]
    head, *rows = (
        "".join(f"<{tag}{look}>{html_text(cell)}</{tag}>" for look, cell in zip(looks, row, strict=True))
        for tag, row in (("th", table.columns), *(("td", row) for row in table.rows))
    )
    lines = "".join(f"<tr>{row}</tr>" for row in rows)
    is_open = " open" if len(table.rows) <= _MOST_OPEN_ROWS else ""
    return (
        f'<details class="inputs"{is_open}><summary>{html_text(table.title)}</summary><div class="scroll">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div></details>"
    )


def _long_table(table: LongTable | None) -> Iterator[bytes]:
    """Yield a table as JSON. The page fills the table when it is opened, because thousands of rows take time."""
    if table is None:
        return
    yield (
        f'<details class="inputs" id="long"><summary>{html_text(table.title)}</summary>'
        '<div class="find"><input type="search" placeholder="search the cases" aria-label="Search the cases">'
        '<span class="count"></span></div><div class="scroll"><table><thead></thead><tbody></tbody></table></div>'
        '<button type="button" hidden>more rows</button><script type="application/json">'
    ).encode()
    yield script_json({"columns": table.columns, "rows": table.rows}).encode()
    yield b"</script></details>"


def _contents(groups: dict[str, dict[str, list[PageChart]]], count: int) -> Iterator[str]:
    is_open = " open" if count <= _FEW else ""
    for discipline, sections in groups.items():
        total = sum(map(len, sections.values()))
        yield f"<details data-group{is_open}><summary>{html_text(discipline)} ({total})</summary>"
        for section, charts in sections.items():
            yield f"<div data-group><h3>{html_text(section)}</h3>"
            yield from (
                f'<a href="#c{chart.number}" title="{html_text(chart.title)}">{html_text(chart.title)}</a>'
                for chart in charts
            )
            yield "</div>"
        yield "</details>\n"


def _figure(chart: PageChart, places: Mapping[int, int]) -> str:
    figure, lost = self_contained(chart.figure)
    drawn = script_json({"data": with_places(figure.traces, places), "layout": figure.layout})
    series = chart.figure.series()
    # For the search. Charts with hundreds of series would make the page slow.
    names = [item.name for item in series[:20]]
    axes = [chart.figure.axis(name).title for name in ("xaxis", "yaxis", "yaxis2")]
    text = " ".join([chart.title, chart.discipline, chart.section, chart.figure.kind, *axes, *names]).lower()
    lacks = "; ".join(filter(None, [chart.note, lost]))
    looks = f"{' key' if chart.is_key else ''}{' wide' if chart.is_wide else ''}"
    return (
        f'<figure class="chart{looks}" id="c{chart.number}" data-text="{html_text(text)}">'
        f'<figcaption><span class="number">{chart.number}</span><span class="what">{html_text(chart.title)}</span>'
        f'<span class="lacks">{html_text(lacks)}</span></figcaption>'
        f'<div class="plot" style="height: {_height(series)}px"></div>'
        f'<script type="application/json">{drawn}</script></figure>\n'
    )


def _height(series: Sequence[Series]) -> int:
    """Return the height of a chart in pixels. A table shows all its rows, up to a limit."""
    tables = [item.points for item in series if item.kind == "table"]
    if tables and len(tables) == len(series):
        return min(_AROUND_ROWS + _ROW * max(tables), _HIGHEST)
    in_legend = _LEGEND_ROW * max(0, (len(series) - _FEW_SERIES) // _IN_LEGEND_ROW)
    return _PLOT + min(in_legend, _HIGHEST_LEGEND)
