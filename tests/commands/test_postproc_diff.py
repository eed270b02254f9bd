"""Test `sostrades postproc diff`."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_SERVERS, slow

from server_stub import charts
from server_stub.faults import Fault
from server_stub.model import Bundle, Model, no_outputs
from server_stub.solver_settings import coupling_settings
from server_stub.values import Array
from server_stub.world import Right
from server_stub.worlds.demo import finished
from sostrades_cli.plotly_figures.repeated_lists import PLACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Outcome, User

COPY = 34
NAN, INF = math.nan, math.inf
HOSTILE = ("</script><script>alert(1)</script>", "a\x00b\x1b[31m\u202e", "x" * 10_000, "", "same", "same", "\ud800")


def copied(user: User, gamma: str = "") -> User:
    """Add study 34, a finished copy of study 21 with another gamma."""
    # The server cannot give an array of two dimensions, which the copy tells by its exit code.
    assert user.types("study", "copy", "21", "dicetwo").code in (0, 8)
    # A copy can only be run after a change; a note changes no number.
    change = f"dicetwo.Macro.gamma={gamma}" if gamma else "dicetwo.Macro.note=x"
    assert user.types("param", "set", str(COPY), change).code == 0
    assert user.types("calc", "run", str(COPY)).code == 0
    return user


def drawn(user: User, study: int, *made: Any) -> None:
    """Add a finished study with these charts."""
    model = Model("p", ("", "N"), coupling_settings(), no_outputs, lambda _: {"": [], "N": [Bundle("b", made)]})
    user.world.add_study(study, f"s{study}", model, {user.world.users["owner@email.com"]: Right.OWNER}, finished)


def diff(user: User, a: int, b: int, *options: str) -> Outcome:
    """Compare the charts of two studies."""
    return user.types("postproc", "diff", str(a), str(b), *options)


def differing(user: User, a: int, b: int, *options: str) -> list[dict[str, Any]]:
    """Return the differences in JSON and check the exit code."""
    done = diff(user, a, b, "-F", "json", "--exit-code", *options)
    rows: list[dict[str, Any]] = json.loads(done.out)["points" if "--numbers" in options else "differences"]
    assert done.code == (9 if rows else 0), done.err
    return rows


def lines(user: User, study: int) -> Iterator[tuple[tuple[str, str, str], dict[str, float]]]:
    """Yield discipline, title, name and values of every series with axes, from the data of the stub."""
    for node, bundles in user.world.studies[study].charts().items():
        for chart in (chart for bundle in bundles for chart in bundle.charts):
            title = re.sub("</?[bi]>", "", chart["layout"]["title"]["text"])
            for trace in chart["data"]:
                if "y" in trace:
                    x, y = (item.data if isinstance(item, Array) else item for item in (trace["x"], trace["y"]))
                    yield (node, title, trace["name"]), dict(zip(map(str, x), y, strict=True))


def pages(user: User, file: str = "both.html") -> list[dict[str, Any]]:
    """Return the figures of a page."""
    result = _Figures()
    result.feed((user.folder / file).read_text(encoding="utf-8"))
    shared = next((lists for lists in map(json.loads, result.texts) if isinstance(lists, list)), [])

    def filled_in(fields: dict[str, Any]) -> Any:
        return shared[fields[PLACE]] if PLACE in fields else fields

    documents = [json.loads(text, object_hook=filled_in) for text in result.texts]
    return [item for item in documents if isinstance(item, dict) and isinstance(item.get("data"), list)]


class _Figures(HTMLParser):
    """The JSON inside the scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._in_json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Handle a script tag."""
        self._in_json = tag == "script" and ("type", "application/json") in attrs

    def handle_data(self, data: str) -> None:
        """Keep JSON."""
        if self._in_json:
            self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End a script."""
        self._in_json = False


