"""Write the page of a comparison, with the same charts of two studies on the same axes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sostrades_cli.files.atomic import atomic
from sostrades_cli.operations.page_template import Link, origin
from sostrades_cli.operations.postproc import offline_page
from sostrades_cli.operations.postproc.page_facts import different_inputs, web_address
from sostrades_cli.plotly_figures.overlay import can_overlay, overlaid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.postproc.diff import ChartPair
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart


def write_page(context: Context, a: GatheredCharts, b: GatheredCharts, pairs: Sequence[ChartPair], file: Path) -> None:
    """Write a page that needs no network. Charts that cannot share axes follow each other."""
    names = (f"{a.name} {a.study}", f"{b.name} {b.study}")
    charts = [replace(chart, number=number) for number, chart in enumerate(_page_charts(pairs, names), 1)]
    facts: list[str | Link] = [
        Link(f"{side}: {name}, {study.status or 'no run'}", web_address(context, study.study))
        for side, name, study in zip("AB", names, (a, b), strict=True)
    ]
    facts += origin(a.time, a.host)
    inputs = different_inputs(context, a, b)
    page = offline_page.ChartPage(
        f"{names[0]} and {names[1]}",
        facts,
        "; ".join(filter(None, (side.note for side in (a, b)))) or None,
        charts,
        () if inputs is None else (inputs,),
    )
    # An interrupted write must not leave half a page.
    with atomic(file, named=True) as target:
        for piece in offline_page.page_chunks(page):
            target.write(piece)


def _page_charts(pairs: Iterable[ChartPair], names: tuple[str, str]) -> Iterator[offline_page.PageChart]:
    for pair in pairs:
        a, b = pair.a, pair.b
        if a is not None and b is not None and can_overlay(a.chart.figure, b.chart.figure):
            yield replace(offline_page.page_chart(a), figure=overlaid(a.chart.figure, b.chart.figure, names))
        else:
            yield from _side_by_side(a, b, names)


def _side_by_side(
    a: NumberedChart | None, b: NumberedChart | None, names: tuple[str, str]
) -> Iterator[offline_page.PageChart]:
    both = a is not None and b is not None
    for side, name in zip((a, b), names, strict=True):
        if side is not None:
            chart = offline_page.page_chart(side)
            yield replace(
                chart,
                title=f"{chart.title} \u00b7 {name}",
                note=chart.note or ("" if both else f"only in {name}"),
            )
