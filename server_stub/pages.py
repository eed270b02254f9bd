"""The HTML page of all charts, built like plotly and the server build it."""

import html
import json
import uuid
from collections.abc import Mapping, Sequence

from server_stub.model import Charts
from server_stub.study import Study
from server_stub.values import Json, encode

_CDN = "https://cdn.plot.ly/plotly-2.35.0.min.js"
_NAMES = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_KINDS = (
    "bar",
    "barpolar",
    "carpet",
    "choropleth",
    "contour",
    "contourcarpet",
    "heatmap",
    "heatmapgl",
    "histogram",
    "histogram2d",
    "histogram2dcontour",
    "mesh3d",
    "parcoords",
    "pie",
    "scatter",
    "scatter3d",
    "scattercarpet",
    "scattergeo",
    "scattergl",
    "scattermapbox",
    "scatterpolar",
    "scatterpolargl",
    "scatterternary",
    "surface",
    "table",
)
_COLOURS = ("#0d0887", "#46039f", "#7201a8", "#9c179e", "#bd3786", "#d8576b", "#ed7953", "#fdca26")


def page(study: Study, charts: Charts) -> str:
    """Return the page of a study with the charts of every bundle."""
    figures = {
        study.full(node): [chart for bundle in bundles for chart in bundle.charts] for node, bundles in charts.items()
    }
    return whole_page(study.name, study.id, figures)


def whole_page(name: str, number: int, figures: Mapping[str, Sequence[Json]]) -> str:
    """Return a page: a heading, then a box of graphs per discipline."""
    title = html.escape(f"{name} (id: {number})")
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n<title>Post-processings</title>\n</head>',
        f"<body>\n<h1>Study case {title}</h1>",
    ]
    for discipline, drawn in figures.items():
        if drawn:
            graphs = "\n".join(_graph(f"{number}/{discipline}/{index}", chart) for index, chart in enumerate(drawn))
            head = html.escape(discipline)
            parts.append(f'<h3>{head}</h3>\n<div style="display: flex; flex-wrap: wrap;">\n{graphs}\n</div>')
    return "\n".join([*parts, "</body>\n</html>\n"])


def _graph(key: str, chart: Json) -> str:
    """Return the HTML that plotly writes for a figure."""
    name = str(uuid.uuid5(_NAMES, key))
    layout = {**chart["layout"], "template": template()}
    arguments = ",  ".join(_script_json(part) for part in (name, _exact(chart["data"]), layout, {"responsive": True}))
    return (
        '<div>                        <script type="text/javascript">'
        "window.PlotlyConfig = {MathJaxConfig: 'local'};</script>\n"
        f'        <script charset="utf-8" src="{_CDN}"></script>                '
        f'<div id="{name}" class="plotly-graph-div" style="height:450px; width:600px;"></div>            '
        '<script type="text/javascript">                                    window.PLOTLYENV=window.PLOTLYENV || {};'
        f'                                    if (document.getElementById("{name}")) {{'
        f"                    Plotly.newPlot(                        {arguments}                    )"
        "                };"
        "                            </script>        </div>"
    )


def _exact(traces: Json) -> Json:
    """Return the numbers. The JSON route has placeholders in their place."""
    return encode(traces, placeholders=False)


def _script_json(value: Json) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("/", "\\u002f")


def template() -> Json:
    """Return a template of the usual size. Every figure contains 7 kB of template."""
    scale = [[index / 7, colour] for index, colour in enumerate(_COLOURS)]
    marker = {"line": {"color": "#E5ECF6", "width": 0.5}, "pattern": {"fillmode": "overlay", "size": 10}}
    bar = {"outlinewidth": 0, "ticks": ""}
    axis = {"gridcolor": "white", "linecolor": "white", "ticks": "", "title": {"standoff": 15}}
    data = {kind: [{"type": kind, "marker": marker, "colorbar": bar} | _scale(kind, scale)] for kind in _KINDS}
    return {
        "data": data,
        "layout": {
            "autotypenumbers": "strict",
            "colorway": list(_COLOURS),
            "colorscale": {"sequential": scale, "sequentialminus": scale, "diverging": scale},
            "font": {"color": "#2a3f5f"},
            "paper_bgcolor": "white",
            "plot_bgcolor": "#E5ECF6",
            "xaxis": axis,
            "yaxis": axis,
        },
    }


def _scale(kind: str, scale: Json) -> Json:
    return {"colorscale": scale} if kind in ("contour", "heatmap", "histogram2d", "surface") else {}
