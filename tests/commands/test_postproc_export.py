"""Test `sostrades postproc export`."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import os
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from conftest import mostly_slow, slow

from server_stub import charts
from server_stub.faults import Fault
from server_stub.model import Bundle, Model, no_outputs
from server_stub.solver_settings import coupling_settings
from server_stub.values import Array
from server_stub.world import Right
from server_stub.worlds.demo import finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

NAN, INF = math.nan, math.inf
HOSTILE = (
    *("../../etc/passwd", "</script><script>alert(1)</script>", "a\x00b\x1b[31m\n\u202e", "x" * 10_000),
    *("", "same", "same", "CON", ".", "..", "manifest", "plotly.min", '"><img src=http://x/y>', "\ud800", "*"),
)
LINES = ("x", [1, 2]), ("y", {"s": [1.0, 2.0]})
CHANGES = {21: "dice.Macro.gamma=0.4", 23: "witness.Energy.float 1 %&=7.5"}


def export(user: User, form: str = "csv", study: str = "21", *options: str, **environ: str) -> Outcome:
    """Export the charts of a study into the folder `out`."""
    return user.types("postproc", "export", study, str(user.folder / "out"), "--as", form, *options, **environ)


def manifest(user: User) -> dict[str, Any]:
    """Return the manifest of the folder."""
    document: dict[str, Any] = json.loads((user.folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    return document


def drawn(user: User, *made: Any) -> None:
    """Add finished study 30 with these charts."""
    model = Model("p", ("", "N"), coupling_settings(), no_outputs, lambda _: {"": [], "N": [Bundle("b", made)]})
    user.world.add_study(30, "evil", model, {user.world.users["owner@email.com"]: Right.OWNER}, finished)


def exact(value: Any) -> str:
    """Return a cell in which `1` and `1.0` differ. Bold tags are removed."""
    return "" if value is None else str(value).removeprefix("<b>").removesuffix("</b>")


def points(trace: Any) -> list[tuple[Any, ...]]:
    """Return the points of a trace of the stub as rows."""
    decoded = {name: item.data if isinstance(item, Array) else item for name, item in trace.items()}
    if trace["type"] == "heatmap":
        return [(x, y, z) for y, row in enumerate(decoded["z"]) for x, z in enumerate(row)]
    columns = ("labels", "values") if trace["type"] == "pie" else ("x", "y")
    return list(zip(*(decoded[name] for name in columns), strict=True))


def table(chart: Any) -> list[list[str]]:
    """Return the expected CSV of a chart."""
    first = chart["data"][0]
    if first["type"] == "table":
        rows = [first["header"]["values"], *zip(*first["cells"]["values"], strict=True)]
    else:
        head = ("series", "x", "y", *("z" if first["type"] == "heatmap" else ""))
        rows = [head, *((trace.get("name"), *row) for trace in chart["data"] for row in points(trace))]
    return [list(map(exact, row)) for row in rows]


def expected_tables(user: User, study: int) -> list[tuple[str, list[list[str]]]]:
    """Return discipline and table of every chart, from the data of the stub."""
    bundles = user.world.studies[study].charts().items()
    return [(node, table(chart)) for node, many in bundles for bundle in many for chart in bundle.charts]


def written(user: User) -> list[tuple[str, list[list[str]]]]:
    """Return discipline and table of every chart, from the files in the manifest."""
    result = []
    for entry in manifest(user)["charts"]:
        with (user.folder / "out" / entry["file"]).open(encoding="utf-8", newline="") as file:
            result.append((entry["discipline"], list(csv.reader(file, strict=True))))
    return result


# Numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", mostly_slow([True, False], 2))
@pytest.mark.parametrize(
    ("server", "study"), [("documented", 21), slow("5.0", 21), ("5.3", 21), slow("documented", 23)], ids=str
)
def test_csv_has_the_exact_numbers_of_the_charts(
    user_of: Callable[..., User], server: str, study: int, changed: bool
) -> None:
    user = user_of(server)
    if changed:
        assert user.types("param", "set", str(study), CHANGES[study]).code == 0
        assert user.world.studies[study].status == "NOT EXECUTED"
    assert export(user, "csv", str(study)).code == 0
    expected = expected_tables(user, study)
    assert len(expected) == {21: 10, 23: 344}[study]
    assert written(user) == expected
    assert {item for _, rows in expected for row in rows for item in row} >= (
        {"nan", "inf"} if study == 21 else {"2100"}
    )
    assert {chart["source"].startswith("read-only") for chart in manifest(user)["charts"]} == {
        not changed and server != "5.0"  # it has no read-only file
    }


ODD = {
    "gap beside whole numbers": charts.lines("t", ("x", [1, 2, 3]), ("y", {"s": [1, None, 3], "r": [1.0, 2, NAN]})),
    "infinite on both axes": charts.bars_and_lines(
        "t", ("x", [1, 2]), ("l", {"a": [-INF, 1.5]}), ("r", {"b": [NAN, INF]})
    ),
    "digits": charts.lines("t", ("x", [0.1, -0.0, 1e300]), ("y", {"s": [5e-324, 0.1 + 0.2, 2**53 + 1]})),
    "comma in a name": charts.lines("t", ("x", [1, 2]), ("y", {"a, b": [NAN, 1], "c": [2, -INF]})),
    "line ends and quotes": charts.table("t", {"a": ["p\rq", 'r"s', "t\r\nu", "v\nw"], "b": [1, 2.5, None, "é, ☃"]}),
    "return in a head": charts.table("t", {"a\rb": ["p", "q"], "c": [1, 2]}),
    "shares": charts.pie("t", {"p": NAN, "q": None, "r": 1, "s": INF}),
    "gap beside a comma": charts.table("t", {"a": ["p", "q"], "b": ["r,nan", None]}),
    "lying bars with nan": charts.native(
        "t", [{"type": "bar", "name": "s", "orientation": "h", "x": [NAN, 1.0], "y": ["p", "q"]}]
    )
    | {"csv_data": charts.horizontal_bars("t", ("n", ["p", "q"]), ("x", {"s": [NAN, 1.0]}))["csv_data"]},
    "names that are words of the header": charts.lines("t", ("x", [1]), ("y", {"series": [2], "": [3]})),
}


@pytest.mark.parametrize("name", mostly_slow(ODD, 3))
def test_special_numbers_and_strings_are_kept(user: User, name: str) -> None:
    drawn(user, ODD[name])
    assert export(user, "csv", "30").code == 0
    assert written(user) == expected_tables(user, 30)


def test_json_is_a_plotly_figure_with_decoded_numbers(user: User) -> None:
    assert export(user, "json", "21", "--match", "Native on numpy").code == 0
    [entry] = manifest(user)["charts"]
    chart = json.loads((user.folder / "out" / entry["file"]).read_text())
    expected = user.world.studies[21].charts()["Damage"][0].charts[-1]["data"][0]
    assert (chart["data"][0]["x"], chart["data"][0]["y"]) == (expected["x"].data, expected["y"].data)
    assert (chart["discipline"], chart["section"], chart["key"]) == ("Damage", "", False)


@pytest.mark.parametrize("form", ["csv", slow("json"), slow("html")])
def test_charts_without_numbers_are_exit_7(user53: User, form: str) -> None:
    user53.world.faults.arm(Fault("status", path="html", count=99))
    done = export(user53, form)
    lacking = [chart for chart in manifest(user53)["charts"] if "numbers" in chart["missing"]]
    assert (done.code, [item["title"] for item in lacking]) == (7, ["Native on numpy"])
    assert "Damage/Native on numpy" in done.err
    assert "saved, without numbers" in done.out
    user53.world.faults.clear()
    assert export(user53, form, "21", "--overwrite").code == 0


# The manifest --------------------------------------------------------------------------------------


def test_manifest_has_source_sizes_and_hashes(user: User) -> None:
    assert export(user, "csv").code == 0
    document = manifest(user)
    head = {"server": user.environ["SOSTRADES_HOST"], "study": 21, "name": "dice", "status": "FINISHED"}
    assert {**head, "state": "current", "format": "csv"}.items() <= document.items()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["time"])
    assert user.world.key not in json.dumps(document)
    for entry in document["charts"]:
        content = (user.folder / "out" / entry["file"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_manifest_has_axes_series_and_units(user: User) -> None:
    assert export(user, "csv", "21", "--match", "Carbon/*").code == 0
    first, second = manifest(user)["charts"]
    assert {"discipline": "Carbon", "section": "Key charts", "key": False, "kind": "area"}.items() <= first.items()
    assert {"source": "read-only", "missing": "", "file": "005-Emissions.csv"}.items() <= first.items()
    axes = {"x": ("years", None), "y": ("CO2", "Gt"), "y2": ("price", "$")}
    assert {at: (ax["name"], ax["unit"]) for at, ax in second["axes"].items()} == axes
    assert second["axes"]["y"]["title"] == "CO2 [Gt]"
    assert "y2" not in first["axes"]
    series = [(sery["name"], sery["kind"], sery["axis"], sery["points"]) for sery in second["series"]]
    assert series == [("emissions", "scatter", "y", 11), ("price", "scatter", "y2", 11)]


def test_manifest_of_a_changed_study_is_marked_stale(user: User) -> None:
    assert user.types("param", "set", "21", "dice.Macro.gamma=0.4").code == 0
    done = export(user, "csv")
    document = manifest(user)
    sources = {chart["title"]: chart["source"] for chart in document["charts"]}
    assert (done.code, document["state"], document["status"]) == (0, "stale", "NOT EXECUTED")
    assert "stale" in done.err
    assert sources["Emissions"] == "json"
    assert (sources["Hidden in JSON"], sources["Native on numpy"]) == ("page", "json + page")


# The folder ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", slow("json"), slow("html")])
def test_hostile_titles_become_distinct_safe_names(user: User, form: str) -> None:
    drawn(user, *(charts.lines(title, *LINES) for title in HOSTILE))
    before = {path.name for path in user.folder.iterdir()}
    assert export(user, form, "30").code == 0
    names = [entry["file"] for entry in manifest(user)["charts"]]
    assert len({name.casefold() for name in names}) == len(HOSTILE)
    assert all(re.fullmatch(rf"\d{{3}}[A-Za-z0-9._+=@-]*\.{form}", name) and len(name) < 100 for name in names)
    extra = {"manifest.json"} | ({"plotly.min.js"} if form == "html" else set())
    assert {path.name for path in (user.folder / "out").iterdir()} == {*names, *extra}
    assert {path.name for path in user.folder.iterdir()} - before <= {"out", "cache", "state", "config"}


@pytest.mark.parametrize(("study", "options"), [("21", ("--match", "nothing*")), ("22", ())])
def test_no_chart_is_exit_5(user: User, study: str, options: tuple[str, ...]) -> None:
    done = export(user, "csv", study, *options)
    assert (done.code, done.out, (user.folder / "out").exists()) == (5, "", False)


# Pages and pictures --------------------------------------------------------------------------------


def test_page_needs_only_the_library_beside_it(user: User) -> None:
    drawn(user, *(charts.lines(title, ("x", [1]), ("y", {title: [1.0]})) for title in HOSTILE))
    assert export(user, "html", "30").code == 0
    pages = sorted((user.folder / "out").glob("*.html"))
    assert (len(pages), len(list((user.folder / "out").glob("*.js")))) == (len(HOSTILE), 1)
    for page, title in zip(pages, HOSTILE, strict=True):
        tags = _Tags()
        tags.feed(page.read_text(encoding="utf-8"))
        scripts = [given for tag, given in tags.tags if tag == "script"]
        policies = [
            given["content"] for tag, given in tags.tags if given.get("http-equiv", "").startswith("Content-Sec")
        ]
        assert [given["src"] for _, given in tags.tags if "src" in given] == ["plotly.min.js"]
        assert all("nonce" in given or given["type"] == "application/json" for given in scripts)
        assert (len(scripts), len(policies), "default-src 'none'" in policies[0]) == (4, 1, True)
        assert not {"img", "link", "iframe"} & {tag for tag, _ in tags.tags}
        # The client's JSON reader makes a question mark of half a surrogate pair.
        heading = title.replace("\ud800", "?") or f"chart {int(page.name[:3])}"
        assert tags.texts["what"] == "".join(item if item.isprintable() else "\ufffd" for item in heading)


class _Tags(HTMLParser):
    """The tags of a page with their attributes, and the text of its spans by class."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        tag, given = self.tags[-1] if self.tags else ("", {})
        if tag == "span":
            self.texts[given["class"]] = self.texts.get(given["class"], "") + data


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"PATH": "/nonexistent"}, ("Chromium", "BROWSER_PATH")),
        ({"BROWSER_PATH": "/nonexistent/chrome", "PATH": os.defpath}, ("BROWSER_PATH", "/nonexistent/chrome")),
    ],
)
@pytest.mark.parametrize("form", ["png", "svg"])
def test_missing_browser_is_exit_2_before_any_request(
    user: User, form: str, environ: dict[str, str], words: Any
) -> None:
    done = export(user, form, "21", **environ)
    assert (done.code, user.requests, (user.folder / "out").exists()) == (2, [], False)
    assert all(word in done.err for word in words)


def test_browser_that_does_not_start_is_exit_2(user: User) -> None:
    done = export(user, "png", "21", BROWSER_PATH="/bin/false")
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert "/bin/false" in done.err
    assert not (user.folder / "out").exists()


def test_csv_is_the_default_form(user: User) -> None:
    assert user.types("postproc", "export", "21", str(user.folder / "out"), "--match", "damages").code == 0
    assert [item.suffix for item in (user.folder / "out").iterdir() if item.name != "manifest.json"] == [".csv"]


def test_folder_of_the_first_version_is_an_option(user: User) -> None:
    folder = str(user.folder / "out")
    assert user.types("postproc", "export", "21", "-d", folder, "--as", "csv", "--match", "damages").code == 0
    for wrong in ((), (folder, "-d", folder)):
        done = user.types("postproc", "export", "21", *wrong)
        assert (done.code, done.kind) == (2, "usage")
