"""Test that the client reads all answers that the OpenAPI document allows, as Schemathesis generates them."""

from __future__ import annotations

import contextlib
import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from contract.document import DOCUMENT, below, faults, follow
from contract.fuzzing import bounded
from contract.reading import (
    CHARTS,
    DOWNLOAD,
    KEPT_CHARTS,
    LOGS,
    PAGE,
    READ_ONLY,
    READERS,
    STUDY,
    documented,
    of_json,
    read,
)
from hypothesis import given
from hypothesis import strategies as st

from sostrades_cli.errors import SostradesError, UnusableAnswer

schemathesis = pytest.importorskip("schemathesis", reason="the extra `all-tests`")

pytestmark = pytest.mark.slow
EXAMPLES = 30
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
    """Give a status the number of the study, and write a whole number without a decimal point, as the server does.

    The client rejects a status of another study. JSON Schema accepts 9.0 as an integer.
    """
    if isinstance(value, float):
        return int(value)
    return value | {"study_case_id": STUDY} if isinstance(value, dict) and "study_case_id" in value else value


def read_only_files() -> st.SearchStrategy[Any]:
    """Return recorded read-only files with generated variables and charts. Fully generated files are too large."""
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


SUCCESSES = [route for route in READERS if route not in (DOWNLOAD, LOGS, PAGE)]
ERRORS = [
    pytest.param(route, int(status), id=f"{route[0]} {route[1]} {status}")
    for route in READERS
    if route[1] != KEPT_CHARTS
    for status in follow(below("/paths", route[1], route[0].lower(), "responses"))[1]
    # 416 is an answer to ranges only, and 206 and 304 to those and to conditions.
    if int(status) >= 400 and int(status) != 416
]


@pytest.mark.parametrize("route", SUCCESSES, ids=" ".join)
def test_client_reads_every_documented_success(route: tuple[str, str]) -> None:
    """Every answer that the schema allows is read without an error."""

    @bounded(EXAMPLES)
    @given(value=successes(route))
    def reads(value: Any) -> None:
        assert faults(documented(route, 200), value) == []
        read(route, of_json(value))

    reads()


@pytest.mark.parametrize(("route", "status"), ERRORS)
def test_documented_errors_become_errors_of_the_client(route: tuple[str, str], status: int) -> None:
    """Whatever its text, it is one of the client's own, with the server's words in it."""

    @bounded(EXAMPLES)
    @given(value=values(documented(route, status)))
    def reads(value: Any) -> None:
        with pytest.raises(SostradesError) as raised:
            read(route, of_json(value, status))
        assert raised.value.server is not None
        assert raised.value.server.status == status

    reads()


@pytest.mark.parametrize("route", SUCCESSES, ids=" ".join)
def test_answer_against_the_schema_is_ignored_or_unusable(route: tuple[str, str]) -> None:
    """Any field may be missing or of another type. None of them ends in a bug."""

    @bounded(EXAMPLES)
    @given(value=successes(route), data=st.data())
    def reads(value: Any, data: st.DataObject) -> None:
        value = broken(copy.deepcopy(value), data)
        with contextlib.suppress(UnusableAnswer):
            read(route, of_json(value))

    reads()


def broken(value: Any, data: st.DataObject) -> Any:
    """Replace or remove a part of a value, at a random depth."""
    holder: Any = [value]
    position: Any = 0
    while data.draw(st.booleans()) or holder[position] is value:
        inner = holder[position]
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner))) if isinstance(inner, list) else []
        if not keys:
            break
        holder, position = inner, data.draw(st.sampled_from(keys))
    if holder[position] is not value and data.draw(st.booleans()):
        del holder[position]
        return value
    anything = data.draw(ANYTHING)
    if holder[position] is value:
        return anything
    holder[position] = anything
    return value
