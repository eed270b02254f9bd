"""The page of an analysis: its parts, many cases, and hostile texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.calc.analyze.analysis import Analysis, AnalyzedOutput
from sostrades_cli.operations.calc.analyze.columns import InputColumn, LeftOut, OutputColumn
from sostrades_cli.operations.calc.analyze.design_record import DesignRecord
from sostrades_cli.operations.calc.analyze.indices import InputIndices, OutputIndices, PairIndices
from sostrades_cli.operations.calc.analyze.report import MOST_ROWS, report_of
from sostrades_cli.operations.calc.analyze.report_charts import MOST_AXES, MOST_BARS, MOST_POINTS, drawn_rows
from sostrades_cli.operations.calc.analyze.summary import summarize
from sostrades_cli.operations.calc.sweep.results import SweptCase
from sostrades_cli.operations.postproc.offline_page import page_chunks

if TYPE_CHECKING:
    from sostrades_cli.operations.postproc.offline_page import ChartPage

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
SCRIPTS = re.compile(r"<script[^>]*>")


def analysis(
    total: int = 3, inputs: int = 1, name: str = "x", output: str = "y", text: str = "rainy", **fields: Any
) -> Analysis:
    """Return an analysis of numbers, one input of texts, and Sobol' indices."""
    names = [f"{name}{number}" for number in range(inputs)]
    numbers = InputColumn
    columns = [numbers(element, [float(row) for row in range(total)], is_number=True) for element in names]
    columns.append(InputColumn(text, [f"{text}{row % 2}" for row in range(total)], is_number=False))
    outputs = OutputColumn(output, [float(row * row) for row in range(total)])
    values = {"S1": 0.25, "S1_conf": 0.1, "ST": 0.5, "ST_conf": None}
    indices = OutputIndices(
        4, 0, None, [InputIndices(element, values) for element in names], [PairIndices((text, output), 0.1, None)]
    )
    cases = [
        SweptCase(f"{text}{row}", [*[row] * inputs, f"{text}{row % 2}"], "FINISHED", text, [row * row])
        for row in range(total)
    ]
    record = DesignRecord("saltelli", 4, 1, (*names, text), {"calc_second_order": True})
    plain = Analysis(
        server="https://example.com",
        study=11,
        name=text,
        url="https://gui.example/study/11",
        time=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        cases_file="cases.csv",
        record=record,
        kind="sobol",
        reason=None,
        cases=cases,
        inputs=columns,
        outputs=[AnalyzedOutput(outputs, summarize(outputs.numbers), indices)],
        keys=[output],
        left_out=[LeftOut(text, "a text")],
    )
    return replace(plain, **fields)


def text_of(page: ChartPage) -> str:
    """Return a page whose library is another file."""
    return b"".join(page_chunks(page, "plotly.min.js")).decode()


def columns(page: ChartPage) -> Any:
    """Return the lists that the charts share."""
    return json.loads(re.findall(r'id="columns">(.*?)</script>', text_of(page), re.DOTALL)[0])


def test_page_names_study_method_cases_and_failures() -> None:
    first, *others = analysis().cases
    page = report_of(analysis(cases=[replace(first, status="FAILED"), *others]))
    text = text_of(page)
    parts = ("https://gui.example/study/11", "saltelli, n 4, seed 1", "3 cases", "1 failed", "2026-01-02 03:04 UTC")
    assert all(part in text for part in parts)
    assert "1 of 3 cases failed." in text


def test_every_input_is_drawn_against_every_output() -> None:
    page = report_of(analysis(inputs=3))
    assert [chart.title for chart in page.charts] == [
        "Sobol' indices of y",
        "All cases by y",
        *[f"{name} and y" for name in ("x0", "x1", "x2", "rainy")],
    ]
    assert [table.title for table in page.tables] == [
        "Sobol' indices of y",
        "Interactions of two inputs on y",
        "Statistics of the outputs",
    ]


def test_undefined_numbers_are_words() -> None:
    [table, *_] = report_of(analysis()).tables
    assert list(table.rows[0]) == ["x0", "0.250", "0.100", "0.500", "undefined"]


def test_charts_share_their_numbers() -> None:
    """Otherwise a page of many charts would be large."""
    page = report_of(analysis(total=50, inputs=9))
    assert len(page.columns) == 9 + 4  # inputs, the output, the names of the cases, the text as texts and as codes
    assert all(len(numbers) == 50 for numbers in page.columns)


def test_missing_numbers_are_not_drawn() -> None:
    item = analysis()
    output = OutputColumn("y", [1.0, None, 4.0])
    analyzed = AnalyzedOutput(output, summarize(output.numbers), item.outputs[0].indices)
    page = report_of(replace(item, outputs=[analyzed]))
    assert all(len(numbers) == 2 for numbers in columns(page))


def test_constant_output_has_no_charts() -> None:
    output = OutputColumn("y", [1.0, 1.0, 1.0])
    page = report_of(analysis(outputs=[AnalyzedOutput(output, summarize(output.numbers), None)], kind=None))
    assert page.charts == []
    assert "The same in every case: y." in text_of(page)


def test_many_cases_are_sampled_for_charts_and_cut_in_the_table() -> None:
    page = report_of(analysis(total=MOST_ROWS + 1))
    assert page.long_table is not None
    assert len(page.long_table.rows) == MOST_ROWS
    assert str(MOST_ROWS + 1) in page.long_table.title
    assert {len(numbers) for numbers in columns(page)} == {MOST_POINTS}
    assert any(str(MOST_POINTS) in remark for remark in page.remarks)


def test_many_inputs_are_cut_with_a_note() -> None:
    bars, parallel, *scatter = report_of(analysis(inputs=40)).charts
    assert len(bars.figure.traces[0]["y"]) == MOST_BARS
    assert len(parallel.figure.traces[0]["dimensions"]) == MOST_AXES + 1
    assert bars.note
    assert parallel.note
    assert len(scatter) == 41


def test_sample_of_cases_is_repeatable() -> None:
    rows = drawn_rows(100_000)
    assert (len(set(rows)), rows) == (MOST_POINTS, sorted(rows))
    assert rows == drawn_rows(100_000)
    assert drawn_rows(5) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "text", [HOSTILE, "<!-- <script>", "\x1b[31m\x00", "\u202eback", "${alert(1)}", "\ud800 half", "x" * 5000]
)
def test_hostile_texts_are_escaped(text: str) -> None:
    page = report_of(analysis(name=text, output=text, text=text, reason=text, url="javascript:alert(1)"))
    shown = text_of(page)
    assert HOSTILE not in shown
    assert "<img" not in shown
    assert "\x1b" not in re.sub(r"<script.*?</script>", "", shown, flags=re.DOTALL)
    assert "javascript:" not in shown.partition("<main>")[0]


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_text_becomes_an_element(name: str, output: str, text: str) -> None:
    """The page of any texts has the elements of the page of plain texts, and its data are JSON."""
    page = text_of(report_of(analysis(name=name, output=output, text=text)))
    assert len(SCRIPTS.findall(page)) == len(SCRIPTS.findall(text_of(report_of(analysis()))))
    for data in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL):
        json.loads(data)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=60))
def test_no_text_is_markup_for_plotly(text: str) -> None:
    """Plotly would read <b> or <a href> in a title."""
    bars, _, scatter, *_ = report_of(analysis(name=text)).charts
    labels = [*bars.figure.traces[0]["y"], scatter.figure.layout["xaxis"]["title"]["text"]]
    assert all("<" not in label for label in labels)
