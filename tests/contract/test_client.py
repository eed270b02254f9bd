"""What the client reads of an answer is what the OpenAPI document says, and what breaks it is a clear error."""

from __future__ import annotations

import contextlib
import copy
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from conftest import WorldClock
from contract.document import DOCUMENT, answer, below, faults, follow, operations
from contract.fuzzing import bounded
from hypothesis import given
from hypothesis import strategies as st

from server_stub.clock import ManualClock
from sostrades_cli.api.client import Api
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.models import parameters_from_api
from sostrades_cli.errors import SostradesError, UnusableAnswer
from sostrades_cli.plotly_figures.chart import charts_from_api, charts_of_read_only

if TYPE_CHECKING:
    from collections.abc import Callable

STUDY = 21
ROUTE = "/api/v0/study-case/{study_id}"
LOAD = ("GET", ROUTE + "/{seconds}")
STATUS = ("GET", "/api/v0/calculation/status/{study_id}")
EXECUTE = ("POST", "/api/v0/calculation/execute/{study_id}")
CHARTS = ("GET", "/api/v0/post-processing/{study_id}")
READ_ONLY = ("GET", ROUTE + "/read-only-mode")
URL = ("GET", ROUTE + "/url")
COPY = ("POST", ROUTE + "/copy")
CHANGE = ("POST", ROUTE + "/parameters")
DOWNLOAD = ("POST", ROUTE + "/parameter/download")
LOGS = ("GET", ROUTE + "/logs")
PAGE = ("GET", "/api/v0/post-processing/{study_id}/html")
KEPT_CHARTS = "the charts of a read-only file"
# Asked by `sostrades api` only, which reads nothing of them, or by `doctor`, which reads their status.
NOT_READ = {
    ("GET", "/api/ping"),
    ("GET", ROUTE),
    ("GET", ROUTE + "/saved-ontology-usages"),
    ("GET", ROUTE + "/saved-documentation/{name}"),
    ("POST", "/api/v0/ontology/ontology-usages"),
    ("GET", "/api/v0/ontology/{name}/markdown_documentation"),
}


def shown(charts: Any) -> Any:
    """Read charts down to their numbers."""
    return [(chart.title, chart.series()) for chart in charts]


def opened(stream: Any) -> bytes:
    """Read a stream to its end."""
    with stream as found:
        chunks = found[1] if isinstance(found, tuple) else found
        return b"".join(chunks)


