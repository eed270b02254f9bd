"""Outputs of every type are the same on every study, with and without an earlier run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import slow

from server_stub.model import Model, ModelError, Parameter
from server_stub.solver_settings import coupling_settings
from server_stub.values import Array
from server_stub.world import Right
from server_stub.worlds.demo import finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from server_stub.model import Values
    from server_stub.study import Study
    from server_stub.values import Value

SERVERS = ("documented", "5.3")
CASES = "Box.x\n1.5\n2.5\n10\n"


def computed(values: Values) -> dict[str, Value]:
    """Compute an output of each type."""
    x = float(values["Box.x"])
    if x > 9:
        raise ModelError("Box", "too much")
    kinds = {"text": "42", "dict": {"x": x}, "list": [x, 2.0], "array": Array([x]), "float": x, "int": int(x)}
    return {f"Box.{name}": value for name, value in kinds.items()}


KINDS = {"text": "string", "dict": "dict", "list": "list", "array": "array", "float": "float", "int": "int"}
OUTPUTS = [Parameter(f"Box.{name}", kind, None, io_type="out") for name, kind in KINDS.items()]
BOX = Model("box", ("", "Box"), (*coupling_settings(), Parameter("Box.x", "float", 1.0), *OUTPUTS), computed)
COLLECT = [word for name in KINDS for word in ("--collect", f"Box.{name}")]


def added(user: User, number: int, name: str, past: Callable[[Study], None] | None = finished) -> None:
    """Add a study that computes outputs of each type."""
    user.world.add_study(number, name, BOX, dict.fromkeys(user.world.users.values(), Right.OWNER), past)


def swept(user: User, study: int, *words: str) -> dict[str, bytes]:
    """Sweep a study and return its files."""
    (user.folder / "cases.csv").write_text(CASES)
    results = ("-o", str(user.folder / "results.csv"), *COLLECT)
    done = user.types("calc", "sweep", str(study), str(user.folder / "cases.csv"), *results, "--overwrite", *words)
    assert done.code == 3
    result = [user.folder / "results.csv", *(user.folder / "results.d").rglob("*.csv")]
    return {str(path.relative_to(user.folder)): path.read_bytes() for path in result}


@pytest.mark.parametrize("server", SERVERS)
def test_outputs_of_every_type_are_collected(user_of: Callable[..., User], server: str) -> None:
    """A text that looks like a number stays a text. An array is a table."""
    user = user_of(server)
    added(user, 41, "box")
    result = swept(user, 41)
    assert result["results.csv"].decode().splitlines()[1:] == [
        '1,1.5,FINISHED,,42,"{""x"": 1.5}","[1.5, 2.0]",results.d/1/Box.array.csv,1.5,1',
        '2,2.5,FINISHED,,42,"{""x"": 2.5}","[2.5, 2.0]",results.d/2/Box.array.csv,2.5,2',
        "3,10.0,FAILED,ValueError: too much,,,,,,",
    ]
    assert result["results.d/1/Box.array.csv"] == b"value\n1.5\n"


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_outputs_are_the_same_on_every_study(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    added(user, 41, "box")
    added(user, 42, "copy")
    assert swept(user, 41, "--studies", "42") == swept(user, 41)


@pytest.mark.parametrize("words", [slow(("42",)), ("41", "--studies", "42")])
def test_outputs_are_the_same_on_a_study_without_a_run(user: User, words: tuple[str, ...]) -> None:
    added(user, 41, "box")
    added(user, 42, "fresh", None)
    assert swept(user, int(words[0]), *words[1:]) == swept(user, 41)


def test_text_stays_a_text_on_a_study_without_a_run(user: User) -> None:
    added(user, 42, "fresh", None)
    (user.folder / "cases.csv").write_text("Box.x\n1.5\n2.5\n")
    results = ("-o", str(user.folder / "r.json"), "--collect", "Box.text")
    assert user.types("calc", "sweep", "42", str(user.folder / "cases.csv"), *results).code == 0
    assert [row["Box.text"] for row in json.loads((user.folder / "r.json").read_text())] == ["42", "42"]
