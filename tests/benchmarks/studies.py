"""The studies that are measured: their loads, tables and charts, as files that the canned server passes on."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import TYPE_CHECKING, Final

from server_stub.pages import whole_page
from tests.benchmarks.canned import CHARTS, LOAD, MANNERS, PAGE, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB: Final = 1 << 20
YEARS: Final = range(2020, 2101)
# Of the full WITNESS: 2,241 parameters, 1,407 charts.
FULL, FULL_CHARTS = 2_241, 1_407


def make_study(
    folder: Path,
    study: int,
    *,
    parameters: int = 100,
    tables: int = 0,
    table_bytes: int = 0,
    charts: int = 0,
    download_s: float = 0.0,
    status: str = "FINISHED",
) -> None:
    """Write a study: so many parameters, the first ``tables`` of them tables, each of the size that is asked."""
    position = folder / str(study)
    position.mkdir(parents=True)
    (position / LOAD).write_text(json.dumps(dict(islice(_parameters(tables), parameters))))
    (position / MANNERS).write_text(json.dumps({"status": status, "download_s": download_s}))
    write_table(position / TABLE, table_bytes)
    drawn = {f"canned.Node {node}": _charts(charts, node) for node in range(min(85, charts))}
    (position / CHARTS).write_text(json.dumps(drawn))
    (position / PAGE).write_text(whole_page("canned", study, drawn))


def write_table(path: Path, size: int, *, factor: float = 1.0) -> None:
    """Write a table of three columns that is at least so many bytes long; ``factor`` makes it another one.

    Its numbers are written as the server writes them.
    """
    amounts = [(round(5 + factor * math.sin(year), 9), round(factor * 1e6 / (1 + year), 6)) for year in range(20_000)]
    block = "".join(f"{year},{amount!r},{rest!r}\n" for year, (amount, rest) in enumerate(amounts)).encode()
    with path.open("wb") as file:
        file.write(b"years,amount,rest\n")
        file.write(block[: block.index(b"\n", min(len(block) - 1, 81 * 25)) + 1] if size < len(block) else block)
        while file.tell() < size:
            file.write(block)


def _parameters(tables: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield parameters without end: tables first, then one of each type in turn."""
    number = 0
    kinds = ("float", "int", "string", "bool", "list", "dict")
    while True:
        kind = "dataframe" if number < tables else kinds[number % len(kinds)]
        values: dict[str, object] = {
            "dataframe": "://dataframe",
            "float": round(math.sin(number) * 100, 6),
            "int": number % 97,
            "string": f"choice {number % 7}",
            "bool": number % 2 == 0,
            "list": [float(item) for item in range(number % 6)],
            "dict": {f"key {item}": round(math.cos(number + item), 6) for item in range(1 + number % 4)},
        }
        name = f"{kind}_{number}"
        fields = {"type": kind, "unit": "Mt", "var_name": name, "value": values[kind], "optional": False}
        yield f"canned.Node {number % 85}.{name}", fields
        number += 1


def _charts(count: int, node: int) -> list[dict[str, object]]:
    """Return the charts of one discipline out of 85, as long in JSON as those of a full study."""
    return [_chart(number) for number in range(node, count, 85)]


def _chart(number: int) -> dict[str, object]:
    x = list(YEARS)
    series = {f"share {part}": [round(math.sin(number + part + year), 5) for year in YEARS] for part in range(5)}
    traces = [{"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y} for name, y in series.items()]
    lines = [f"{year}," + ",".join(str(y[row]) for y in series.values()) for row, year in enumerate(YEARS)]
    axes = {"xaxis": {"title": {"text": "years"}}, "yaxis": {"title": {"text": "amount [Mt]"}}}
    return {
        "data": traces,
        "layout": {"title": {"text": f"<b>chart {number}</b>"}, **axes},
        "csv_data": [",".join(f"{name} years,{name} amount" for name in series), *lines],
        "logo_notofficial": False,
        "logo_official": False,
        "logo_work_in_progress": False,
        "post_processing_section_name": f"Section {number % 9}",
        "post_processing_section_is_opened": False,
        "post_processing_is_key_chart": number % 4 == 0,
        "is_pareto_trade_chart": False,
    }
