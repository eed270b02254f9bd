"""The stub's CSV against pandas 2.2.2 and numpy 1.26.4, with which the server reads and writes."""

from __future__ import annotations

import base64
import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pinned.describing import describe_all, type_of
from pinned.environment import pinned_python
from pinned.random_files import random_file, raw_file

from server_stub.csv_files import read, write
from server_stub.errors import ApiError
from server_stub.values import Array, Table

pytestmark = pytest.mark.slow

REFERENCE = Path(__file__).with_name("reference.py")
RECORDINGS = Path(__file__).parents[1] / "recordings"
CELLS = 100_000
RAW_FILES = 3_000
MANY_ROWS = 100_000
SEED = 14
DECLARED = ("dataframe", "list", "array", "dict", "tables")
Job = dict[str, str]


@pytest.fixture(scope="module")
def python() -> Path:
    """Return the interpreter with the pinned versions; that it cannot be made is a failure."""
    return pinned_python()


def job(content: bytes, declared: str) -> Job:
    """Return the description of a file for the reference."""
    return {"content": base64.b64encode(content).decode(), "declared": declared}


def results(python: Path, jobs: list[Job]) -> list[tuple[Any, Any]]:
    """Return what the stub and the reference make of each job."""
    answer = subprocess.run(
        [python, REFERENCE], input=json.dumps(jobs), check=True, capture_output=True, text=True
    ).stdout
    pairs = list(zip([json.loads(json.dumps(result(element))) for element in jobs], json.loads(answer), strict=True))
    for side in (side for pair in pairs for side in pair):
        side["not written"] = refusal(side.get("not written"))
    return pairs


def check(python: Path, jobs: list[Job]) -> None:
    """Compare what the stub and the reference read and write."""
    for item, (answer, expected) in zip(jobs, results(python, jobs), strict=True):
        assert answer == expected, (item["declared"], base64.b64decode(item["content"])[:2000])


def refusal(text: str | None) -> str | None:
    """Return the text of a refusal by pandas; texts about single items are numpy's and stand for each other."""
    known = ("1 columns passed", "Shape of passed values")
    return text if text is None or text.startswith(known) else "refused"


def result(job: Job) -> dict[str, Any]:
    """Return what the stub makes of a job, in the words of the reference."""
    tables = job["declared"] == "tables"
    try:
        value = read(
            base64.b64decode(job["content"]),
            "dict" if tables else job["declared"],
            subtype={"dict": "dataframe"} if tables else None,
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the reference has the same
        name = {"CsvError": "ParserError"}.get(type(error).__name__, type(error).__name__)
        name = "EmptyDataError" if str(error).startswith("No columns") else name
        return {"error": [name, str(error)]}
    try:
        return {"value": described(value), "written": write(value)}
    except ApiError as error:
        return {"value": described(value), "not written": error.description.partition("read it : ")[2][:-1]}


def described(value: Any) -> Any:
    """Describe a value as the reference does."""
    if isinstance(value, Table):
        cells = list(zip(*value.rows, strict=True)) or [()] * len(value.columns)
        return {
            "columns": value.columns,
            "types": [type_of(list(column)) for column in cells],
            "cells": [describe_all(list(column)) for column in cells],
        }
    if isinstance(value, dict):
        # A table of a dict keeps the types of the columns that it was cut out of.
        tables = [dict(described(item), types=None) for item in value.values() if isinstance(item, Table)]
        return {"keys": describe_all(list(value)), "items": tables or describe_all(list(value.values()))}
    return describe_all(value.data if isinstance(value, Array) else value if isinstance(value, list) else [value])


def test_random_cells_equal_those_of_pandas(python: Path) -> None:
    """100,000 cells of many kinds are read and written alike, bit for bit."""
    chance = random.Random(SEED)  # noqa: S311 - the same cells at every run
    jobs, cells = [], 0
    while cells < CELLS:
        content, declared, count = random_file(chance)
        jobs.append(job(content, declared))
        cells += count
    check(python, jobs)


def test_random_separators_are_read_as_by_pandas(python: Path) -> None:
    """Quotes, ends of lines, blank lines and rows of uneven length are read alike."""
    chance = random.Random(SEED)  # noqa: S311 - the same files at every run
    jobs = [job(raw_file(chance), "dataframe") for _ in range(RAW_FILES)]
    endless = 0
    for item, (answer, expected) in zip(jobs, results(python, jobs), strict=True):
        if "Buffer overflow" in str(answer.get("error")) and answer != expected:
            # The server repeats the same records until it has enough rows, and finds other errors behind them.
            endless += 1
            assert "error" in expected or expected["written"].count("\n") > MANY_ROWS
        else:
            assert answer == expected, base64.b64decode(item["content"])
    assert endless < RAW_FILES / 20


@pytest.mark.parametrize(
    "lines",
    [
        # One literal is not enough for a long column: each part of it gets a type of its own.
        ["a,b", *["0.00010851507476509749,1"] * 600_000, "(0.00010851507476509749),1"],
        ["a", *["1"] * 2**19, "True"],
        ["a", *["1.5"] * 2**19, "True"],
        ["a", *["1"] * 2**19, "9223372036854775808"],
        ["a", *["1"] * (2**19 - 1), "None", "2.5"],
        ["a", *["True"] * 2**19, "x"],
        ["a,b,c", *["1,2,x"] * 2**18, "1.5,None,2"],
    ],
    ids=["literal", "boolean", "float_boolean", "unsigned", "missing", "text", "three"],
)
def test_long_files_are_read_as_by_pandas(python: Path, lines: list[str]) -> None:
    """A long file gets its types part by part."""
    check(python, [job("\n".join(lines).encode(), "dataframe")])


def recorded_files() -> list[bytes]:
    """Return every CSV file of the recordings, uploaded or downloaded."""
    entries = [
        json.loads(line)
        for name in ("exchanges.jsonl", "exchanges-2.jsonl")
        for line in (RECORDINGS / name).read_text(encoding="utf-8").splitlines()
    ]
    files = []
    for entry in entries:
        response = entry["response"]
        if response["headers"].get("Content-Type", "").startswith("text/csv"):
            files.append(response["body"].encode())
        if entry["request"]["headers"].get("Content-Type", "").startswith("multipart/"):
            files.extend(_parts(entry["request"]))
    return files


def _parts(request: dict[str, Any]) -> list[bytes]:
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    parts = body.split(b"--BOUNDARY")[1:-1]
    return [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts]


def test_recorded_files_are_read_as_by_pandas(python: Path) -> None:
    """Every file of the recordings is read and written alike, as whatever type."""
    files = recorded_files()
    assert len(files) > 200
    check(python, [job(content, declared) for content in files for declared in DECLARED])
