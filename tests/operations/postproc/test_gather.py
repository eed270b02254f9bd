"""Test gathering charts from the three sources against the stub."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_SERVERS, SERVERS, WITH_READ_ONLY_MODE, StubTransport, mostly_slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from conftest import User

STATUS = "GET /api/v0/calculation/status/21"
READ_ONLY = "GET /api/v0/study-case/21/read-only-mode"
JSON = "GET /api/v0/post-processing/21"
PAGE = "GET /api/v0/post-processing/21/html"
ON_PAGE, ON_JSON, ON_READ_ONLY = "post-processing/21/html$", "post-processing/21$", "read-only-mode$"
TITLES = [
    "Hidden in JSON",
    "Output per year",
    "Energy mix",
    "Output table",
    "Emissions",
    "Emissions and price",
    "Damages",
    "Temperature with gaps",
    "Native heat",
    "Native on numpy",
]
SECTIONS = ["", "Key charts", "Energy", "Tables", "Key charts", "", "Key charts", "", "Native", ""]
DISCIPLINES = ["Macro"] * 4 + ["Carbon"] * 2 + ["Damage"] * 4
POINTS = [11, 22, 2, 11, 22, 22, 11, 11, 4, 11]


def listed(user: User, study: int = 21, code: int = 0) -> list[dict[str, Any]]:
    """Return the charts of a study."""
    done = user.types("postproc", "list", str(study), "-F", "json")
    assert done.code == code, done.err
    return json.loads(done.out)


def notes(user: User, study: int = 21, code: int = 0) -> str:
    """Return the notes beside the charts. The JSON formats have none."""
    done = user.types("postproc", "list", str(study))
    assert done.code == code, done.err
    return done.err


def column(charts: list[dict[str, Any]], name: str) -> list[Any]:
    """Return one field of all charts."""
    return [chart[name] for chart in charts]


def change(user: User) -> None:
    """Change the study after its run, so that its charts are outdated."""
    assert user.types("param", "set", "21", "Macro.gamma=0.35", "--yes").code == 0
    user.world.requests.clear()


def break_(user: User, path: str, **more: Any) -> None:
    """Let every request to a path fail."""
    user.world.faults.arm(Fault("status", **{"count": 99, "path": path, "status": 500, **more}))


class MeddlingServer(StubTransport):
    """A stub on which somebody else acts right after a request."""

    def __init__(self, user: User, path: str, act: Callable[[], Any]) -> None:
        super().__init__(user.world)
        self._path = path
        self._act = act

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, then act."""
        response = super().handle_request(request)
        if request.url.path.endswith(self._path):
            self._act()
        return response


