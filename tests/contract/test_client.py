"""What the client reads of an answer is what the OpenAPI document says, and what breaks it is a clear error."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest
from contract.document import answer, faults, follow, operations
from contract.reading import (
    CHARTS,
    COPY,
    DOWNLOAD,
    EXECUTE,
    KEPT_CHARTS,
    LOAD,
    LOGS,
    PAGE,
    READ_ONLY,
    READERS,
    ROUTE,
    STATUS,
    STUDY,
    URL,
    documented,
    of_json,
    read,
)

from sostrades_cli.errors import UnusableAnswer

# Asked by `sostrades api` only, which reads nothing of them, or by `doctor`, which reads their status.
NOT_READ = {
    ("GET", "/api/ping"),
    ("GET", ROUTE),
    ("GET", ROUTE + "/saved-ontology-usages"),
    ("GET", ROUTE + "/saved-documentation/{name}"),
    ("POST", "/api/v0/ontology/ontology-usages"),
    ("GET", "/api/v0/ontology/{name}/markdown_documentation"),
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


@pytest.mark.parametrize("name", NEEDED)
def test_answer_without_a_needed_field_is_unusable(name: str) -> None:
    """Also if the field has another type."""
    route, whole, position = NEEDED[name]
    read(route, of_json(whole))
    *outer, last = position
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
    route, whole, position = NEEDED[name]
    value = copy.deepcopy(whole)
    *outer, last = position
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
    result = answer(*route, 200)
    assert result is not None
    assert content_type.partition(";")[0] in follow(result)[1]["content"]
    answered = read(route, lambda: httpx.Response(200, content=content, headers={"Content-Type": content_type}))
    assert answered == content


def test_every_route_is_tested_or_excluded_by_name() -> None:
    assert {route for route in READERS if route[1] != KEPT_CHARTS} | NOT_READ == operations()
