"""Replay recorded exchanges with a real server: send the recorded requests, and compare the answers."""

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from server_stub.worlds.people import KEYS

RECORDINGS = Path(__file__).parent / "recordings"
_NAMES = {"OWNER", "CONTRIBUTOR", "COMMENTER", "VIEWER", "STRANGER"}
_CHANGES_WITH_TIME = ("study_case_execution_cpu", "study_case_execution_memory")


def entries(name: str) -> list[dict[str, Any]]:
    """Read a file of recordings, one JSON object per line."""
    return [json.loads(line) for line in (RECORDINGS / name).read_text(encoding="utf-8").splitlines()]


def route_of(entry: dict[str, Any]) -> tuple[str, str]:
    """Return the server of an exchange and its path without numbers."""
    return entry["server"], re.sub(r"/-?\d+", "/N", entry["request"]["path"])


def routes(exchanges: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return each server with each of its routes, in the order of the recordings."""
    return list(dict.fromkeys(map(route_of, exchanges)))


def with_keys(value: str) -> str:
    """Replace the key names of the recordings with the keys of the stub."""
    for name in _NAMES:
        value = value.replace(f"KEY_{name}", KEYS[name.lower()])
    value = value.replace("KEY_GROUP_TEAM", KEYS["team"])
    coded = re.search(r"base64\((.*)\)", value)
    if coded:
        return value.replace(coded[0], base64.b64encode(coded[1].encode()).decode())
    upper = re.search(r"upper\((.*)\)", value)
    return value.replace(upper[0], upper[1].upper()) if upper else value


def body_of(request: dict[str, Any]) -> bytes | None:
    """Return the body of a recorded request."""
    if "body_base64" in request:
        return base64.b64decode(request["body_base64"])
    body = request.get("body")
    return None if body is None else str(body).replace("<20000000 times x>", "x" * 20_000_000).encode()


def shape_of_text(text: str | None) -> str | None:
    """Blank out the parts of a text that depend on time: numbers, names of days and months."""
    if text is None:
        return None
    return re.sub(r"\b(Sun|Mon|Tue|Sat|Nov)\b", "D", re.sub(r"\d+(\.\d+)?", "0", text))


def check_headers(answer: TestResponse, recorded: dict[str, str]) -> None:
    """Compare the recorded headers: the same names and kinds of values."""
    for name in ("Content-Type", "Content-Encoding", "Location", "Accept-Ranges"):
        if name == "Content-Type" and answer.status_code == 304:
            continue
        assert answer.headers.get(name) == recorded.get(name), name
    for name in ("ETag", "Last-Modified", "Content-Range", "Content-Disposition"):
        if name == "Last-Modified" and answer.status_code == 304:
            continue
        assert shape_of_text(answer.headers.get(name)) == shape_of_text(recorded.get(name)), name


def check_body(entry: dict[str, Any], answer: TestResponse, recorded: dict[str, Any]) -> None:
    """Compare bodies: texts literally, JSON by value unless it depends on time, and then by shape."""
    content_type = recorded["headers"].get("Content-Type", "")
    if "body_base64" in recorded:
        assert gzip.decompress(answer.data) == gzip.decompress(base64.b64decode(recorded["body_base64"]))
    elif recorded.get("body") is None:
        return
    elif content_type == "application/octet-stream":
        assert answer.data
    elif content_type == "application/json" and answer.status_code != 206:
        check_json(entry, answer, json.loads(recorded["body"]))
    else:
        assert answer.text == recorded["body"]


def check_json(entry: dict[str, Any], answer: TestResponse, recorded: Any) -> None:
    """Compare JSON as closely as the kind of answer allows."""
    given = answer.get_json()
    if answer.status_code >= 400:
        check_error(entry, given, recorded)
        if not entry.get("abridged") and "sce" not in answer.text:
            assert str(answer.content_length) == entry["response"]["headers"]["Content-Length"]
    elif isinstance(recorded, dict) and "study_case_id" in recorded:
        for name in _CHANGES_WITH_TIME:
            assert shape_of_text(given.pop(name)) == shape_of_text(recorded.pop(name))
        assert given == recorded
    elif isinstance(recorded, dict) and "study_case" in recorded:
        check_shape(given, recorded, "")
    else:
        assert given == recorded


def check_error(entry: dict[str, Any], given: Any, recorded: Any) -> None:
    """Compare the three keys of an error. Of a traceback, compare its first line and the text of the exception."""
    texts = [re.sub(r"sce\d+", "sce0", body.pop("description")) for body in (given, recorded)]
    if entry.get("abridged"):
        texts = [f"{text.partition(chr(10))[0]} {text.splitlines()[-2].partition(': ')[2]}" for text in texts]
    assert texts[0] == texts[1]
    assert given == recorded


def check_shape(given: Any, recorded: Any, where: str) -> None:
    """Check that all recorded fields exist with the same type. Null may replace a value that depends on time."""
    if isinstance(recorded, dict):
        assert isinstance(given, dict), where
        for key, item in recorded.items():
            assert key in given, f"{where}/{key}"
            check_shape(given[key], item, f"{where}/{key}")
    elif isinstance(recorded, list):
        assert isinstance(given, list), where
        if recorded and given:
            check_shape(given[0], recorded[0], f"{where}[0]")
    else:
        assert type(given) is type(recorded), (where, given, recorded)
