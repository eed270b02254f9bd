"""The client reads answers to requests of each route."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import httpx
from conftest import WorldClock
from contract.document import answer, below

from server_stub.clock import ManualClock
from sostrades_cli.api.client import Api
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.models import parameters_from_api
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


def shown(charts: Any) -> Any:
    """Read charts down to their numbers."""
    return [(chart.title, chart.series()) for chart in charts]


def opened(stream: Any) -> bytes:
    """Read a stream to its end."""
    with stream as result:
        chunks = result[1] if isinstance(result, tuple) else result
        return b"".join(chunks)


# Functions that read the successful answer of each route with the client.
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
    """Return a function that makes a JSON answer."""
    content = json.dumps(value).encode()
    return lambda: httpx.Response(status, content=content, headers={"Content-Type": "application/json"})


def documented(route: tuple[str, str], status: int) -> str:
    """Return the pointer to the schema of a JSON answer."""
    method, path = route
    result = answer(method, ROUTE + "/read-only-mode" if path == KEPT_CHARTS else path, status)
    assert result is not None
    return below(result, "content", "application/json", "schema")
