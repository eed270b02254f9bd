"""Worlds with a clock that tests control, and a small client."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from server_stub import create_app
from server_stub.clock import ManualClock
from server_stub.world import World
from server_stub.worlds import build_world

API = "/api/v0"


class Api:
    """A client of a world whose clock tests can advance."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world = world
        self.clock = clock
        self.client = Client(create_app(world))
        self.key = world.key

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request with the key; a body is sent as JSON."""
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        data = None if body is None else json.dumps(body)
        return self.client.open(API + path, method=method, headers=sent, data=data)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Send a GET below the prefix of the API."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send JSON below the prefix of the API."""
        return self.ask("POST", path, body, **headers)

    def upload(self, study: int, **files: bytes) -> TestResponse:
        """Upload CSV files; double underscores in a name stand for dots."""
        boundary = "BOUNDARY"
        parts = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name.replace("__", ".")}"; filename="a.csv"\r\n'
            "Content-Type: text/csv\r\n\r\n".encode()
            + content
            + b"\r\n"
            for name, content in files.items()
        )
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        data = parts + f"--{boundary}--\r\n".encode()
        return self.client.post(f"{API}/study-case/{study}/parameters", headers=headers, data=data)

    def set(self, study: int, **values: Any) -> TestResponse:
        """Set parameters; double underscores in a name stand for dots."""
        changes = [
            {"variableId": name.replace("__", "."), "newValue": value, "unit": None} for name, value in values.items()
        ]
        return self.post(f"/study-case/{study}/parameters", changes)

    def status(self, study: int) -> str:
        """Return the status of a study."""
        return str(self.get(f"/calculation/status/{study}").get_json()["study_case_execution_status"])

    def download(self, study: int, name: str) -> str:
        """Return a parameter as CSV."""
        return self.post(f"/study-case/{study}/parameter/download", {"parameter_key": name}).text

    def load(self, study: int) -> Any:
        """Return the loaded parameters."""
        return self.get(f"/study-case/{study}").get_json()


Build = Callable[..., Api]


@pytest.fixture(name="build")
def _build() -> Build:
    """Build a client for a world by name."""

    def build(name: str = "demo", **options: Any) -> Api:
        clock = ManualClock()
        return Api(build_world(name, clock=clock, **options), clock)

    return build


@pytest.fixture
def api(build: Build) -> Api:
    """Return a client of the demo world."""
    return build()
