"""Test the text of the offline page: its policy, its escaping, and the order of its charts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from sostrades_cli.operations.page_template import Link
from sostrades_cli.operations.postproc.offline_page import ChartPage, PageChart, PageTable, page_chunks
from sostrades_cli.plotly_figures.figure import Figure

HOSTILE = "<script>alert(1)</script>"
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


def shown(number: int, title: str = "t", *, section: str = "", is_key: bool = False, **trace: Any) -> PageChart:
    """Return a chart of one trace."""
    figure = Figure([{"x": [1], "y": [2], **trace}], {"title": {"text": title}})
    return PageChart(number, title, "D", section, is_key, figure)


def page(*charts: PageChart, heading: str = "h", facts: tuple[str, ...] = ("f",), note: str | None = None) -> str:
    """Return a page as text."""
    return b"".join(page_chunks(ChartPage(heading, facts, note, charts))).decode()


def policy(text: str) -> dict[str, str]:
    """Return the policy of a page by directive."""
    [result] = POLICY.findall(text)
    return dict(part.strip().split(" ", 1) for part in result.split(";"))


def test_only_scripts_of_the_page_may_run() -> None:
    """The policy has one nonce, which differs on every page."""
    pages = [page(shown(1), shown(2)) for _ in range(2)]
    nonces = [re.findall(r"nonce-([\w-]{20,})'", policy(text)["script-src"]) for text in pages]
    assert [len(nonce) for nonce in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    assert policy(pages[0])["script-src"] == f"'nonce-{nonces[0][0]}'"
    assert policy(pages[0])["default-src"] == "'none'"
    assert pages[0].count(f"<script nonce={nonces[0][0]}>") == pages[0].count("<script nonce") == 2


@pytest.mark.parametrize(("kind", "evaluates"), [("scatter", False), ("parcoords", True), ("scattergl", True)])
def test_eval_is_allowed_only_for_kinds_that_need_it(kind: str, evaluates: bool) -> None:
    """Plotly compiles code for a few kinds."""
    assert ("'unsafe-eval'" in policy(page(shown(1), shown(2, type=kind)))["script-src"]) is evaluates


def test_all_texts_are_escaped() -> None:
    item = shown(1, HOSTILE, section=HOSTILE, name=HOSTILE)
    text = page(item, shown(2), heading=HOSTILE, facts=(HOSTILE, "\x1b[31m"), note=HOSTILE)
    assert HOSTILE not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 7
    assert "\x1b" not in text


def test_key_charts_and_their_sections_come_first() -> None:
    charts = [shown(1, section="a"), shown(2, section="b"), shown(3, section="b", is_key=True), shown(4, section="a")]
    text = page(*charts)
    assert re.findall(r'id="c(\d)"', text) == ["3", "2", "1", "4"]
    assert re.findall(r"<a href=\"#c(\d)\"", text) == ["3", "2", "1", "4"]


def test_long_table_is_high_enough() -> None:
    rows: dict[str, Any] = {"type": "table", "header": {"values": ["a"]}, "cells": {"values": [list(range(60))]}}
    heights = [int(item) for item in re.findall(r"height: (\d+)px", page(shown(1), shown(2, **rows)))]
    assert heights[0] == 390
    assert heights[1] > 60 * 20


def test_cell_without_a_value_is_blank() -> None:
    """Plotly would write null."""
    rows: dict[str, Any] = {"type": "table", "header": {"values": ["a"]}, "cells": {"values": [[1, None]]}}
    data = [
        json.loads(text)
        for text in re.findall(r'<script type="application/json">(.*?)</script>', page(shown(1, **rows)))
    ]
    assert data[0]["data"][0]["cells"]["values"] == [[1, ""]]


def test_list_that_charts_repeat_is_written_once() -> None:
    years = list(range(2020, 2060))
    text = page(*(shown(number, x=years, y=[number]) for number in range(1, 4)))
    assert text.count(json.dumps(years, separators=(",", ":"))) == 1
    assert text.count('"x":{"sharedColumn":0}') == 3


def test_page_of_one_chart_has_no_contents() -> None:
    text = b"".join(page_chunks(ChartPage("h", ["f"], None, [shown(1)]), "plotly.min.js")).decode()
    assert ("<nav" in text, 'id="search"' in text) == (False, False)
    assert re.findall(r"<script nonce=\S+ src=([^>]+)>", text) == ["plotly.min.js"]


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "study/21", "file:///etc/passwd"])
def test_only_web_addresses_are_linked(url: str | None) -> None:
    facts = (Link("study 21", url),)
    text = b"".join(page_chunks(ChartPage("h", facts, None, [shown(1)]), "plotly.min.js")).decode()
    assert ("<a href" in text, "study 21" in text) == (False, True)


def test_link_is_escaped() -> None:
    text = b"".join(
        page_chunks(ChartPage("h", [Link("s", 'https://gui.example/"><script>')], None, [shown(1)]))
    ).decode()
    assert '<a href="https://gui.example/&quot;&gt;&lt;script&gt;"' in text


def test_table_of_inputs_is_above_the_charts() -> None:
    table = PageTable("Inputs: 1 of 2", ["input", "value"], [(HOSTILE, "1")])
    text = b"".join(page_chunks(ChartPage("h", [], None, [shown(1)], [table]))).decode()
    assert HOSTILE not in text
    assert "<td>1</td>" in text
    assert text.index("Inputs: 1 of 2") < text.index("<figure")


def test_table_without_rows_is_a_sentence() -> None:
    text = b"".join(
        page_chunks(ChartPage("h", [], None, [shown(1)], [PageTable("none of 2", ["input"], [])]), "x.js")
    ).decode()
    assert ("<table" in text, "none of 2" in text) == (False, True)


def test_many_series_have_room_for_their_legend() -> None:
    traces = [{"x": [1], "y": [2], "name": str(at)} for at in range(40)]
    many = replace(shown(1), figure=Figure(traces, {}))
    [height] = [int(item) for item in re.findall(r"height: (\d+)px", page(many))]
    assert 390 < height <= 390 + 400
