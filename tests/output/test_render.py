"""Rendering of results: each format, on a terminal, in a pipe and in a file."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Terminal
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import NotVerified, SostradesError, UsageError
from sostrades_cli.local.settings import FORMATS
from sostrades_cli.output.messages import Messages
from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.query import search
from sostrades_cli.output.render import RenderOptions, render
from sostrades_cli.output.results import Rows, TerminalTable, Text
from sostrades_cli.output.streams import Stream
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import User

    from sostrades_cli.output.results import Result

HOSTILE = "tab\there\nline\r\x1b[31mred\x9b2J \u202eright \x00end"
ROWS = Rows(
    ("parameter", "value"),
    [("dice.gamma", TextCell([1, 2, 3, 4, 5], "[1, 2, 3, … 2 more]")), ("dice.note", HOSTILE), ("dice.none", None)],
)
quickly = settings(deadline=None, max_examples=20)
cells = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def options_for(form: str, stdout: Any, stderr: Terminal | None = None, **more: Any) -> RenderOptions:
    """Return render options with notes."""
    notes = Messages(stderr or Terminal(), notes_enabled=True, verbose=False, color=False, as_json=False)
    return RenderOptions(format=form, stdout=stdout, notes=notes, **more)


def shown(result: Result, form: str, *, tty: bool = False, **more: Any) -> str:
    """Return the text on standard output."""
    out = Terminal(tty=tty)
    render(result, options_for(form, out, **more))
    return out.written


def stream(*pieces: bytes, **more: Any) -> Stream:
    """Return a stream of chunks."""

    @contextlib.contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        yield iter(pieces)

    return Stream(opened, lambda transfer: transfer(), **more)


# TSV and CSV -------------------------------------------------------------------------------------------


def test_tsv_row_is_one_line() -> None:
    """Control characters in cells are escaped."""
    header, *lines = shown(ROWS, "tsv").removesuffix("\n").split("\n")
    assert header == "parameter\tvalue"
    assert [line.count("\t") for line in lines] == [1, 1, 1]
    assert lines[0] == "dice.gamma\t[1, 2, 3, 4, 5]"
    assert lines[1] == "dice.note\ttab\\there\\nline\\r\\x1b[31mred\\x9b2J \\u202eright \\x00end"
    assert lines[2] == "dice.none\t"


@quickly
@given(st.lists(st.tuples(texts, cells | texts), max_size=5))
def test_tsv_has_a_line_per_row(rows: list[tuple[str, object]]) -> None:
    lines = shown(Rows(("a", "b"), rows), "tsv").split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(rows) + 1
    assert {line.count("\t") for line in lines} == {1}


@quickly
@given(st.lists(st.tuples(texts, cells | texts).filter(lambda row: "\r" not in str(row[0]) + str(row[1])), max_size=5))
def test_csv_in_a_pipe_is_exact(rows: list[tuple[str, object]]) -> None:
    read = list(csv.reader(io.StringIO(shown(Rows(("a", "b"), rows), "csv"), newline="")))
    plain = [[a, b if isinstance(b, str) else "" if b is None else json.dumps(b)] for a, b in rows]
    assert read == [["a", "b"], *plain]


def test_carriage_return_in_a_csv_cell_is_quoted() -> None:
    rows = Rows(("a", "b"), [("x\ry", "z")])
    assert list(csv.reader(io.StringIO(shown(rows, "csv"), newline=""))) == [["a", "b"], ["x\ry", "z"]]


def test_csv_rows_end_with_a_line_feed() -> None:
    assert shown(Rows(("a", "b"), [(1, "x,y")]), "csv") == 'a,b\n1,"x,y"\n'


# JSON --------------------------------------------------------------------------------------------------


@quickly
@given(st.lists(st.tuples(texts, cells | texts | st.lists(cells, max_size=3)), max_size=5), st.booleans())
def test_json_of_rows_is_a_list_of_objects(rows: list[tuple[str, object]], tty: bool) -> None:
    expected = [{"a": a, "b": b} for a, b in rows]
    assert json.loads(shown(Rows(("a", "b"), rows), "json", tty=tty)) == expected
    *lines, end = shown(Rows(("a", "b"), rows), "ndjson", tty=tty).split("\n")
    assert ([json.loads(line) for line in lines], end) == (expected, "")


def test_payload_is_printed_unchanged() -> None:
    payload = {"a": 1e-06, "b": 30, "c": 1.0, "d": "café", "e": None}
    result = Rows(("x",), [("y",)], payload=payload)
    assert shown(result, "json") == '{"a": 1e-06, "b": 30, "c": 1.0, "d": "café", "e": null}\n'
    assert shown(result, "ndjson") == shown(result, "json")
    assert json.loads(shown(result, "json", tty=True)) == payload
    assert shown(result, "json", tty=True).count("\n") > 2


@pytest.mark.parametrize("payload", [{}, [], 0, False, ""])
def test_empty_payload_is_printed(payload: object) -> None:
    assert json.loads(shown(Rows(("x",), [("y",)], payload=payload), "json")) == payload


def test_missing_value_is_null() -> None:
    assert shown(Text("null", None), "json") == "null\n"


def test_format_without_a_writer_is_an_error() -> None:
    with pytest.raises(AssertionError, match="yaml"):
        shown(ROWS, "yaml")


# What a terminal gets ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "result",
    [ROWS, Text(HOSTILE, {"a": HOSTILE}), Rows((HOSTILE,), [(1,)], title=HOSTILE, notes=[HOSTILE])],
    ids=["rows", "text", "header"],
)
def test_control_characters_are_escaped_on_a_terminal(form: str, result: Rows | Text) -> None:
    out, err = Terminal(tty=True), Terminal(tty=True)
    render(result, options_for(form, out, err))
    ours = "\n\t" if form == "tsv" else "\n"
    hostile = {c for c in out.written + err.written if unicodedata.category(c) == "Cc" or c == "\u202e"}
    assert not hostile - set(ours)


def test_text_in_a_pipe_is_exact() -> None:
    assert shown(Text(HOSTILE, HOSTILE), "tsv") == f"{HOSTILE}\n"


@quickly
@given(st.lists(st.sampled_from([b"a", "é".encode(), b"\r", b"\n", b"\x1b[1m", b"\xff", b"\xe2\x82"]), max_size=12))
def test_chunks_of_a_stream_do_not_change_the_output(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    recorded = shown(stream(whole), "tsv", tty=True)
    assert shown(stream(*(bytes([byte]) for byte in whole)), "tsv", tty=True) == recorded
    assert shown(stream(*pieces), "tsv", tty=True) == recorded
    assert recorded == whole.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\\r").replace(
        "\x1b", "\\x1b"
    )


def test_trusted_stream_is_not_escaped() -> None:
    assert shown(stream(b"\x1b[1mbold\x1b[0m\n", trusted=True), "tsv", tty=True) == "\x1b[1mbold\x1b[0m\n"


def test_stream_in_a_pipe_is_exact() -> None:
    out = Terminal()
    render(stream(b"\xff\x00", b"\x1b\r\n"), options_for("tsv", out))
    assert out.buffer.getvalue() == b"\xff\x00\x1b\r\n"  # type: ignore[attr-defined]


# Files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "ndjson"])
def test_file_equals_the_output_of_a_pipe(tmp_path: Path, form: str) -> None:
    out, err = Terminal(), Terminal()
    file = tmp_path / "out"
    render(ROWS, options_for(form, out, err, output=file))
    assert out.written == ""
    assert file.read_bytes().decode() == shown(ROWS, form)
    assert str(file) in err.written
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "ndjson"])
def test_lone_surrogate_is_escaped_in_a_file(tmp_path: Path, form: str) -> None:
    file = tmp_path / "out"
    render(Rows(("a",), [("x\ud800y",)]), options_for(form, Terminal(), output=file))
    assert r"x\ud800y" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize(
    "result",
    [
        ROWS,
        ROWS._replace(preview=TerminalTable(("a",), [(1,)])),
        Text("# a", "a", documents=[("Title", "# a")]),
        Plot(
            "Title", PlotAxis(), PlotAxis(), PlotAxis(), [PlotSeries(name, Shape.LINE, [1, 2], [1, 2]) for name in "ab"]
        ),
    ],
    ids=["rows", "preview", "documents", "plot"],
)
def test_dash_is_standard_output(result: Result, tty: bool) -> None:
    expected = shown(result, "table", tty=tty, color=tty)
    assert expected
    assert shown(result, "table", tty=tty, color=tty, output=Path("-")) == expected


def test_dash_replaces_the_default_file_of_a_stream() -> None:
    assert shown(stream(b"x"), "tsv", output=Path("-")) == "x"
    assert shown(stream(b"x", default_file=Path("page.html")), "tsv", output=Path("-")) == "x"


def test_stream_is_written_to_a_file_completely_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    attempts = 0

    @contextlib.contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        nonlocal attempts
        attempts += 1

        def pieces() -> Iterator[bytes]:
            yield b"first"
            if attempts == 1:
                raise SostradesError("cut")
            yield b" and last"

        yield pieces()

    with pytest.raises(SostradesError):
        render(Stream(opened, lambda transfer: transfer()), options_for("tsv", Terminal(), output=file))
    assert list(tmp_path.iterdir()) == []

    def again(transfer: Any) -> int:
        nonlocal attempts
        attempts = 0
        with contextlib.suppress(SostradesError):
            transfer()
        return int(transfer())

    err = Terminal()
    render(Stream(opened, again), options_for("tsv", Terminal(), err, output=file))
    assert file.read_bytes() == b"first and last"
    assert "14 B" in err.written


def test_default_file_name_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "study-21-charts.html"
    assert shown(stream(b"x", default_file=file), "tsv") == f"{file}\n"
    assert file.read_bytes() == b"x"
    assert shown(stream(b"y", default_file=file), "tsv", output=tmp_path / "mine") == ""
    assert (tmp_path / "mine").read_bytes() == b"y"


# Streams of other encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("form", FORMATS)
def test_terminal_without_utf8_escapes_other_characters(encoding: str, form: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", newline="")
    names = ["été", "中文", "👍", "\ud800"]
    render(Rows(("name",), [(name,) for name in names]), options_for(form, out))
    out.flush()
    written = raw.getvalue().decode(encoding)
    assert "\\u4e2d" in written
    if form == "json":
        assert json.loads(written) == [{"name": name} for name in names]
    if form == "ndjson":
        assert [json.loads(line)["name"] for line in written.splitlines()] == names


# --query -----------------------------------------------------------------------------------------------------------

QUERIED = Rows(
    ("name", "value"), [("a", 1), ("b", [2, 3]), ("c", None)], notes=["a note"], failure=NotVerified("failed")
)


@pytest.mark.parametrize(
    ("query", "form", "expected"),
    [
        ("[0].name", "json", '"a"\n'),
        ("[0].name", "tsv", "a\n"),
        ("[].name", "json", '["a", "b", "c"]\n'),
        ("[].name", "tsv", "a\nb\nc\n"),
        ("[].name", "ndjson", '"a"\n"b"\n"c"\n'),
        ("[1].value", "tsv", "2\n3\n"),
        ("[2].value", "tsv", "\n"),
        ("[2].value", "json", "null\n"),
        ("length(@)", "csv", "3\n"),
        ("[?name=='a']", "tsv", "name\tvalue\na\t1\n"),
        ("[?name=='a']", "csv", "name,value\na,1\n"),
        ("[].{n: name}", "tsv", "n\na\nb\nc\n"),
        ("[0]", "json", '{"name": "a", "value": 1}\n'),
        ("[?name=='x']", "json", "[]\n"),
        ("[?name=='x']", "ndjson", ""),
        ("@", "json", '[{"name": "a", "value": 1}, {"name": "b", "value": [2, 3]}, {"name": "c", "value": null}]\n'),
    ],
)
def test_query_selects_a_part_of_the_json(query: str, form: str, expected: str) -> None:
    assert shown(QUERIED, form, query=query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("[].name", "a\nb\nc\n"),
        ("[0].name", "a\n"),
        ("[].value", "1\n2\t3\n"),
        ("[2].value", "\n"),
        ("[].[name, value]", "a\t1\nb\t[2, 3]\nc\t\n"),
        ("[0]", '{"name": "a", "value": 1}\n'),
        ("[?name=='x']", ""),
        ("length(@)", "3\n"),
    ],
)
@pytest.mark.parametrize("form", ["json", "tsv"])
def test_raw_query_prints_bare_lines(query: str, form: str, expected: str) -> None:
    assert shown(QUERIED, form, query=query, raw=True) == expected


def test_raw_lines_are_escaped_at_a_terminal() -> None:
    rows = Rows(("a",), [("x\x1b[2J",)])
    assert shown(rows, "json", query="[].a", raw=True, tty=True) == "x\\x1b[2J\n"


def test_raw_needs_a_query(user: User) -> None:
    done = user.types("study", "url", "21", "--raw")
    assert (done.code, done.kind) == (2, "usage")
    assert user.requests == []


def test_error_of_a_raw_query_is_a_text(user: User) -> None:
    done = user.types("study", "url", "99", "--query", "study_url", "--raw")
    assert done.err.startswith("error: ")


@pytest.mark.parametrize(
    ("result", "query", "word"),
    [
        (Text("x", {"study_url": "x"}), "nam", "study_url"),
        (Text("x", {"study_url": "x"}), "nam.x[0]", "study_url"),
        (Text("1", 1), "nam", "single value"),
        (QUERIED, "nam", "[].nam"),
        (QUERIED, "[].nam", "name, value"),
        (QUERIED, "[?name=='a'].nam", "name, value"),
    ],
)
def test_query_of_an_unknown_field_is_null_and_explained_at_a_terminal(
    result: Rows | Text, query: str, word: str
) -> None:
    for tty in (True, False):
        err = Terminal(tty=tty)
        out = Terminal()
        render(result._replace(notes=()), options_for("json", out, err, query=query))
        assert out.written in {"null\n", "[]\n"}
        assert (word in err.written) is tty


@pytest.mark.parametrize("query", ["[2].value", "[?name=='x'].name", "nam || `null`", "[9]", "[?value==`9`]"])
def test_query_of_known_fields_is_not_explained(query: str) -> None:
    err = Terminal(tty=True)
    render(QUERIED._replace(notes=()), options_for("json", Terminal(), err, query=query))
    assert err.written == ""


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("query", ["[].name", "[?name=='a']", "@"])
def test_query_keeps_failure_and_notes(form: str, query: str) -> None:
    err = Terminal()
    assert render(QUERIED, options_for(form, Terminal(), err, query=query)) is QUERIED.failure
    assert "a note" in err.written


@pytest.mark.parametrize(
    "query",
    ["[", "", "foo(", "no_such_function(@)", "length(`1`)", "length(@, @)", "sort_by(@, &value)", "sum([].name)"],
)
def test_invalid_query_is_rejected(query: str) -> None:
    with pytest.raises(UsageError, match="--query"):
        shown(QUERIED, "json", query=query)


@pytest.mark.parametrize("query", ["[", "no_such_function(@)"])
def test_invalid_query_is_rejected_before_a_request(user: User, query: str) -> None:
    done = user.types("param", "set", "21", "dice.Macro.gamma=0.29", "--query", query)
    assert (done.code, done.out) == (2, "")
    assert "--query" in done.err
    assert not [asked for asked in user.requests if asked.endswith("/parameters")]


# --query of what is passed on ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "out"),
    [
        (("postproc", "load", "21", "--query", "keys(@) | [0]"), '"dice"\n'),
        (("api", "GET", "/api/v0/calculation/status/21", "--query", "study_case_id"), "21\n"),
        (("calc", "watch", "21", "--query", "study_case_execution_status"), '"FINISHED"\n'),
        (("calc", "watch", "21", "23", "--query", "[].study_case_id"), "[21, 23]\n"),
        (("calc", "watch", "21", "-F", "ndjson", "--query", "outcome"), '"FINISHED"\n'),
        (("calc", "watch", "21", "-F", "ndjson", "--query", "outcome", "--raw"), "FINISHED\n"),
        (("calc", "watch", "21", "23", "--query", "[].study_case_id", "--raw"), "21\n23\n"),
        (("calc", "run", "21", "--query", "study_case_execution_status", "-F", "tsv"), "FINISHED\n"),
    ],
)
def test_query_applies_to_streams_and_runs(user: User, line: tuple[str, ...], out: str) -> None:
    done = user.types(*line)
    assert (done.code, done.out, done.err) == (0, out, "")


def test_query_of_a_page_is_an_error(user: User) -> None:
    """For a CSV file it is rejected before a request."""
    done = user.types("api", "GET", "/api/v0/post-processing/21/html", "--query", "@")
    assert (done.code, done.out) == (7, "")
    assert (done.kind, "--query" in done.err) == ("unusable_answer", True)
    asked = len(user.requests)
    assert user.types("param", "download", "21", "Macro.population", "--query", "@").code == 2
    assert len(user.requests) == asked


def test_query_of_a_failed_run_has_its_exit_code(user: User) -> None:
    done = user.types("calc", "run", "22", "--query", "study_case_execution_status")
    assert (done.code, done.out) == (3, '"FAILED"\n')
    assert json.loads(done.err)["kind"] == "run_failed"


@pytest.mark.parametrize("query", ["[::0]", "&a", "(" * 3000], ids=["step", "expression", "open"])
def test_query_that_crashes_the_library_is_rejected(query: str) -> None:
    with pytest.raises(UsageError, match="--query"):
        search(query, [1, 2])
