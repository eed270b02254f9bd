"""Test formats written by others (CSV, logs, headers, pages, typed arrays) with an oracle or a round trip."""

from __future__ import annotations

import base64
import contextlib
import csv
import io
import itertools
import json
import math
import re
import struct
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fuzz.effort import effort
from fuzz.hostile import TEXTS, spoilt, values, written
from hypothesis import assume, example, given
from hypothesis import strategies as st

from server_stub import csv_files
from server_stub.values import Array
from sostrades_cli.api import protocol
from sostrades_cli.api.http.headers import retry_after_s
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.studies import StudiesApi, file_name
from sostrades_cli.clock import SystemClock
from sostrades_cli.errors import SostradesError, UnusableAnswer, UsageError
from sostrades_cli.operations.calc.sweep.case_rows import read_rows
from sostrades_cli.operations.calc.traceback import MOST_LINES, TRACEBACK, failure_cause
from sostrades_cli.operations.tables import downloads, json_values, upload
from sostrades_cli.operations.tables.dataframe import read_cells
from sostrades_cli.operations.tables.layout import ANY, KEYED, ONE
from sostrades_cli.operations.tables.match import match
from sostrades_cli.operations.tables.stored_table import StoredTable
from sostrades_cli.plotly_figures.chart import charts_from_api, charts_of_read_only
from sostrades_cli.plotly_figures.page_parser import charts_of_page
from sostrades_cli.plotly_figures.typed_arrays import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 22, 22, 40, 48, tzinfo=UTC)


# CSV ------------------------------------------------------------------------------------------------

cells = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=6),
    st.sampled_from(
        ["", " ", "None", "nan", "True", "false", "1,5", "007", "1_000", "0x10", "'a'", "[1]", "1e999", "-", "[nan]"]
    ),
)
LAYOUTS = {"array": ONE, "dataframe": ANY, "dict": KEYED}
TABLES = {"dict": "dataframe"}


@st.composite
def tables(draw: st.DrawFn, kind: str) -> str:
    """Draw a file for a parameter of a type, usually with rows of equal length."""
    width = {"array": 1, "dataframe": draw(st.integers(1, 3)), "dict": 3}[kind]
    names = [["value"], ["years", "q", "t"][:width], ["variable", "years", "q"]][list(LAYOUTS).index(kind)]
    alike = draw(st.sampled_from([st.integers(-9, 9).map(str), st.floats(-9, 9).map(repr), cells, cells]))
    rows = draw(st.lists(st.lists(alike, min_size=width, max_size=width), max_size=4))
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=draw(st.sampled_from([",", ",", ",", ";"]))).writerows([names, *rows])
    return buffer.getvalue()


@pytest.mark.parametrize("kind", LAYOUTS)
@effort(80)
@given(data=st.data())
def test_accepted_file_is_stored_exactly_or_rejected(kind: str, data: st.DataObject) -> None:
    text = data.draw(tables(kind))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(text.encode())
        names = itertools.count()
        table = None
        with contextlib.suppress(UsageError):
            source = upload.UploadSource(path, str(path), LAYOUTS[kind])
            table = upload.encode(source, "dice.Macro.x", lambda: Path(folder, f"{next(names)}.csv"))
        if table is None:
            return
        if kind == "dict" and table.rows == 0:
            return  # the server keeps nothing of it: which columns none of its tables has
        stored = csv_files.read(table.sent.read_bytes(), kind, subtype=TABLES if kind == "dict" else None)
        if isinstance(stored, Array) and any(isinstance(item, list | dict | Array) for item in stored.data):
            return  # no download shows it
        shown = Path(folder, "shown.csv")
        shown.write_bytes(csv_files.write(stored).encode())
        assert match(table, StoredTable(shown, ""), kind).same
        assert path.read_bytes() == table.sent.read_bytes() or table.encoded


