"""Keys, rights, methods and copies."""

import base64
from typing import TYPE_CHECKING

import pytest

from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build

TEAM = KEYS["team"]


def coded(text: str) -> str:
    """Write a token as base64."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "status", "text"),
    [
        (f"Bearer {TEAM}", 200, None),
        (f"Bearer {coded(TEAM)}", 200, None),
        (f"Bearer {coded(TEAM + ':owner@email.com')}", 200, None),
        (f"bearer {TEAM}", 401, "Missing Authorization header"),
        (f"Basic {TEAM}", 401, "Missing Authorization header"),
        (TEAM, 401, "Missing Authorization header"),
        ("", 401, "Missing Authorization header"),
        (f"Bearer  {TEAM}", 401, "Invalid API key format"),
        ("Bearer not base64", 401, "Invalid API key format"),
        (f"Bearer {coded(TEAM + ':a:b')}", 401, "Invalid Authorization header format"),
        (f"Bearer {TEAM.upper()}", 401, "Invalid api-key"),
        ("Bearer ", 401, "Invalid api-key"),
        (f"Bearer {coded(TEAM + ':stranger@email.com')}", 403, "User unauthorized"),
        (f"Bearer {coded(TEAM + ':nobody@email.com')}", 403, "User not found"),
        (f"Bearer {coded(KEYS['owner'] + ':viewer@email.com')}", 403, "User identifier does not match API key owner"),
    ],
)
def test_key_has_three_forms(api: "Api", header: str, status: int, text: str | None) -> None:
    """Each refusal has its own text."""
    answer = api.get("/study-case/21/url", Authorization=header)
    assert answer.status_code == status
    if text is not None:
        assert answer.get_json()["description"] == text
        assert set(answer.get_json()) == {"statusCode", "name", "description"}


def test_missing_key_is_401(api: "Api") -> None:
    api.get("/study-case/21/url")
    api.key = ""
    assert api.get("/study-case/21/url").status_code == 401


def test_only_the_group_key_can_copy(api: "Api") -> None:
    assert api.post("/study-case/21/copy", {"new_study_name": "x"}).status_code == 200
    api.key = api.world.user_key
    answer = api.post("/study-case/21/copy", {"new_study_name": "x"})
    assert answer.get_json()["description"] == "'NoneType' object has no attribute 'id'"


def test_link_with_a_user_key_fails_on_5_3(build: "Build") -> None:
    for server, status in (("documented", 200), ("5.0", 200), ("5.3", 500)):
        api = build(server=server)
        api.key = api.world.user_key
        assert api.get("/study-case/21/url").status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/study-case/99999", 403),
        ("GET", "/study-case/99999/logs", 403),
        ("POST", "/calculation/execute/99999", 403),
        ("POST", "/study-case/99999/parameters", 403),
        ("GET", "/study-case/99999/read-only-mode", 500),
        ("GET", "/study-case/99999/saved-ontology-usages", 500),
        ("GET", "/study-case/99999/url", 400),
        ("GET", "/study-case/99999999999999999999999", 403),
        ("GET", "/study-case/abc", 404),
        ("GET", "/study-case/-1", 404),
        ("GET", "/study-case/1.5", 404),
        ("GET", "/study-case/21/", 404),
        ("DELETE", "/study-case/21", 405),
        ("GET", "/calculation/execute/21", 405),
        ("GET", "/study-case/21//url", 308),
        ("OPTIONS", "/study-case/21", 200),
    ],
)
def test_unknown_path_is_an_error(api: "Api", method: str, path: str, status: int) -> None:
    assert api.ask(method, path).status_code == status


def test_404_and_405_need_no_key(api: "Api") -> None:
    api.key = ""
    assert api.get("/nope").status_code == 404
    assert api.ask("DELETE", "/study-case/21").status_code == 405


def test_head_has_the_headers_of_get(api: "Api") -> None:
    answer = api.ask("HEAD", "/study-case/21/logs")
    assert answer.status_code == 200
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) > 0


def test_success_sets_a_session_cookie(api: "Api") -> None:
    good, bad = api.get("/study-case/21/url"), api.get("/nope")
    name, _, value = good.headers["Set-Cookie"].partition("=")
    assert name == "session"
    assert b"owner@email.com" in base64.urlsafe_b64decode(value.partition(".")[0] + "==")
    assert "Set-Cookie" not in bad.headers
    assert good.headers["Cache-Control"] == bad.headers["Cache-Control"] == "no-cache, no-store, must-revalidate"


def test_copy_has_defaults_and_no_files(api: "Api") -> None:
    api.set(21, dice__Macro__gamma=0.7)
    new = api.post("/study-case/21/copy", {"new_study_name": "other"}).get_json()
    assert new == 34
    assert api.load(new)["other.Macro.gamma"]["value"] == 0.3
    refused = api.post(f"/calculation/execute/{new}")
    assert refused.status_code == 400
    assert "CalculationError([Errno 2] No such file or directory:" in refused.get_json()["description"]
    assert api.status(new) == "FAILED"
    assert api.get(f"/study-case/{new}/logs").status_code == 500
    assert "expected str, bytes" in api.download(new, "other.Macro.gamma")
    api.set(new, other__Macro__gamma=0.4)
    api.clock.advance(2.0)
    assert api.post(f"/calculation/execute/{new}").status_code == 200
    api.clock.advance(10.0)
    assert api.status(new) == "FINISHED"


def test_two_copies_may_have_the_same_name(api: "Api") -> None:
    first = api.post("/study-case/21/copy", {"new_study_name": "twin"}).get_json()
    second = api.post("/study-case/21/copy", {"new_study_name": "twin"}).get_json()
    assert first != second
