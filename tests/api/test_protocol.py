"""Test the rules of the API with recorded answers."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli import errors
from sostrades_cli.api import protocol, studies
from sostrades_cli.api.http import headers
from sostrades_cli.api.protocol import Reply
from sostrades_cli.exit_codes import exit_code_of

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings" / "exchanges.jsonl"
EXCHANGES = [json.loads(line) for line in RECORDINGS.read_text(encoding="utf-8").splitlines()]
NOW = datetime(2026, 11, 22, 22, 44, 19, tzinfo=UTC)
# What each recorded error answer stands for.
MEANINGS: dict[type[errors.SostradesError], str] = {
    errors.KeyRejected: "auth-none auth-empty auth-wrong-hex auth-not-bearer auth-bearer-lowercase auth-raw-no-scheme "
    "auth-malformed-b64 auth-b64-bad-padding auth-empty-token auth-user-b64-otheremail "
    "auth-group-b64-email-nonmember",
    errors.PermissionDenied: "rights-VIEWER-logs rights-VIEWER-exec rights-COMMENTER-params rights-STRANGER-load "
    "rights-STRANGER-status rights-STRANGER-readonly rights-STRANGER-postproc rights-STRANGER-params",
    errors.NoRoute: "root-404 unknown-route url-id--1 url-id-abc status-id--1 trailing-slash load-neg-timeout "
    "ro-readme-path",
    errors.NoStudy: "status-id-99999 status-id-99999999999999999999999 url-group-unknown copy-unknown pp-unknown "
    "ro-unknown",
    errors.LoadFault: "rights-VIEWER-load rights-COMMENTER-load load-rich load-rich-t1 load-broken "
    "C-load-while-running",
    errors.ServerFault: "auth-user-hex auth-user-b64 auth-user-b64-email url-id-1 url-id-99999 "
    "url-id-99999999999999999999999 p-json-number url-stranger",
    errors.RedirectRefused: "url-id-1slash",
    errors.NeverRan: "slow-logs-before",
    errors.RunActive: "A-exec-while-pending B-exec",
    errors.Refused: "ping-post method-post-status method-delete-study load-rich-t0 exec-broken copy-userkey "
    "copy-missing-name copy-nojson fail-readonly B-readonly-late C-readonly-while-running C-readonly-late "
    "p-multi-one-unknown p-unknown-var p-var-no-dot p-missing-unit p-empty-object p-list-of-string p-null-body "
    "p-bad-json p-no-body p-json-text-plain dl-y dl-nan_out dl-nope dl-missing-key dl-list dl-null ro-rich "
    "onto-usages-missing ro-after-change u-csv-upload u-csv-bad u-csv-as-application-json-ct copy9-download-x "
    "copy9-download-source-x req-gzip-body pcopy-exec up-df-latin1 up-df-empty-file up-unknown up-two-one-unknown "
    "up-form-no-file logs-range-eof",
}
EXPECTED = {name: kind for kind, names in MEANINGS.items() for name in names.split()}
# 304 is what a conditional request asks for, no failure.
FAILED = [exchange for exchange in EXCHANGES if exchange["response"]["status"] not in {*range(200, 300), 304}]


def reply_of(exchange: dict[str, Any]) -> Reply:
    """Return a recorded answer as the session returns it."""
    response = exchange["response"]
    body = response.get("body")
    content = base64.b64decode(response["body_base64"]) if "body_base64" in response else (body or "").encode()
    return Reply(response["status"], {name.lower(): value for name, value in response["headers"].items()}, content)


def reply_named(name: str) -> Reply:
    """Return the recorded answer with a name."""
    [result] = [exchange for exchange in EXCHANGES if exchange["name"] == name]
    return reply_of(result)


def failure_of(reply: Reply, study: int | None = None) -> errors.SostradesError:
    """Return the error for an answer."""
    return protocol.failure(reply, study=study, now=NOW)


def test_every_recorded_error_has_an_expectation() -> None:
    assert {exchange["name"] for exchange in FAILED} == set(EXPECTED)


@pytest.mark.parametrize("exchange", FAILED, ids=lambda e: f"{e['name']}-{e['server']}")
def test_recorded_error_is_recognized(exchange: dict[str, Any]) -> None:
    error = failure_of(reply_of(exchange), study=21)
    assert type(error) is EXPECTED[exchange["name"]]
    assert exit_code_of(error) in {4, 5, 7, 8}
    assert error.study == 21
    if not isinstance(error, errors.RedirectRefused):
        assert error.server is not None
        assert error.server.status == exchange["response"]["status"]
        assert error.server.description
        assert "\n" not in error.server.description
        assert "Traceback" not in error.server.description


def test_recorded_json_is_parsed() -> None:
    read = 0
    for exchange in EXCHANGES:
        response = exchange["response"]
        if response["status"] == 200 and "json" in response["headers"].get("Content-Type", ""):
            if exchange.get("abridged") or not response.get("body") or response["headers"].get("Content-Encoding"):
                continue
            assert reply_of(exchange).json() == json.loads(response["body"])
            read += 1
    assert read > 50


def test_first_line_of_a_description_is_used() -> None:
    """The rest is a traceback."""
    error = failure_of(reply_named("p-unknown-var"), study=2)
    assert error.server is not None
    assert error.server.description == "'rich.Rich.nope'."


def test_description_is_limited_to_500_characters() -> None:
    assert protocol.useful_text("x" * 500) == "x" * 500
    assert protocol.useful_text("x" * 501) == "x" * 500 + "…"


NOISE = "Mandatory key unit found with value None"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\nreal cause", "real cause"),
        (" \t\n\r\n real cause \nFile x", "real cause"),
        (f"{NOISE}\n\nreal cause", "real cause"),
        (f"  {NOISE}\n \nreal cause", "real cause"),
        (f"\n{NOISE}\n", NOISE),
        (f"{protocol.UPDATE_CAUSE}\nreal cause", "real cause"),
        ("\n \n", ""),
        ("", ""),
    ],
)
def test_blank_and_meaningless_lines_of_a_description_are_skipped(text: str, line: str) -> None:
    assert protocol.useful_text(text) == line


@pytest.mark.parametrize("status", [408, 413, 429, 501, 503, 504])
def test_failure_is_described_by_its_status(status: int) -> None:
    """It is neither a failure of the server nor an invalid request."""
    error, *general = (failure_of(Reply(number, {}, b"")) for number in (status, 400, 500))
    assert error.message.split(" (")[0] not in {other.message.split(" (")[0] for other in general}
    assert f"({status})" in error.message
    assert error.hint


def test_limited_client_is_asked_to_wait_as_long_as_the_server_says() -> None:
    hints = {failure_of(Reply(429, {"retry-after": header}, b"")).hint for header in ("7", "90", "0", "9" * 400)}
    assert len(hints) == 3
    assert not any("inf" in str(hint) for hint in hints)


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_temporary_error_is_transient(status: int) -> None:
    """The page of a proxy is not shown."""
    page = b"<html><body>Bad gateway, secret path /srv</body></html>"
    error = failure_of(Reply(status, {"content-type": "text/html; charset=utf-8", "retry-after": "7"}, page))
    assert type(error) is errors.ServerFault
    assert error.transient
    assert error.retry_after_s == 7.0
    assert error.server is not None
    assert "secret" not in error.server.description
    assert "text/html" in error.server.description


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 415, 500, 501])
def test_permanent_error_is_not_transient(status: int) -> None:
    error = failure_of(Reply(status, {}, b'{"statusCode": 1, "name": "x", "description": "no"}'))
    assert not error.transient


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 415, 429, 500, 502, 503, 504, 599])
def test_only_a_5xx_status_means_that_the_answer_is_lost(status: int) -> None:
    assert failure_of(Reply(status, {}, b"")).answer_lost is (status >= 500)


@given(status=st.integers(300, 599), body=st.binary(max_size=60), location=st.text(max_size=20))
@settings(deadline=None, max_examples=40)
def test_any_failure_has_an_exit_code_of_server_or_access(status: int, body: bytes, location: str) -> None:
    error = failure_of(Reply(status, {"location": location}, body))
    assert exit_code_of(error) in {4, 5, 7, 8}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"NaN", b'{"a": NaN}', b"[Infinity]", b"1e999", b"\xff\xfe", b'{"a": 1} x'],
)
def test_invalid_json_is_an_invalid_answer(body: bytes) -> None:
    """Its content is not shown."""
    with pytest.raises(errors.UnusableAnswer) as raised:
        Reply(200, {"content-type": "text/html; charset=utf-8"}, body).json()
    assert f"{len(body)} bytes of text/html" in raised.value.message
    assert "html>" not in raised.value.message


@pytest.mark.parametrize(
    ("body", "kind"), [(b"[]", "array"), (b'"x"', "string"), (b"1", "number"), (b"true", "boolean"), (b"null", "null")]
)
def test_other_json_than_an_object_is_an_invalid_answer(body: bytes, kind: str) -> None:
    with pytest.raises(errors.UnusableAnswer, match=kind):
        Reply(200, {}, body).json_object()


def test_numbers_are_exact() -> None:
    assert Reply(200, {}, b'{"a": 12345678901234567890, "b": 1e-06, "c": 2.50}').json() == {
        "a": 12345678901234567890,
        "b": 1e-06,
        "c": 2.5,
    }


@pytest.mark.parametrize(("header", "seconds"), [("0", 0.0), ("7", 7.0), (" 7 ", 7.0), ("-3", 0.0), ("3600", 3600.0)])
def test_retry_after_in_seconds_is_not_negative(header: str, seconds: float) -> None:
    assert headers.retry_after_s(header, NOW) == seconds


@pytest.mark.parametrize("seconds", [-30, 0, 12, 86_400])
def test_retry_after_as_a_date_counts_from_now(seconds: int) -> None:
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert headers.retry_after_s(header, NOW) == max(0.0, seconds)


@given(header=st.text(max_size=40))
@settings(deadline=None, max_examples=40)
def test_invalid_retry_after_raises_nothing(header: str) -> None:
    seconds = headers.retry_after_s(header, NOW)
    assert seconds is None or seconds >= 0


def test_huge_retry_after_is_a_long_wait() -> None:
    seconds = headers.retry_after_s("9" * 400, NOW)
    assert seconds is None or seconds > 60


@pytest.mark.parametrize(
    ("url", "second_url", "same"),
    [
        ("https://a.example/x", "https://a.example:443/y?z", True),
        ("http://a.example", "http://a.example:80/y", True),
        ("https://A.example/x", "https://a.EXAMPLE/y", True),
        ("https://a.example", "http://a.example", False),
        ("https://a.example", "https://a.example:8443", False),
        ("https://a.example", "https://b.a.example", False),
        ("https://a.example", "https://a.example@b.example", False),
    ],
)
def test_origin_is_scheme_host_and_port(url: str, second_url: str, same: bool) -> None:
    """An origin is scheme, host and port, including the default port."""
    assert headers.same_origin(url, second_url) is same


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("inline; filename=sc2-sce3-execution.log", "sc2-sce3-execution.log"),
        ('attachment; filename="a b.csv"; size=3', "a b.csv"),
        ("inline", None),
        (None, None),
    ],
)
def test_file_name_is_read_from_content_disposition(header: str | None, name: str | None) -> None:
    assert studies.file_name(header) == name


@pytest.mark.parametrize("header", ["Mon, 01 Jan 2026 00:00:00 +99999999999999", "Fri, 31 Dec 9999 23:59:59 -2359"])
def test_invalid_date_in_retry_after_raises_nothing(header: str) -> None:
    seconds = headers.retry_after_s(header, NOW)
    assert seconds is None or seconds > 60


@pytest.mark.parametrize("depth", [150, 400, 100_000])
def test_deeply_nested_json_is_an_invalid_answer(depth: int) -> None:
    with pytest.raises(errors.UnusableAnswer, match="nested"):
        protocol.parse_json(b"[" * depth + b"]" * depth, {})


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a": ' * 200_000], ids=["lists", "objects"])
def test_unclosed_nesting_is_an_invalid_answer(body: bytes) -> None:
    with pytest.raises(errors.UnusableAnswer, match="nested"):
        protocol.parse_json(body, {})


def test_reason_is_extracted_from_a_description_of_an_unwritable_file() -> None:
    text = "InvalidFile(The following file a.b.csv raise this error while trying to read it : Shape (2, 2))"
    assert protocol.useful_text(text) == "Shape (2, 2)"