# How the client reads the success of a route.
READERS: dict[tuple[str, str], Callable[[Api], Any]] = {
    LOAD: lambda api: dict(parameters_from_api(api.studies.load(STUDY, 30))),
    STATUS: lambda api: api.calculations.status(STUDY),
    EXECUTE: lambda api: api.calculations.execute(STUDY),
    CHARTS: lambda api: shown(api.post_processing.charts(STUDY, charts_from_api)),
    READ_ONLY: lambda api: api.studies.read_only(STUDY),
    URL: lambda api: api.studies.url(STUDY),
    COPY: lambda api: api.studies.copy(STUDY, "copied"),
    CHANGE: lambda api: api.parameters.update(STUDY, [("dice.x", 1.0, None)]),
    DOWNLOAD: lambda api: api.parameters.content(STUDY, "dice.x"),
    LOGS: lambda api: opened(api.studies.log_stream(STUDY)),
    PAGE: lambda api: opened(api.post_processing.page(STUDY)),
    (READ_ONLY[0], KEPT_CHARTS): lambda api: shown(api.post_processing.kept_charts(STUDY, charts_of_read_only)),
}
# What the client cannot do without: route, where it stands in a whole answer, and what may be there instead.
NEEDED = {
    "parameter": (LOAD, {"dice.x": {"type": "float", "value": 1.0}}, ("dice.x", "type")),
    "status": (STATUS, {"study_case_id": STUDY, "study_case_execution_status": ""}, ("study_case_execution_status",)),
    "started": (EXECUTE, {"study_case_id": STUDY, "study_case_execution_status": ""}, ("study_case_execution_status",)),
    "charts": (CHARTS, {"dice": []}, ("dice",)),
    "tree": (READ_ONLY, {"treenode": {}}, ("treenode",)),
    "variable": (
        READ_ONLY,
        {"treenode": {"data": {"dice.x": {"type": "int"}}}},
        ("treenode", "data", "dice.x", "type"),
    ),
    "bundles": ((READ_ONLY[0], KEPT_CHARTS), {"post_processings": {"dice": []}}, ("post_processings", "dice")),
    "link": (URL, {"study_url": "/study/21"}, ("study_url",)),
}
RECORDINGS = Path(__file__).parents[1] / "recordings" / "exchanges.jsonl"
RECORDED = next(
    json.loads(exchange["response"]["body"])
    for exchange in map(json.loads, RECORDINGS.read_text(encoding="utf-8").splitlines())
    if exchange["name"] == "ro-done"
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def read(route: tuple[str, str], response: Callable[[], httpx.Response]) -> Any:
    """Let the client read an answer to a request of a route."""
    transport = httpx.MockTransport(lambda request: response())
    session = Session(
        Connection("http://127.0.0.1", ("0123456789abcdef" * 2,), transport=transport),
        WorldClock(ManualClock()),
        lambda line: None,
    )
    with contextlib.closing(session):
        return READERS[route](Api(session))


def of_json(value: Any, status: int = 200) -> Callable[[], httpx.Response]:
    """Return what makes an answer in JSON."""
    content = json.dumps(value).encode()
    return lambda: httpx.Response(status, content=content, headers={"Content-Type": "application/json"})


def documented(route: tuple[str, str], status: int) -> str:
    """Return the pointer to the schema of a JSON answer."""
    method, path = route
    found = answer(method, ROUTE + "/read-only-mode" if path == KEPT_CHARTS else path, status)
    assert found is not None
    return below(found, "content", "application/json", "schema")


@cache
def values(pointer: str) -> st.SearchStrategy[Any]:
    """Return values of a schema of the document, made by Schemathesis as it makes bodies of requests."""
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": f"#{pointer}"}}}}
    asking = {"/x": {"post": {"requestBody": body, "responses": {"200": {"description": "x"}}}}}
    document = {**copy.deepcopy(DOCUMENT), "security": [], "paths": {**DOCUMENT["paths"], **asking}}
    operation = schemathesis.openapi.from_dict(document)["/x"]["POST"]
    made: st.SearchStrategy[Any] = operation.as_strategy().map(lambda case: case.body)
    return made


def as_sent(value: Any) -> Any:
    """Make a status that of the study that was asked for, and write a whole number as the server does, without a point.

    A status of another study is refused, rightly; and to JSON Schema 9.0 is an integer.
    """
    if isinstance(value, float):
        return int(value)
    return value | {"study_case_id": STUDY} if isinstance(value, dict) and "study_case_id" in value else value


def read_only_files() -> st.SearchStrategy[Any]:
    """Return recorded read-only files with other variables, nodes and charts: whole ones by chance are too large."""
    variables, bundle = values("/components/schemas/Variables"), values("/components/schemas/Bundle")

    def file(data: Any, below: Any, bundles: Any) -> Any:
        tree = RECORDED["treenode"]
        child = {**tree, "name": "below", "data": below, "children": []}
        return {
            **RECORDED,
            "treenode": {**tree, "data": data, "children": [child, *tree["children"]]},
            "post_processings": {"dice": bundles},
        }

    return st.builds(file, variables, variables, st.lists(bundle, max_size=1))


def successes(route: tuple[str, str]) -> st.SearchStrategy[Any]:
    """Return what the document allows as the success of a route."""
    if route in (READ_ONLY, (READ_ONLY[0], KEPT_CHARTS)):
        return read_only_files()
    if route == CHARTS:
        charts = st.lists(values("/components/schemas/Chart"), max_size=2)
        return st.dictionaries(st.text(), charts, max_size=2)
    return values(documented(route, 200)).map(as_sent)


# How many examples: few in the quick test line.
EXAMPLES = pytest.mark.parametrize("examples", [3, pytest.param(30, marks=pytest.mark.slow)])
SUCCESSES = [route for route in READERS if route not in (DOWNLOAD, LOGS, PAGE)]
ERRORS = [
    pytest.param(route, int(status), id=f"{route[0]} {route[1]} {status}")
    for route in READERS
    if route[1] != KEPT_CHARTS
    for status in follow(below("/paths", route[1], route[0].lower(), "responses"))[1]
    # 416 is an answer to ranges only, and 206 and 304 to those and to conditions.
    if int(status) >= 400 and int(status) != 416
]


@EXAMPLES
@pytest.mark.parametrize("route", SUCCESSES, ids=" ".join)
def test_client_reads_every_documented_success(route: tuple[str, str], examples: int) -> None:
    """Every answer that the schema allows is read without an error."""

    @bounded(examples)
    @given(value=successes(route))
    def reads(value: Any) -> None:
        assert faults(documented(route, 200), value) == []
        read(route, of_json(value))

    reads()


@EXAMPLES
@pytest.mark.parametrize(("route", "status"), ERRORS)
def test_documented_errors_become_errors_of_the_client(route: tuple[str, str], status: int, examples: int) -> None:
    """Whatever its text, it is one of the client's own, with the server's words in it."""

    @bounded(examples)
    @given(value=values(documented(route, status)))
    def reads(value: Any) -> None:
        with pytest.raises(SostradesError) as raised:
            read(route, of_json(value, status))
        assert raised.value.server is not None
        assert raised.value.server.status == status

    reads()


@EXAMPLES
@pytest.mark.parametrize("route", SUCCESSES, ids=" ".join)
def test_answer_against_the_schema_is_ignored_or_unusable(route: tuple[str, str], examples: int) -> None:
    """Any field may be missing or of another type. None of them ends in a bug."""

    @bounded(examples)
    @given(value=successes(route), data=st.data())
    def reads(value: Any, data: st.DataObject) -> None:
        value = broken(copy.deepcopy(value), data)
        with contextlib.suppress(UnusableAnswer):
            read(route, of_json(value))

    reads()


def broken(value: Any, data: st.DataObject) -> Any:
    """Put anything in a place of a value, or take it away; deeper places are drawn by chance."""
    holder: Any = [value]
    place: Any = 0
    while data.draw(st.booleans()) or holder[place] is value:
        inner = holder[place]
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner))) if isinstance(inner, list) else []
        if not keys:
            break
        holder, place = inner, data.draw(st.sampled_from(keys))
    if holder[place] is not value and data.draw(st.booleans()):
        del holder[place]
        return value
    anything = data.draw(ANYTHING)
    if holder[place] is value:
        return anything
    holder[place] = anything
    return value


