"""Every recorded exchange with a real server is as the OpenAPI document says."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import pytest
from collected import failures
from contract.document import DOCUMENT, answer, below, faults, follow, template
from replaying import entries

ENTRIES = [*entries("exchanges.jsonl"), *entries("exchanges-2.jsonl"), *entries("exchanges-3.jsonl")]
POLLS = [*entries("polls.jsonl"), *entries("polls-2.jsonl")]
KEPT_HEADERS = {
    "ETag",
    "Last-Modified",
    "Accept-Ranges",
    "Content-Range",
    "Content-Encoding",
    "Content-Disposition",
}

# Asked at an address that no route has: what answers is not one of the document's answers but this.
NO_ROUTE = {
    "root-404": "NotFound",
    "unknown-route": "NotFound",
    "trailing-slash": "NotFound",
    "ro-readme-path": "NotFound",
    "url-id-1slash": None,  # 308 with an HTML body, to the corrected address
}
# Asked as the document does not allow; the answer is as it says all the same.
NOT_AS_DOCUMENTED = {
    "url-id--1": "the id is no whole number from 0",
    "url-id-abc": "the id is no whole number",
    "status-id--1": "the id is no whole number from 0",
    "load-neg-timeout": "the seconds are no whole number from 0",
    "copy-missing-name": "no name",
    "copy-nojson": "no body",
    "p-var-no-dot": "a name without a dot",
    "p-missing-unit": "no unit",
    "p-empty-object": "an empty object",
    "p-list-of-string": "texts where changes should be",
    "p-json-number": "a number",
    "p-null-body": "null",
    "p-bad-json": "no JSON",
    "p-nan-literal": "NaN, which JSON does not have; the server takes it",
    "p-no-body": "no body",
    "p-json-text-plain": "a body of another type",
    "dl-missing-key": "no key",
    "dl-list": "a list",
    "dl-null": "null",
    "onto-usages-missing": "no ontology_request",
    "usages-null-list": "null where a list should be",
    "usages-string-list": "a text where a list should be",
    "usages-missing": "no ontology_request",
    "usages-null": "null as the request",
    "usages-not-json": "a form",
    "usages-bad-json": "no JSON",
    "usages-list-body": "a list",
    "u-csv-as-application-json-ct": "a CSV file that is called JSON",
    "req-gzip-body": "a compressed body",
}


ROUTED = [entry for entry in ENTRIES if entry["name"] not in NO_ROUTE]
ROUTES = sorted({template(entry["request"]["path"]) or "" for entry in ROUTED})


def routed(route: str) -> list[dict[str, Any]]:
    """Return the exchanges of a route."""
    return [entry for entry in ROUTED if template(entry["request"]["path"]) == route]


def name_of(entry: dict[str, Any]) -> str:
    """Return the name of an exchange."""
    return f"{entry['name']} of {entry['server']}"


@pytest.mark.parametrize("route", ROUTES)
def test_recorded_answers_are_as_documented(route: str) -> None:
    """Path and status are documented for servers of this behaviour, and headers and bodies match."""
    assert failures(check_answer, routed(route), name_of) == []


def check_answer(entry: dict[str, Any]) -> None:
    """Compare an answer with the document."""
    request, response = entry["request"], entry["response"]
    path = template(request["path"])
    assert path is not None
    pointer = answer(request["method"], path, response["status"])
    assert pointer is not None
    documented = follow(pointer)[1]
    assert entry["server"] in documented.get("x-answered-by", [entry["server"]])
    check_headers(pointer, response["headers"])
    check_body(pointer, entry)


def check_headers(pointer: str, recorded: dict[str, str]) -> None:
    """Compare what the recordings keep of the headers with those that are promised, both ways."""
    headers = below(pointer, "headers")
    promised = follow(headers)[1]
    for name in KEPT_HEADERS & promised.keys():
        assert name in recorded
        assert faults(below(follow(below(headers, name))[0], "schema"), recorded[name]) == [], name
    assert recorded.keys() & KEPT_HEADERS <= promised.keys()


def check_body(pointer: str, entry: dict[str, Any]) -> None:
    """Compare the media type, and JSON with its schema."""
    response = entry["response"]
    content = follow(pointer)[1].get("content")
    if content is None:
        assert "Content-Type" not in response["headers"]
        assert not response.get("body")
        return
    media_type = response["headers"]["Content-Type"].partition(";")[0]
    assert media_type in content
    body = text_of(response)
    if body is None:
        assert entry["request"]["method"] == "HEAD"
    elif "schema" in content[media_type] and not cut_short(entry, body):
        value = json.loads(body) if media_type == "application/json" else body
        assert faults(below(pointer, "content", media_type, "schema"), value) == []


def cut_short(entry: dict[str, Any], body: str) -> bool:
    """Say whether the recordings keep only the beginning of a body."""
    whole_length = int(entry["response"]["headers"].get("Content-Length", 0))
    return bool(entry.get("abridged")) and body.startswith("{") and not body.endswith("}") and len(body) < whole_length


def text_of(response: dict[str, Any]) -> str | None:
    """Return the body, unpacked."""
    if "body_base64" in response:
        return gzip.decompress(base64.b64decode(response["body_base64"])).decode()
    body: str | None = response.get("body")
    return body


@pytest.mark.parametrize("route", ROUTES)
def test_recorded_requests_are_as_documented(route: str) -> None:
    """Except for those that are named as exceptions, which do not match."""
    assert failures(check_request, routed(route), name_of) == []


def check_request(entry: dict[str, Any]) -> None:
    """Compare a request with the document."""
    result = faults_of_request(entry["request"])
    assert bool(result) is (entry["name"] in NOT_AS_DOCUMENTED), result


def faults_of_request(request: dict[str, Any]) -> list[str]:
    """Say where a request is not as the document says."""
    path = template(request["path"]) or ""
    item = below("/paths", path)
    result = []
    for index, parameter in enumerate(follow(item)[1].get("parameters", [])):
        at, declared = follow(below(item, "parameters", index))
        if declared["in"] == "path":
            shape = re.sub(r"\{\w+\}", "[^/]+", path.replace("{" + declared["name"] + "}", "([^/]+)"))
            match = re.fullmatch(shape, request["path"])
            assert match is not None, parameter
            result += faults(below(at, "schema"), whole(match[1]))
    operation = follow(item)[1].get(request["method"].lower(), {})
    if "requestBody" in operation:
        result += faults_of_body(below(item, request["method"].lower(), "requestBody", "content"), request)
    return result


def whole(text: str) -> int | str:
    """Read a part of a path as a number where it is one."""
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def faults_of_body(pointer: str, request: dict[str, Any]) -> list[str]:
    """Say where a body is not as the document says; that of a form is a file for each part with a file name."""
    media_type = request["headers"].get("Content-Type", "").partition(";")[0]
    if media_type not in follow(pointer)[1] or "Content-Encoding" in request["headers"]:
        return [f"{media_type or 'no body'} {request['headers'].get('Content-Encoding', '')}"]
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    if media_type == "multipart/form-data":
        names = re.findall(rb'form-data; name="([^"]+)"', body)
        return faults(below(pointer, media_type, "schema"), {name.decode(): "a file" for name in names})
    try:
        value = json.loads(body, parse_constant=refused)
    except ValueError as error:
        return [str(error)]
    return faults(below(pointer, media_type, "schema"), value)


def refused(text: str) -> float:
    """Refuse what JSON does not have."""
    raise ValueError(f"{text} is not JSON")


@pytest.mark.parametrize("name", NO_ROUTE)
def test_unknown_routes_have_the_shared_404_or_a_redirect(name: str) -> None:
    """Their paths are not in the document."""
    entry = next(entry for entry in ENTRIES if entry["name"] == name)
    assert template(entry["request"]["path"]) is None
    component = NO_ROUTE[name]
    if component is None:
        assert (entry["response"]["status"], entry["response"]["headers"]["Content-Type"]) == (
            308,
            "text/html; charset=utf-8",
        )
        return
    pointer = below("/components/responses", component)
    check_body(pointer, entry)
    assert entry["response"]["status"] == 404


@pytest.mark.parametrize("poll", POLLS, ids=lambda poll: poll["name"])
def test_recorded_polls_are_as_documented(poll: dict[str, Any]) -> None:
    """Each status of a recorded run is in the document."""
    names = DOCUMENT["components"]["schemas"]["Status"]["required"][1:]
    kept = ("disciplines", "status", "error_message", "cpu", "memory")
    for sample in poll["samples"]:
        status = {name: sample[short] for name, short in zip(names, kept, strict=True)}
        assert faults("/components/schemas/Status", {"study_case_id": poll["study_case_id"], **status}) == []


def test_every_named_exception_is_recorded() -> None:
    assert NO_ROUTE.keys() | NOT_AS_DOCUMENTED.keys() <= {entry["name"] for entry in ENTRIES}
