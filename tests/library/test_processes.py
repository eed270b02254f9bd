"""Studies in processes of joblib and dask, against the stub on a socket."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from server_stub.model import Model, Parameter
from server_stub.server import running
from server_stub.world import Right
from server_stub.worlds import build_world
from server_stub.worlds.dice import ENDLESS
from sostrades_cli import Client
from sostrades_cli.errors import InvalidValue, KeyMissing, Refused

dask = pytest.importorskip("dask", reason="the extra `all-tests`")
joblib = pytest.importorskip("joblib", reason="the extra `all-tests`")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from server_stub.model import Value, Values
    from sostrades_cli import Study

pytestmark = pytest.mark.slow
NUMBERS = (2.5, 3.5)


@pytest.fixture
def studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Study]]:
    """Return two studies of a server on a socket that double a number; the key is in the environment."""
    world = build_world("demo", speed=100.0)
    model = Model(
        "double", ("", "A"), (Parameter("A.x", "float", 1.5), Parameter("A.y", "float", io_type="out")), double
    )
    for number in (30, 31):
        world.add_study(number, "double", model, {world.users["owner@email.com"]: Right.OWNER})
    for name in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"SOSTRADES_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("SOSTRADES_API_KEY", world.key)
    with running(world) as url, Client(url) as client:
        yield [client.study(30), client.study(31)]


def double(values: Values) -> dict[str, Value]:
    """Return the output of the model."""
    return {"A.y": float(values["A.x"]) * 2}  # type: ignore[arg-type]


def test_joblib_evaluates_studies_in_processes(studies: list[Study]) -> None:
    results = joblib.Parallel(n_jobs=2)(
        joblib.delayed(study.evaluate)({"A.x": number}, "A.y") for study, number in zip(studies, NUMBERS, strict=True)
    )
    assert results == [{"A.y": 5.0}, {"A.y": 7.0}]
    assert [study.get("A.x") for study in studies] == [1.5, 1.5]


def test_dask_evaluates_studies_in_processes(studies: list[Study]) -> None:
    results = dask.compute(
        *(
            dask.delayed(study.evaluate, pure=False)({"A.x": number}, "A.y")
            for study, number in zip(studies, NUMBERS, strict=True)
        ),
        scheduler="processes",
        num_workers=2,
    )
    assert results == ({"A.y": 5.0}, {"A.y": 7.0})
    assert [study.get("A.x") for study in studies] == [1.5, 1.5]


def test_values_of_a_killed_evaluation_can_be_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"SOSTRADES_{name}_DIR", str(tmp_path / name))
    world = build_world("demo", speed=100.0)
    monkeypatch.setenv("SOSTRADES_API_KEY", world.key)
    world.add_study(30, "endless", ENDLESS, {world.users["owner@email.com"]: Right.OWNER})
    call = "Client(sys.argv[1]).study(30).evaluate({'gamma': 0.9}, 'gamma')"
    program = f"import sys; from sostrades_cli import Client; {call}"
    with running(world) as url, Client(url) as client:
        study = client.study(30)
        before = study["gamma"]
        process = subprocess.Popen([sys.executable, "-c", program, url])
        while study.status().status != "RUNNING":
            assert process.poll() is None
        process.kill()
        process.wait()
        assert study["gamma"] == 0.9
        # The run still goes on, but it is one of the evaluation.
        study.undo()
        assert study["gamma"] == before


def test_next_evaluation_restores_the_values_of_a_killed_one(studies: list[Study]) -> None:
    """A process that is killed while it holds the lock of the study leaves the lock free."""
    program = (
        "import os, sys; from sostrades_cli import Client; "
        "kill = lambda event: os.kill(os.getpid(), 9) if event.name == 'finished' else None; "
        "Client(sys.argv[1]).study(30).evaluate({'A.x': 9.0}, 'A.y', on_event=kill)"
    )
    study = studies[0]
    ended = subprocess.run([sys.executable, "-c", program, vars(study)["_scope"].host], check=False)
    assert ended.returncode == -9
    assert study.get("A.x") == 9.0
    with pytest.raises(Refused):
        study.set({"A.x": 2.0})
    assert study.evaluate({"A.x": 2.5}, "A.y") == {"A.y": 5.0}
    assert study.get("A.x") == 1.5


def test_error_of_another_process_arrives_whole(studies: list[Study]) -> None:
    with pytest.raises(InvalidValue) as caught:
        joblib.Parallel(n_jobs=2)(joblib.delayed(study.evaluate)({"A.x": "much"}, "A.y") for study in studies)
    assert "A.x" in caught.value.message
    assert caught.value.study in {30, 31}
    assert caught.value.hint


def test_key_of_the_code_is_missing_in_another_process(studies: list[Study], monkeypatch: pytest.MonkeyPatch) -> None:
    host = vars(studies[0])["_scope"].host
    key = os.environ["SOSTRADES_API_KEY"]
    monkeypatch.delenv("SOSTRADES_API_KEY")
    with Client(host, key=key) as client:
        study = client.study(30)
        assert study.get("A.x") == 1.5
        with pytest.raises(KeyMissing) as caught:
            joblib.Parallel(n_jobs=2)(joblib.delayed(study.get)("A.x") for _ in range(2))
    assert "SOSTRADES_API_KEY" in str(caught.value.hint)