# What differs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_equal_charts_do_not_differ(user_of: Callable[..., User], server: str) -> None:
    """Infinity and nan equal themselves."""
    user = copied(user_of(server))
    assert differing(user, 21, COPY) == differing(user, COPY, 21) == differing(user, 21, 21) == []
    assert differing(user, 21, COPY, "--match", "Native*") == []


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_each_differing_series_is_a_row(user_of: Callable[..., User], server: str) -> None:
    user = copied(user_of(server), "0.4")
    result = {(row["discipline"], row["chart"], row["series"]): row for row in differing(user, 21, COPY)}
    b = dict(lines(user, COPY))
    expected = {}
    for name, values in lines(user, 21):
        apart = {x: b[name][x] - y for x, y in values.items() if math.isfinite(y) and b[name][x] != y}
        if apart:
            at = max(apart, key=lambda x: abs(apart[x]))
            expected[name] = (len(values), len(apart), apart[at], at, "changed")
    assert len(expected) == 9
    columns = ("points", "differing", "largest", "at", "change")
    assert {name: tuple(result[name][column] for column in columns) for name in expected} == expected
    assert result.keys() - expected.keys() == {("Macro", "Output table", "output")}


def test_difference_fails_only_with_exit_code(user: User) -> None:
    copied(user, "0.4")
    done = diff(user, 21, COPY, "--match", "Carbon/*")
    assert (done.code, len(done.out.splitlines()), "2 of 2 charts differ" in done.err) == (0, 4, True)
    failed = diff(user, 21, COPY, "--match", "Carbon/*", "--exit-code")
    assert (failed.code, failed.out) == (9, done.out)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), ["output", "twice"]),
        slow(("--rtol", "1"), []),
        (("--atol", "13"), ["twice"]),
        slow(("--atol", "1000"), []),
        slow(("--rtol", "1e-9", "--atol", "1e-9"), ["output", "twice"]),
    ],
)
def test_tolerances_hide_small_differences(user: User, options: tuple[str, ...], names: list[str]) -> None:
    copied(user, "0.4")
    assert [row["series"] for row in differing(user, 21, COPY, "--match", "Output per year", *options)] == names


@pytest.mark.parametrize("option", ["--rtol", "--atol"])
@pytest.mark.parametrize("amount", ["-1", "x"])
def test_invalid_tolerance_is_rejected(user: User, option: str, amount: str) -> None:
    assert (diff(user, 21, 22, option, amount).code, user.requests) == (2, [])


def test_charts_of_one_study_only_are_listed(user: User) -> None:
    there, back = differing(user, 21, 27), differing(user, 27, 21)
    assert len({(row["discipline"], row["chart"]) for row in there}) == 10 + 23
    assert {row["change"] for row in there if row["discipline"] == "Macro"} == {"only in A"}
    assert {row["change"] for row in back if row["discipline"] == "Macro"} == {"only in B"}
    assert sum(row["change"] == "only in B" for row in there) == sum(row["change"] == "only in A" for row in back) == 45


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_numbers_option_lists_every_point(user_of: Callable[..., User], server: str) -> None:
    user = copied(user_of(server), "0.4")
    rows = differing(user, 21, COPY, "--numbers", "--match", "Damage/*numpy")
    [a], [b] = ([y for name, y in lines(user, item) if name[2] == "numpy"] for item in (21, COPY))
    assert [(row["x"], row["a"], row["b"], row["difference"]) for row in rows] == [
        (x, a[x], b[x], b[x] - a[x]) for x in a
    ]
    rows = json.loads(diff(user, 21, COPY, "--numbers", "-F", "json", "--match", "Native heat").out)["points"]
    assert [(row["x"], row["a"], row["b"], row["difference"]) for row in rows] == [
        (f"{at % 2} / {at // 2}", at + 1, at + 1, 0) for at in range(4)
    ]


def test_charts_of_a_changed_study_are_those_of_the_last_run(user: User) -> None:
    copied(user)
    assert user.types("param", "set", str(COPY), "dicetwo.Macro.gamma=0.4").code == 0
    done = diff(user, 21, COPY, "--match", "Emissions*", "--exit-code")
    assert (done.code, f"stale: study {COPY}" in done.err) == (0, True)