@effort(80)
@given(content=st.binary(max_size=60) | tables("dataframe").map(str.encode) | tables("dict").map(str.encode))
@example(b"a\n" + b"x" * 200_000 + b"\n")
@example(b"a,b\n1\n")
@example(b'a\n"1\n')
def test_any_bytes_are_a_table_or_rejected(content: bytes) -> None:
    with contextlib.suppress(UnusableAnswer):
        assert all(isinstance(cell, str) for row in downloads.rows(content) for cell in row)
        for kind in ("list", "dict", "string", "float", "dataframe", None):
            json.dumps(downloads.value_of(content, kind), allow_nan=False)
        json.dumps(read_cells(content), allow_nan=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.csv")
        path.write_bytes(content)
        for kind in ("list", "dict"):
            with contextlib.suppress(UsageError):
                json.dumps(json_values.from_file(path, "x", "x", LAYOUTS.get(kind, ONE), None), allow_nan=False)
        with contextlib.suppress(UsageError):
            result = read_rows(path)
            assert all(len(row.cells) == len(result.columns) for row in result.rows)


# Logs -----------------------------------------------------------------------------------------------

STAMP = "[2026-11-22 22:44:24,597] MAIN_SERVER INFO in m: "
log_lines = st.sampled_from(
    [
        TRACEBACK,
        f"{STAMP}{TRACEBACK}",
        f"{STAMP}ordinary",
        '  File "x.py", line 1, in f',
        "ValueError: x",
        "",
        "bare",
        "\tx",
        "é☃",
    ]
) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=8
)


@effort(80)
@given(lines=st.lists(log_lines, max_size=50))
@example([TRACEBACK, *["  frame"] * 60, "Error: x", f"{STAMP}the end"])
def test_last_traceback_is_that_of_the_oracle(lines: list[str]) -> None:
    """The lines of this test contain no charts and no integrity faults."""
    result = failure_cause("\n".join(lines))
    starts = [at for at, line in enumerate(lines) if TRACEBACK in line]
    if not starts:
        assert result is None
        return
    text = "\n".join(lines[starts[-1] :])
    head, _, rest = text.partition("\n")
    block = re.split(r"^\[....-..-.. ..:..:..,...\]", rest, maxsplit=1, flags=re.MULTILINE)[0]
    expected = f"{head}\n{block}".rstrip().split("\n")
    assert result is not None
    shown = result.split("\n")
    assert len(shown) <= MOST_LINES
    if len(expected) <= MOST_LINES:
        assert [line.rstrip() for line in shown] == [line.expandtabs(4).rstrip() for line in expected]
    else:
        assert (shown[0], shown[-1].rstrip()) == (expected[0], expected[-1].expandtabs(4).rstrip())
        assert "  ..." in shown


# Headers --------------------------------------------------------------------------------------------

header_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)


@effort(100)
@given(
    name=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='";\\'), min_size=1),
    quoted=st.booleans(),
)
def test_file_name_is_read_from_its_content_disposition(name: str, *, quoted: bool) -> None:
    parameter = f'"{name}"' if quoted else name
    assert file_name(f"inline; filename={parameter}; size=3") == name


@effort(100)
@given(header=header_text | st.just(None))
def test_any_content_disposition_is_parsed(header: str | None) -> None:
    assert file_name(header) is None or file_name(header)


@effort(100)
@given(seconds=st.integers(-(10**6), 10**6), date=st.booleans(), blank=st.sampled_from(["", " "]))
def test_retry_after_is_parsed_as_seconds(seconds: int, blank: str, *, date: bool) -> None:
    text = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True) if date else str(seconds)
    assert retry_after_s(f"{blank}{text}", NOW) == max(0, seconds)


@effort(80)
@given(
    header=header_text
    | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,5} [A-Z][a-z]{2} [0-9]{1,9} [0-9:]{1,9} [A-Z+0-9-]{1,12}")
)
@example("Mon, 01 Jan 10000 00:00:00 GMT")
@example("Mon, 01 Jan 2026 00:00:00 +99999999999999")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("Sat, 01 Jan 0001 00:00:00 +2359")
@example("9" * 5000)
def test_any_retry_after_is_a_wait_or_none(header: str) -> None:
    result = retry_after_s(header, NOW)
    assert result is None or result >= 0


