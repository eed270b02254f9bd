"""Test `sostrades postproc show`."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from conftest import HOST, QUICK_SERVERS, SERVERS, Terminal, mostly_slow, slow
from rich.cells import cell_len

from server_stub import charts
from server_stub.faults import Fault
from server_stub.model import Bundle, Model
from server_stub.world import Right
from server_stub.worlds import dice
from server_stub.worlds.demo import finished
from sostrades_cli.local.cache import CachedChart, StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.output.messages import Messages
from sostrades_cli.output.plot.model import Plot, PlotAxis, PlotSeries, Shape
from sostrades_cli.output.render import RenderOptions, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

CODES = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"[│┤].*[│├]")
NO_PAGE = Fault("status", count=99, path="html")
GAPS, HEAT, ON_NUMPY, TABLE = "8", "9", "10", "4"


def shows(user: User, *arguments: str, **more: Any) -> Outcome:
    """Show a chart of study 21."""
    return user.types("postproc", "show", "21", *arguments, **more)


def numbers(user: User, *arguments: str) -> list[dict[str, Any]]:
    """Return the rows of `-F json`, parsed strictly."""
    done = shows(user, *arguments, "-F", "json")
    assert done.code == 0

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(done.out, parse_constant=refuse)["points"]  # type: ignore[no-any-return]


# Drawing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_chart_is_drawn_without_colour_in_a_pipe(user_of: Callable[..., User], server: str) -> None:
    done = shows(user_of(server), "2")
    assert (done.code, done.err) == (0, "")
    title, *_, years, axes, legend = done.out.rstrip("\n").split("\n")
    assert title.strip() == "Output per year"
    assert years.split() == ["2020", "2022", "2024", "2026", "2028", "2030"]
    assert axes.split() == ["output", "[G$]", "years"]
    assert legend.split() == ["oo", "output", "xx", "twice"]
    assert sum(bool(FRAME.search(line)) for line in done.out.split("\n")) > 10
    assert "\x1b" not in done.out


@pytest.mark.parametrize("number", mostly_slow(range(1, 26), 3))
@pytest.mark.parametrize(("columns", "rows"), [(40, 24), slow(80, 15), slow(200, 60)])
def test_every_kind_of_chart_fits_the_window(user: User, number: int, columns: int, rows: int) -> None:
    window = {"COLUMNS": str(columns), "LINES": str(rows)}
    done = user.types("postproc", "show", "27", str(number), tty=True, **window)
    lines = [CODES.sub("", line) for line in done.out.splitlines()]
    assert done.code == 0
    assert max(map(cell_len, lines), default=0) <= columns
    assert len(lines) <= rows


def test_chart_fills_the_window(user: User) -> None:
    lines = shows(user, "2", COLUMNS="120", LINES="35").out.splitlines()
    assert (max(map(len, lines)), len(lines)) == (120, pytest.approx(34, abs=1))


def test_colour_is_used_only_on_a_terminal(user: User) -> None:
    assert "\x1b[" in shows(user, "2", tty=True).out
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in shows(user, "2", tty=True, **variables).out
    assert "\x1b" not in shows(user, "2", "--no-color", tty=True).out


@pytest.mark.parametrize("chart", ["2", slow("3"), "7"])
def test_drawing_in_a_file_has_no_colour(user: User, chart: str) -> None:
    target = user.folder / "chart.txt"
    assert shows(user, chart, "-F", "table", "-o", str(target), tty=True).code == 0
    assert "\x1b" not in target.read_text()
    assert shows(user, chart, "-o", "-", tty=True) == shows(user, chart, tty=True)


@pytest.mark.parametrize("tty", [False, True])
def test_table_chart_is_shown_as_a_table(user: User, tty: bool) -> None:
    done = shows(user, TABLE, tty=tty, NO_COLOR="1")
    assert [line.split() for line in done.out.splitlines()][:2] == [["years", "output"], ["2020", "85.8"]]
    assert done.out.splitlines()[-1].split() == ["2030", "nan"]


def test_pie_is_drawn_as_bars_with_percentages(user: User) -> None:
    _, wind, coal = shows(user, "3").out.splitlines()
    assert re.fullmatch(r"wind & sun +▇+[▉-▏]? 12\.5 \(12\.5%\)", wind)
    assert re.fullmatch(r" +coal +▇+[▉-▏]? 87\.5 \(87\.5%\)", coal)
    assert coal.count("▇") == pytest.approx(7 * wind.count("▇"), abs=7)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
@pytest.mark.parametrize("shape", ["line", "bar", "share"])
@pytest.mark.parametrize("color", [False, True])
def test_drawing_uses_ascii_if_the_encoding_requires_it(encoding: str, shape: str, color: bool) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="", write_through=True)
    shown = Plot("Té \ud800 漢", *3 * [PlotAxis("y")], [PlotSeries("漢", Shape(shape), ["Paris", "Belém"], [1, 2])])
    notes = Messages(Terminal(), notes_enabled=True, verbose=False, color=False, as_json=False)
    render(shown, RenderOptions("table", out, notes, color=color))
    written = out.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert written.count("\n") >= 3
    assert ("é" in written) == (encoding != "ascii")


# Numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_json_has_exact_numbers_and_is_valid(user_of: Callable[..., User], server: str) -> None:
    rows = numbers(user_of(server), GAPS)
    assert rows[0] == {"series": "temperature", "x": 2020, "y": 1.12627625}
    assert [row["y"] for row in rows[-2:]] == ["nan", "inf"]
    assert len(rows) == 11


@pytest.mark.parametrize(("form", "mark"), [("csv", ","), ("tsv", "\t")])
@pytest.mark.parametrize("tty", mostly_slow([True, False], 2))
def test_csv_and_tsv_have_the_rows_of_json(user: User, form: str, mark: str, tty: bool) -> None:
    rows = list(csv.reader(io.StringIO(shows(user, GAPS, "-F", form, tty=tty).out), delimiter=mark))
    assert rows == [["series", "x", "y"], *([str(cell) for cell in row.values()] for row in numbers(user, GAPS))]


def test_ndjson_has_one_line_per_point(user: User) -> None:
    assert [json.loads(line) for line in shows(user, "2", "-F", "ndjson").out.splitlines()] == numbers(user, "2")


@pytest.mark.parametrize("name", ["a.csv", slow("a.tsv"), "a.json", slow("a.ndjson"), "a.txt"])
@pytest.mark.parametrize("tty", mostly_slow([True, False], 2))
def test_output_file_contains_numbers(user: User, name: str, tty: bool) -> None:
    """Its ending selects the format, and the default is TSV."""
    target, form = user.folder / name, "tsv" if name == "a.txt" else name[2:]
    done = shows(user, "2", "-o", str(target), tty=tty)
    assert (done.code, done.out) == (0, "")
    assert target.read_text() == shows(user, "2", "-F", form).out


@pytest.mark.parametrize("arguments", [(), ("-F", "json"), slow(("-F", "table"))])
@pytest.mark.parametrize(
    ("query", "answer"), [("points[?x==`2020`].series | [1]", "twice"), ("max(points[].x)", "2030")]
)
def test_query_selects_from_the_numbers(user: User, query: str, answer: str, arguments: tuple[str, ...]) -> None:
    done = shows(user, "2", "--query", query, *arguments)
    assert (done.code, done.out.strip().strip('"')) == (0, answer)


@pytest.mark.parametrize("form", ["json", "csv", slow("tsv"), slow("ndjson")])
@pytest.mark.parametrize("tty", mostly_slow([True, False], 2))
def test_format_variable_selects_numbers(user: User, form: str, tty: bool) -> None:
    assert shows(user, "2", SOSTRADES_FORMAT=form, tty=tty).out == shows(user, "2", "-F", form, tty=tty).out


# Choosing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chart", ["5", slow("Emissions"), slow("emissions"), slow("Carbon/Emissions"), "carbon/emissions"]
)
def test_chart_is_selected_by_number_or_title(user: User, chart: str) -> None:
    """An exact title has priority over a part of another one."""
    assert shows(user, chart).out == shows(user, "5").out


@pytest.mark.parametrize("chart", ["Emisions", "emissions and prize", "11", ""])
def test_unknown_chart_is_exit_5_with_suggestions(user: User, chart: str) -> None:
    done = shows(user, chart)
    assert (done.code, done.out) == (5, "")
    assert ("did you mean Emissions" in done.err) == chart.lower().startswith("emis")
    assert "sostrades postproc list 21" in done.err


def test_ambiguous_title_is_exit_2(user: User) -> None:
    done = shows(user, "emis")
    assert (done.code, done.out) == (2, "")
    assert "5 Carbon/Emissions; 6 Carbon/Emissions and price" in done.err


@pytest.mark.parametrize(("glob", "names"), [("tw*", {"twice"}), slow("wic", {"twice"}), ("*t*", {"output", "twice"})])
def test_series_option_selects_series(user: User, glob: str, names: set[str]) -> None:
    assert {row["series"] for row in numbers(user, "2", "--series", glob)} == names
    assert set(shows(user, "2", "--series", glob).out.splitlines()[-1].split()[1::2]) == names


@pytest.mark.parametrize("form", ["table", "csv"])
def test_unknown_series_is_exit_5(user: User, form: str) -> None:
    done = shows(user, "2", "--series", "zz*", "-F", form)
    assert (done.code, done.out) == (5, "")
    assert "output, twice" in done.err


@pytest.mark.parametrize(("low", "high", "years"), [("2025", "2026", [2025, 2026]), ("2029.5", "9e9", [2030])])
def test_from_and_to_select_points(user: User, low: str, high: str, years: list[int]) -> None:
    assert [row["x"] for row in numbers(user, GAPS, "--from", low, "--to", high)] == years


@pytest.mark.parametrize("span", [("--from", "3000"), slow(("--to", "1900")), ("--from", "2026", "--to", "2025")])
def test_empty_selection_cannot_be_drawn(user: User, span: tuple[str, ...]) -> None:
    done = shows(user, "2", *span)
    assert (done.code, done.out) == (2, "")
    assert done.kind == "usage"
    assert shows(user, "2", *span, "-F", "csv").out == "series,x,y\n"


@pytest.mark.parametrize(
    ("span", "count"), [("--from 2026-02-01", 4), ("--from 2026-03", 1), ("--to 2026-01", 2), ("--to 2026", 6)]
)
def test_dates_are_compared_as_dates(user: User, span: str, count: int) -> None:
    """A year or month includes all of its days."""
    done = user.types("postproc", "show", "27", "Price by day", *span.split(), "-F", "ndjson")
    assert (done.code, len(done.out.splitlines())) == (0, count)


# What cannot be shown ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tty", [False, True])
def test_heatmap_is_drawn_with_its_numbers(user: User, tty: bool) -> None:
    done = shows(user, HEAT, tty=tty)
    assert (done.code, done.err) == (0, "")
    assert [CODES.sub("", line).split()[0] for line in done.out.splitlines() if re.search("[34] ", line)] == ["1"]
    assert [row["z"] for row in numbers(user, HEAT)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "chart", ["Flows of energy", slow("Use of energy"), "Sites", slow("Emissions by country"), "Scenarios"]
)
@pytest.mark.parametrize("tty", mostly_slow([True, False], 2))
def test_numbers_of_other_kinds_are_shown_with_a_note(user: User, chart: str, tty: bool) -> None:
    done = user.types("postproc", "show", "27", chart, tty=tty, NO_COLOR="1")
    assert done.code == 0
    assert "sostrades postproc open 27" in done.err
    rows = user.types("postproc", "show", "27", chart, "-F", "tsv")
    assert (rows.code, rows.err) == (0, "")
    assert tty or rows.out == done.out
    assert len(done.out.splitlines()) == len(rows.out.splitlines()) > 2


KINDS: dict[str, list[dict[str, Any]]] = {
    "treemap": [{"type": "treemap", "labels": ["a", "b"], "parents": ["", "a"], "values": [3, 1]}],
    "surface": [{"type": "surface", "z": [[1, 2], [3, 4]]}],
    "scatter3d": [{"type": "scatter3d", "x": [1], "y": [2], "z": [3]}],
    "box": [{"type": "box", "name": "b", "y": [1, 2, 3]}],
    "histogram": [{"type": "histogram", "x": [1, 2, 2]}],
    "two heatmaps": [{"type": "heatmap", "z": [[1, 2]]}, {"type": "heatmap", "z": [[3, 4]]}],
    "heatmap and line": [{"type": "heatmap", "z": [[1, 2]]}, {"type": "scatter", "y": [1, 2]}],
    "pie and line": [{"type": "pie", "values": [1, 2]}, {"type": "scatter", "y": [1, 2]}],
    "unknown": [{"type": "hologram", "x": [1, 2]}],
}


@pytest.mark.parametrize("kind", mostly_slow(KINDS, 5))
def test_no_kind_is_an_error(user: User, kind: str) -> None:
    def draw(_: Any) -> Any:
        return {"Macro": [Bundle("cliproc.discs", (charts.native(kind, KINDS[kind]),))]}

    model = Model("dice_process", dice.NODES, dice.PARAMETERS, dice.compute, draw, dice.TIMING)
    user.world.add_study(40, "odd", model, dict.fromkeys(user.world.users.values(), Right.OWNER), finished)
    done = user.types("postproc", "show", "40", "1")
    assert (done.code, done.out.count("\n") > 1) == (0, True)
    assert "sostrades postproc open 40 1" in done.err


@pytest.mark.parametrize("server", SERVERS)
def test_numbers_missing_in_json_are_taken_from_the_page(user_of: Callable[..., User], server: str) -> None:
    assert "oo numpy" in shows(user_of(server), ON_NUMPY).out


@pytest.mark.parametrize("arguments", [(), ("-F", "csv"), ("-F", "json")])
def test_chart_without_numbers_is_an_error(user: User, arguments: tuple[str, ...]) -> None:
    user.world.faults.arm(NO_PAGE)
    done = shows(user, ON_NUMPY, *arguments)
    assert "numbers" in done.err
    assert (done.code, bool(done.out)) == (7, bool(arguments))


def test_other_charts_are_drawn_if_the_page_fails(user: User) -> None:
    user.world.faults.arm(NO_PAGE)
    done = shows(user, "2")
    assert (done.code, "Output per year" in done.out) == (0, True)
    assert "(503)" in done.err


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize("tty", mostly_slow([True, False], 2))
@pytest.mark.parametrize("arguments", [("2",), ("2", "-F", "csv"), (TABLE,)])
def test_stale_chart_is_noted_on_stderr(
    user_of: Callable[..., User], server: str, arguments: tuple[str, ...], tty: bool
) -> None:
    user = user_of(server)
    fresh = shows(user, *arguments, tty=tty)
    assert user.types("param", "set", "21", "Macro.gamma=0.35", "--yes").code == 0
    done = shows(user, *arguments, tty=tty)
    assert (done.code, done.out) == (0, fresh.out)
    assert "stale: study 21 was changed" in done.err
    assert "stale" not in fresh.err


@pytest.mark.parametrize(("study", "code"), [("22", 5), ("25", 4), ("99999", 5)])
def test_missing_charts_permission_or_study_is_an_error(user: User, study: str, code: int) -> None:
    done = user.types("postproc", "show", study, "1")
    assert (done.code, done.out) == (code, "")


def test_charts_are_kept_for_completion(user: User) -> None:
    """They replace those of an earlier answer, and go with the study."""
    cache = StudyCache(Folders(user.environ), HOST)
    cache.store_charts(21, [CachedChart("Old", "gone", "line")])
    assert shows(user, "2").code == 0
    assert cache.charts(21)[1] == CachedChart("Macro", "Output per year", "line")
    assert len(cache.charts(21)) == 10
    cache.forget(21)
    assert cache.charts(21) == []


@pytest.mark.parametrize(
    "content", ['{"charts": [["only", "two"]]}', slow('{"charts": 5}'), slow("[]"), "nonsense", slow("{}")]
)
def test_damaged_cache_of_charts_is_empty(user: User, content: str) -> None:
    assert shows(user, "2").code == 0
    [file] = Folders(user.environ).cache.rglob("21.charts.json")
    document = json.loads(file.read_text())
    changed = {**document, **json.loads(content)} if content.startswith('{"') else content
    file.write_text(changed if isinstance(changed, str) else json.dumps(changed))
    assert StudyCache(Folders(user.environ), HOST).charts(21) == []


@pytest.mark.parametrize(("typed", "suggested"), [("emisions", "Emissions"), ("nochart", "Energy mix")])
def test_unknown_chart_has_suggestions_or_the_first_charts(user: User, typed: str, suggested: str) -> None:
    user.types("calc", "run", "21")
    done = user.types("postproc", "show", "21", typed)
    assert (done.code, done.kind) == (5, "not_found")
    assert suggested in done.err