@pytest.mark.parametrize("name", NEEDED)
def test_answer_without_a_needed_field_is_unusable(name: str) -> None:
    """Also if the field has another type."""
    route, whole, place = NEEDED[name]
    read(route, of_json(whole))
    *outer, last = place
    for wrong in (None, 1, True, "text", [1], {"a": 1}):
        value = copy.deepcopy(whole)
        holder: Any = value
        for key in outer:
            holder = holder[key]
        if type(wrong) is type(holder[last]) or (wrong is None and name in ("status", "started")):
            continue
        holder[last] = wrong
        with pytest.raises(UnusableAnswer):
            read(route, of_json(value))


@pytest.mark.parametrize("name", ["parameter", "status", "started", "tree", "variable", "link"])
def test_needed_field_is_required_by_the_document(name: str) -> None:
    route, whole, place = NEEDED[name]
    value = copy.deepcopy(whole)
    *outer, last = place
    holder: Any = value
    for key in outer:
        holder = holder[key]
    del holder[last]
    missing = [fault for fault in faults(documented(route, 200), value) if f"'{last}' is a required property" in fault]
    assert missing
    with pytest.raises(UnusableAnswer):
        read(route, of_json(value))


@pytest.mark.parametrize("number", [None, 1.5, True, "9", [9], {"id": 9}])
def test_number_of_a_copy_is_an_integer(number: Any) -> None:
    """Both the document and the client reject anything else."""
    assert faults(documented(COPY, 200), number) != []
    with pytest.raises(UnusableAnswer):
        read(COPY, of_json(number))


@pytest.mark.parametrize(
    ("route", "content_type", "content"),
    [
        (DOWNLOAD, "text/csv; charset=utf-8", b"value\n1.0\n"),
        (LOGS, "application/octet-stream", b"[2026-11-22 22:44:25,198] a line\n"),
        (PAGE, "text/html; charset=utf-8", b"<html></html>"),
    ],
    ids=["download", "logs", "page"],
)
def test_files_and_pages_are_passed_on_unchanged(route: tuple[str, str], content_type: str, content: bytes) -> None:
    """Byte for byte, with the media type of the document."""
    found = answer(*route, 200)
    assert found is not None
    assert content_type.partition(";")[0] in follow(found)[1]["content"]
    answered = read(route, lambda: httpx.Response(200, content=content, headers={"Content-Type": content_type}))
    assert answered == content


def test_every_route_is_tested_or_excluded_by_name() -> None:
    assert {route for route in READERS if route[1] != KEPT_CHARTS} | NOT_READ == operations()