def studies(answer: Callable[[httpx.Request], httpx.Response]) -> StudiesApi:
    """Return the routes of studies on a server with this answer."""
    connection = Connection("http://127.0.0.1:5004", (), transport=httpx.MockTransport(answer))
    return StudiesApi(Session(connection, SystemClock(), lambda _: None), lambda _study, _name: None)


@effort(100)
@given(whole=st.binary(max_size=40), offset=st.integers(0, 50), ranges=st.booleans())
def test_log_is_continued_from_any_byte(whole: bytes, offset: int, *, ranges: bool) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Disposition": "inline; filename=a.log"}
        asked = re.fullmatch(r"bytes=([0-9]+)-", request.headers.get("range", ""))
        if request.method == "HEAD":
            return httpx.Response(200, headers={**headers, "Content-Length": str(len(whole))})
        if asked is None or not ranges:
            return httpx.Response(200, headers=headers, content=whole)
        start = int(asked[1])
        if start >= len(whole):
            return httpx.Response(416, json={"statusCode": 416, "name": "", "description": "no"})
        headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        return httpx.Response(206, headers=headers, content=whole[start:])

    part = studies(answer).log_from(21, offset)
    assert part.name == "a.log"
    assert part.content == whole[part.start : part.start + len(part.content)]
    assert part.start in {0, offset}
    assert part.size == len(whole) or (part.start == offset >= len(whole))


# Charts ---------------------------------------------------------------------------------------------

names = st.text(max_size=8) | st.sampled_from(
    ["</script>", "Plotly.newPlot(", "<h3>x</h3>", "a,b", '"', "\\", "\ud800"]
)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
traces = st.lists(st.dictionaries(names, plain_values, max_size=3), max_size=3)
layouts = st.dictionaries(names.filter(lambda name: name != "template"), plain_values, max_size=3)


def page(figures: list[tuple[list[Any], dict[str, Any]]], gap: str) -> str:
    """Return a page as the server writes it: JSON with angle brackets and slashes as escapes."""
    text = "<h1>A study</h1><h3>dice &amp; co</h3>"
    for data, layout in figures:
        arguments = ("id", data, {**layout, "template": {"x": 1}}, {"responsive": True})
        literals = [
            re.sub("[<>/]", lambda match: f"\\u{ord(match[0]):04x}", json.dumps(argument)) for argument in arguments
        ]
        text += f'<div id="x"></div><script>Plotly.newPlot({gap}{f",{gap}".join(literals)})</script>'
    return text


def cut(content: bytes, places: list[int]) -> list[bytes]:
    """Split bytes into chunks."""
    ends = sorted({0, len(content), *(item % (len(content) + 1) for item in places)})
    return [content[start:end] for start, end in pairwise(ends)]


@effort(80)
@given(
    figures=st.lists(st.tuples(traces, layouts), max_size=3),
    gap=st.sampled_from(["", " ", "\n  "]),
    places=st.lists(st.integers(0, 10**6), max_size=5),
)
def test_figures_of_a_page_are_read_exactly(figures: list[tuple[Any, Any]], gap: str, places: list[int]) -> None:
    assume(not any("bdata" in json.dumps(figure) for figure in figures))
    result = list(charts_of_page(cut(page(figures, gap).encode(), places)))
    assert [chart.discipline for chart in result] == ["dice & co"] * len(figures)
    assert [json.dumps([c.figure.traces, c.figure.layout]) for c in result] == [
        json.dumps([*figure]) for figure in figures
    ]