# A finished study ----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", WITH_READ_ONLY_MODE)
def test_finished_study_has_all_charts_in_the_read_only_file(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    charts = listed(user)
    assert column(charts, "number") == list(range(1, 11))
    assert column(charts, "chart") == TITLES
    assert column(charts, "discipline") == DISCIPLINES
    assert column(charts, "section") == SECTIONS
    assert [chart["chart"] for chart in charts if chart["key"]] == ["Output per year", "Damages"]
    assert column(charts, "points") == POINTS
    assert column(charts, "source") == ["read-only"] * 9 + ["read-only + page"]
    assert (set(column(charts, "missing")), set(column(charts, "state")), notes(user)) == ({""}, {"current"}, "")


@pytest.mark.parametrize("server", WITH_READ_ONLY_MODE)
def test_finished_study_needs_the_file_and_the_page(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    listed(user)
    assert user.requests == [STATUS, READ_ONLY, PAGE, STATUS]


def test_page_is_not_requested_if_no_numbers_are_missing(user: User) -> None:
    study = user.world.find(21)
    whole = study.model.charts

    def without_numpy(values: Any) -> Any:
        return {node: bundles for node, bundles in whole(values).items() if node != "Damage"}

    study.model = replace(study.model, charts=without_numpy)
    charts = listed(user)
    assert (column(charts, "chart"), user.requests) == (TITLES[:6], [STATUS, READ_ONLY, STATUS])


@pytest.mark.parametrize("server", SERVERS)
def test_charts_are_computed_without_a_read_only_file(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.find(21).read_only = None
    charts = listed(user)
    assert user.requests == [STATUS, READ_ONLY, JSON, PAGE, STATUS]
    assert (column(charts, "chart"), set(column(charts, "state")), notes(user)) == (TITLES, {"current"}, "")


@pytest.mark.parametrize("status", [400, 403])
def test_other_refusal_of_the_file_is_an_error(user: User, status: int) -> None:
    break_(user, ON_READ_ONLY, status=status)
    done = user.types("postproc", "list", "21")
    assert (done.code != 0, done.out, JSON in user.requests) == (True, "", False)
    assert "A fault of the stub" in done.err


def test_failed_read_only_file_leaves_the_other_sources(user: User) -> None:
    break_(user, ON_READ_ONLY)
    charts = listed(user)
    assert column(charts, "chart") == TITLES


def test_charts_are_read_after_a_short_outage(user: User) -> None:
    for path in (ON_READ_ONLY, ON_PAGE):
        break_(user, path, count=1, status=503)
    charts = listed(user)
    assert (column(charts, "points"), set(column(charts, "missing"))) == (POINTS, {""})
    assert user.requests == [STATUS, READ_ONLY, READ_ONLY, PAGE, PAGE, STATUS]


# A changed study -----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_changed_study_has_the_same_charts_marked_stale(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    before = listed(user)
    change(user)
    charts = listed(user)
    assert user.requests[:4] == [STATUS, JSON, PAGE, STATUS]
    for name in ("number", "chart", "discipline", "kind", "series", "points"):
        assert column(charts, name) == column(before, name)
    assert set(column(charts, "state")) == {"stale"}
    assert "study 21 was changed after the run" in notes(user)


def test_charts_of_a_changed_study_combine_json_and_page(user: User) -> None:
    change(user)
    charts = listed(user)
    expected = ["page", *["json"] * 8, "json + page"]
    assert column(charts, "source") == expected
    assert column(charts, "section") == [None, *SECTIONS[1:]]
    assert column(charts, "missing") == ["section", *[""] * 9]
    assert column(charts, "key")[:3] == [None, True, False]


@pytest.mark.parametrize("number", mostly_slow(range(1, 11), 4))
def test_changed_study_has_the_same_numbers(user: User, number: int) -> None:
    before = user.types("postproc", "show", "21", str(number), "-F", "ndjson")
    change(user)
    after = user.types("postproc", "show", "21", str(number), "-F", "ndjson")
    assert (before.code, after.code, after.out) == (0, 0, before.out)
    assert len(before.out.splitlines()) == POINTS[number - 1]


def test_nan_and_infinity_are_kept(user: User) -> None:
    shown = json.loads(user.types("postproc", "show", "21", "Temperature with gaps", "-F", "json").out)
    assert [row["y"] for row in shown["points"][-2:]] == ["nan", "inf"]


# Sources that fail ---------------------------------------------------------------------------------


def test_charts_of_the_file_are_kept_without_the_page(user: User) -> None:
    break_(user, ON_PAGE)
    charts = listed(user, code=7)
    assert column(charts, "chart") == TITLES
    assert column(charts, "missing") == [*[""] * 9, "numbers"]
    assert column(charts, "points") == [*POINTS[:9], 0]
    assert "page of study 21" in notes(user, code=7)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "body", "body": "<html><body><h1>Please log in</h1></body></html>"},
        {"kind": "body", "body": "<h1>dice (id: 21)</h1><h3>dice.Macro</h3><script>Plotly.newPlot(x</script></html>"},
    ],
)
def test_charts_of_the_json_are_kept_without_the_page(user: User, fault: dict[str, Any]) -> None:
    change(user)
    user.world.faults.arm(Fault(**{"count": 99, "path": ON_PAGE, **fault}))
    charts = listed(user, code=7)
    assert column(charts, "chart") == TITLES[1:]
    assert column(charts, "number") == list(range(1, 10))
    assert column(charts, "source") == ["json"] * 9
    assert column(charts, "missing") == [*[""] * 8, "numbers"]
    assert "page of study 21" in notes(user, code=7)


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 500}, {"kind": "body", "body": "[]"}, {"kind": "body", "body": '{"a": 1}'}]
)
def test_charts_of_the_page_are_kept_without_the_json(user: User, fault: dict[str, Any]) -> None:
    change(user)
    user.world.faults.arm(Fault(**{"count": 99, "path": ON_JSON, "content_type": "application/json", **fault}))
    charts = listed(user)
    assert (column(charts, "chart"), column(charts, "points")) == (TITLES, POINTS)
    assert (set(column(charts, "source")), set(column(charts, "missing"))) == ({"page"}, {"section"})
    assert (set(column(charts, "section")), set(column(charts, "key"))) == ({None}, {None})
    assert "page of the server" in notes(user)


def test_failure_of_all_sources_is_exit_7(user: User) -> None:
    change(user)
    break_(user, "post-processing/21")
    done = user.types("postproc", "list", "21")
    assert (done.code, done.out) == (7, "")


# Other states --------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_study_that_never_ran_has_no_charts(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    charts = listed(user, 22)
    assert (charts, "read-only-mode" in " ".join(user.requests)) == ([], False)
    assert "study 22 has not been run" in notes(user, 22)


@pytest.mark.parametrize("server", SERVERS)
def test_charts_during_a_run_are_marked_running(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    assert user.types("calc", "run", "21", "--detach").code == 0
    user.world.requests.clear()
    charts = listed(user)
    assert READ_ONLY not in user.requests
    assert (column(charts, "chart"), set(column(charts, "state"))) == (TITLES, {"running"})
    assert "until the run ends" in notes(user)


def test_charts_after_a_failed_run_are_noted(user: User) -> None:
    assert user.types("calc", "run", "22").code == 3
    user.world.requests.clear()
    charts = listed(user, 22)
    assert (charts, "read-only-mode" in " ".join(user.requests)) == ([], False)
    assert "the last run of study 22 ended FAILED" in notes(user, 22)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [(25, 4), (99, 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: int, code: int
) -> None:
    user = user_of(server)
    done = user.types("postproc", "list", str(study))
    assert (done.code, done.out) == (code, "")
    assert user.requests == [f"GET /api/v0/calculation/status/{study}"]


def test_run_started_in_the_meantime_is_reported(user: User) -> None:
    user.transport = MeddlingServer(user, "read-only-mode", user.world.find(21).execute)
    done = user.types("postproc", "list", "21", "-F", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert (column(rows, "chart"), set(column(rows, "state"))) == (TITLES, {"stale"})
    assert "from FINISHED to PENDING" in done.err


def test_study_name_with_dots_is_removed(user: User) -> None:
    user.world.find(21).name = "my.dice.v2"
    # The run's list of disciplines has the name of its time.
    user.world.find(21).start_run(user.world.clock.now() - 3600)
    charts = listed(user)
    assert column(charts, "discipline") == DISCIPLINES
