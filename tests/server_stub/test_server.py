"""The stub on a real socket and as a program."""

import ast
import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from syntax_trees import tree_of

import server_stub
from server_stub.clock import ManualClock
from server_stub.faults import Fault
from server_stub.server import running
from server_stub.world import World
from server_stub.worlds import build_world
from server_stub.worlds.dice import DICE

LINK = "/api/v0/study-case/21/url"
PACKAGE = Path(server_stub.__file__).parent
GIVES_UP = httpx.Timeout(60.0, read=0.2)  # only the wait for an answer ends soon, a connection is always made


def client(world: World, url: str, seconds: float = 60.0) -> httpx.Client:
    """Return a client with the key of the world."""
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {world.key}"}, timeout=seconds)


def test_faults_are_real_on_a_socket() -> None:
    world = build_world("demo", clock=ManualClock())
    with running(world) as url, client(world, url) as http:
        assert http.get(LINK).json() == {"study_url": "http://localhost:4200/study/21"}
        for kind in ("drop", "cut"):
            world.faults.arm(Fault(kind))
            with pytest.raises(httpx.RemoteProtocolError):
                http.get(LINK)
        world.faults.arm(Fault("hang"))
        with pytest.raises(httpx.ReadTimeout):
            http.get(LINK, timeout=GIVES_UP)
        assert http.get(LINK).headers["Connection"] == "close"


class Gate(ManualClock):
    """A clock whose first sleeper waits for a signal, which holds requests inside the server."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.open = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Signal that the sleeper has arrived, and wait for the gate."""
        if seconds > 0 and not self.reached.is_set():
            self.reached.set()
            self.open.wait(60.0)
        super().sleep(seconds)


def test_parallel_downloads_of_a_changed_study_hang() -> None:
    clock = Gate()
    world = build_world("demo", clock=clock)
    world.studies[21].unread_change = True
    path, body = "/api/v0/study-case/21/parameter/download", {"parameter_key": "dice.Macro.gamma"}
    with running(world) as url, client(world, url) as http, ThreadPoolExecutor(2) as pool:
        first = pool.submit(http.post, path, json=body)
        assert clock.reached.wait(60.0)
        with pytest.raises(httpx.ReadTimeout):
            client(world, url).post(path, json=body, timeout=GIVES_UP)
        clock.open.set()
        assert first.result().text == "value\n0.3\n"
        answers = pool.map(lambda _: http.post(path, json=body).status_code, range(8))
        assert list(answers) == [200] * 8


def test_hanging_download_ends_at_the_limit() -> None:
    clock = Gate()
    world = build_world("demo", clock=clock)
    world.hang_limit = 0.1
    world.studies[21].unread_change = True
    path, body = "/api/v0/study-case/21/parameter/download", {"parameter_key": "dice.Macro.gamma"}
    with running(world) as url, client(world, url) as http, ThreadPoolExecutor(1) as pool:
        first = pool.submit(http.post, path, json=body)
        assert clock.reached.wait(60.0)
        with pytest.raises(httpx.RemoteProtocolError):
            http.post(path, json=body)
        clock.open.set()
        assert first.result().status_code == 200


@pytest.mark.slow  # `test_upload_right_after_a_post_hangs_the_study` is quick
def test_upload_right_after_a_post_is_never_answered() -> None:
    world = build_world("demo")
    path, gamma = "/api/v0/study-case/21/parameters", {"variableId": "dice.Macro.gamma", "newValue": 0.7, "unit": "-"}
    files = {"dice.Macro.weights": ("weights.csv", b"value\n1.0\n", "text/csv")}
    with running(world) as url, client(world, url) as http:
        assert http.post(path, json=gamma).status_code == 200
        for ask in (
            lambda: http.post(path, files=files, timeout=GIVES_UP),
            lambda: http.get(path[:-11], timeout=GIVES_UP),
        ):
            with pytest.raises(httpx.ReadTimeout):
                ask()
        assert http.get("/api/v0/calculation/status/21").status_code == 200
        assert http.get("/api/v0/study-case/27").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_program_prints_a_json_line_and_ends_without_a_traceback(number: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "server_stub", "--server", "5.3", "--world", "witness", "--speed", "50"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PACKAGE.parent,
        # A shell that starts tests in the background would have it ignore the interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads yet
    ) as program:
        assert program.stdout is not None
        ready = json.loads(program.stdout.readline())
        headers = {"Authorization": f"Bearer {ready['key']}"}
        assert httpx.get(f"{ready['url']}/api/v0/study-case/23/1", headers=headers).status_code == 400
        program.send_signal(number)
        rest, errors = program.communicate(timeout=60.0)
    assert set(ready) == {"url", "key", "user_key", "studies"}
    assert ready["studies"] == [23, 31, 32, 33]
    assert (rest, errors, program.returncode) == ("", "", code)


def test_study_is_built_on_its_first_use() -> None:
    clock, built = ManualClock(), []
    world = build_world("bare", clock=clock)
    declared_at = clock.now()
    world.declare_study(1, "late", DICE, {}, built.append)
    clock.advance(60.0)
    assert (list(world.studies), 1 in world.studies, len(world.studies), built) == ([1], True, 1, [])
    study = world.studies[1]
    assert (world.studies[1], built) == (study, [study])
    assert (study.created_at, study.pace.now()) == (declared_at, declared_at + 60.0)


def test_importing_the_package_does_not_import_flask() -> None:
    code = (
        "import server_stub, server_stub.server, server_stub.worlds, sys; print({'flask','pandas'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert shown.stdout == "set()\n"


def test_only_the_blueprints_and_the_app_import_flask() -> None:
    for path in PACKAGE.rglob("*.py"):
        names = {
            name
            for node in tree_of(path).body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            )
        }
        allowed = path.parent.name == "routes" or path.name == "app.py"
        assert allowed or not any(name.split(".")[0] == "flask" for name in names), path