@effort(80)
@given(data=st.data(), places=st.lists(st.integers(0, 10**6), max_size=4))
def test_corrupted_page_is_charts_or_an_invalid_answer(data: st.DataObject, places: list[int]) -> None:
    body = page([([{"x": [1, 2], "y": [1.5, None], "name": "a"}], {"title": {"text": "t"}})], "").encode()
    start, end = sorted(data.draw(st.integers(0, len(body))) for _ in range(2))
    inner = data.draw(st.sampled_from(sorted(TEXTS.values())) | names.map(repr)).encode("utf-8", "replace")
    with contextlib.suppress(UnusableAnswer):
        for chart in charts_of_page(cut(body[:start] + inner + body[end:], places)):
            assert isinstance(chart.title, str)
            assert all(isinstance(series.name, str) for series in chart.series())


CHART = {
    "data": [
        {"x": [1, 2], "y": [1.5, None], "type": "scatter", "name": "a"},
        {"type": "pie", "labels": ["a"], "values": [1]},
    ],
    "layout": {"title": {"text": "t"}, "xaxis": {"title": {"text": "x [kg]"}}},
    "csv_data": ["a x,a y", "1,1.5", "2,nan"],
    "post_processing_section_name": "s",
}


@pytest.mark.parametrize(
    ("reader", "document"),
    [
        (charts_from_api, {"dice": [CHART]}),
        (charts_of_read_only, {"post_processings": {"dice": [{"name": "b", "post_processings": [CHART]}]}}),
    ],
    ids=["post-processing", "read-only"],
)
@effort(80)
@given(data=st.data(), places=st.lists(st.integers(0, 10**6), max_size=4))
def test_corrupted_charts_are_shown_or_an_invalid_answer(
    reader: Any, document: Any, data: st.DataObject, places: list[int]
) -> None:
    with contextlib.suppress(UnusableAnswer):
        for chart in reader(cut(data.draw(spoilt(document)), places)):
            json.dumps([chart.figure.traces, chart.figure.layout], allow_nan=False)
            assert all(isinstance(text, str) for text in (chart.title, chart.figure.kind, *chart.figure.key))
            chart.series()


CODES = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}


@effort(100)
@given(dtype=st.sampled_from(sorted(CODES)), content=st.binary(max_size=48), rows=st.sampled_from([None, 1, 2, 3]))
def test_typed_arrays_equal_those_of_struct(dtype: str, content: bytes, rows: int | None) -> None:
    size = struct.calcsize(CODES[dtype])
    content = content[: len(content) // size * size]
    numbers = [item[0] if math.isfinite(item[0]) else None for item in struct.iter_unpack(f"<{CODES[dtype]}", content)]
    value = {"bdata": base64.b64encode(content).decode(), "dtype": dtype}
    if rows is None or len(numbers) % rows:
        assert decoded({"x": value}) == {"x": numbers}
        return
    width = len(numbers) // rows
    expected = [numbers[at * width : (at + 1) * width] for at in range(rows)]
    result = decoded({"x": {**value, "shape": f"{rows}, {width}"}})
    assert result == {"x": expected if width else []} or not numbers


@effort(100)
@given(
    value=st.fixed_dictionaries(
        {"bdata": names | st.just("AAAA") | values, "dtype": st.sampled_from(sorted(CODES)) | values},
        optional={"shape": names | values | st.sampled_from(["0,0", "-1,-2", "2,1", "9" * 5000])},
    )
)
def test_any_typed_array_is_numbers_or_an_invalid_answer(value: Any) -> None:
    with contextlib.suppress(UnusableAnswer):
        json.dumps(decoded([value]), allow_nan=False)


# JSON -----------------------------------------------------------------------------------------------


@effort(100)
@given(value=values, body=st.binary(max_size=30))
def test_any_body_is_json_or_an_invalid_answer(value: Any, body: bytes) -> None:
    for content in (body, written(value), written({"statusCode": value, "description": value})):
        with contextlib.suppress(UnusableAnswer):
            json.dumps(protocol.parse_json(content, {}), allow_nan=False)
        for status in (302, 400, 401, 403, 404, 429, 500, 503):
            result = protocol.failure(protocol.Reply(status, {}, content), study=21, now=NOW)
            assert isinstance(result, SostradesError)
            assert result.message