def test_missing_numbers_are_not_equal(user: User) -> None:
    """The page with the numbers fails: exit 7."""
    copied(user, "0.4")
    user.world.faults.arm(Fault("status", path="html", count=99))
    done = diff(user, 21, COPY, "--match", "*numpy", "--exit-code")
    assert (done.code, "Native on numpy" in done.err) == (7, True)


def test_difference_too_large_for_a_float_is_valid_json(user: User) -> None:
    for study, value in ((30, 1e308), (31, -1e308)):
        drawn(user, study, charts.lines("t", ("x", [1]), ("y", {"s": [value]})))
    for option in ((), ("--numbers",)):
        done = diff(user, 30, 31, "-F", "json", *option)
        assert (done.code, json.loads(done.out, parse_constant=pytest.fail)["differing"]) == (0, 1)


@pytest.mark.parametrize(("sides", "match"), [((21, 21), "nothing*"), ((22, 22), "*")])
def test_no_chart_is_exit_5(user: User, sides: tuple[int, int], match: str) -> None:
    done = diff(user, *sides, "--match", match, "--page", str(user.folder / "both.html"))
    assert (done.code, done.out, (user.folder / "both.html").exists()) == (5, "", False)


# The page ------------------------------------------------------------------------------------------


def test_page_has_the_traces_of_both_studies_and_needs_no_network(user: User) -> None:
    copied(user, "0.4")
    file = user.folder / "both.html"
    assert diff(user, 21, COPY, "--page", str(file)).code == 0
    text = file.read_text(encoding="utf-8")
    assert "Content-Security-Policy" in text
    assert re.findall(r"<script[^>]*\ssrc=", text) == []
    figures = pages(user)
    assert len(figures) == 10 + 3
    shown = {trace["name"]: trace["y"] for figure in figures for trace in figure["data"] if "y" in trace}
    for study, name in ((21, "dice 21"), (COPY, "dicetwo 34")):
        for (_, _, series), values in lines(user, study):
            finite = [value if math.isfinite(value) else None for value in values.values()]
            assert shown[f"{series} · {name}"] == finite
    assert sorted(path.name for path in user.folder.glob("*.*")) == ["both.html"]


def test_hostile_titles_are_escaped_in_the_page(user: User) -> None:
    for study in (30, 31):
        made = [charts.lines(name, ("x", [1]), ("y", {name: [study]})) for name in HOSTILE]
        drawn(user, study, *made, charts.pie("p", dict.fromkeys(HOSTILE, 1)))
    assert diff(user, 30, 31, "--page", str(user.folder / "both.html")).code == 0
    assert len(pages(user)) == len(HOSTILE) + 2
    assert "<script>alert" not in (user.folder / "both.html").read_text(encoding="utf-8")


def test_existing_page_is_rejected_without_overwrite(user: User) -> None:
    file = user.folder / "both.html"
    file.write_text("mine")
    assert (diff(user, 21, 21, "--page", str(file)).code, user.requests, file.read_text()) == (2, [], "mine")
    assert diff(user, 21, 21, "--page", str(file), "--overwrite").code == 0
    assert file.read_text().startswith("<!DOCTYPE html>")


def test_page_in_a_missing_folder_is_rejected_before_any_request(user: User) -> None:
    assert (diff(user, 21, 21, "--page", str(user.folder / "no" / "p.html")).code, user.requests) == (2, [])


def test_server_fault_leaves_no_page(user: User) -> None:
    user.world.faults.arm(Fault("status", path="post-processing/23|23/read-only", count=999))
    done = diff(user, 21, 23, "--page", str(user.folder / "both.html"))
    assert (done.code, done.out, list(user.folder.glob("*html*"))) == (7, "", [])


def test_missing_permission_is_exit_4(user: User) -> None:
    assert (diff(user, 21, 25).code, diff(user, 25, 21).code) == (4, 4)
