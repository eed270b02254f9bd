"""Faults for the next requests, in process."""

import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from server_stub.faults import ConnectionDropped, Fault

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api

LINK = "/study-case/21/url"


def in_process(api: "Api") -> httpx.Client:
    """Return a client of another library that opens no socket."""
    transport = httpx.WSGITransport(app=api.client.application)
    return httpx.Client(transport=transport, base_url="http://stub", headers={"Authorization": f"Bearer {api.key}"})


def test_status_hits_the_next_matching_requests(api: "Api") -> None:
    api.world.faults.arm(Fault("status", status=503, count=2, method="GET", path=r"/21/url$"))
    assert api.get("/calculation/status/21").status_code == 200
    assert [api.get(LINK).status_code for _ in range(3)] == [503, 503, 200]


def test_status_can_have_a_body_and_headers(api: "Api") -> None:
    api.world.faults.arm(Fault("status", status=502, body="<html>no</html>", headers={"Retry-After": "3"}))
    answer = api.get(LINK)
    assert answer.status_code == 502
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["Retry-After"] == "3"
    assert answer.text == "<html>no</html>"


@pytest.mark.parametrize(("status", "content_type"), [(400, "application/json"), (502, "text/html")])
def test_error_that_only_a_proxy_sends_is_a_page(api: "Api", status: int, content_type: str) -> None:
    api.world.faults.arm(Fault("status", status=status))
    assert api.get(LINK).headers["Content-Type"] == content_type


def test_status_can_come_after_the_request_took_effect(api: "Api") -> None:
    api.world.faults.arm(Fault("status", status=502, when="after"))
    assert api.post("/calculation/execute/22").status_code == 502
    assert api.status(22) == "PENDING"


@pytest.mark.parametrize(("when", "status"), [("before", ""), ("after", "PENDING")])
def test_dropped_connection_is_an_exception(api: "Api", when: str, status: str) -> None:
    api.world.faults.arm(Fault("drop", when=when))
    with pytest.raises(ConnectionDropped):
        in_process(api).post("/api/v0/calculation/execute/22")
    assert api.status(22) == status
    assert api.world.requests[-2].status == 0


def test_cut_body_is_shorter_than_promised(api: "Api") -> None:
    whole = api.get(LINK).data
    api.world.faults.arm(Fault("cut"))
    answer = in_process(api).get(f"/api/v0{LINK}")
    assert answer.headers["Content-Length"] == str(len(whole))
    assert answer.content == whole[: len(whole) // 2]


def test_slow_answer_takes_time_on_the_clock(api: "Api") -> None:
    api.world.faults.arm(Fault("slow", seconds=33.0))
    before = api.clock.now()
    assert api.get(LINK).status_code == 200
    assert api.clock.now() - before == pytest.approx(33.0)


def test_body_replaces_the_answer(api: "Api") -> None:
    api.world.faults.arm(Fault("body", body="<html>log in</html>", content_type="text/html; charset=utf-8"))
    answer = api.get(LINK)
    assert (answer.status_code, answer.text) == (200, "<html>log in</html>")


def test_dropped_update_has_the_usual_answer(api: "Api") -> None:
    api.world.faults.arm(Fault("drop_update"))
    assert api.set(21, dice__Macro__gamma=0.9).status_code == 200
    assert api.status(21) == "FINISHED"
    assert api.load(21)["dice.Macro.gamma"]["value"] == 0.3


def test_hang_without_a_socket_ends_at_once(api: "Api") -> None:
    api.world.faults.arm(Fault("hang"))
    with pytest.raises(ConnectionDropped):
        api.get(LINK)


def test_hang_ends_after_its_seconds(api: "Api") -> None:
    api.world.faults.arm(Fault("hang", seconds=0.0))
    here, there = socket.socketpair()
    with here, there, pytest.raises(ConnectionDropped):
        api.client.get(f"/api/v0{LINK}", environ_overrides={"werkzeug.socket": here})


def test_faults_apply_in_the_order_of_arming(api: "Api") -> None:
    for status in (500, 502):
        api.world.faults.arm(Fault("status", status=status))
    assert [api.get(LINK).status_code for _ in range(3)] == [500, 502, 200]


def test_faults_can_be_armed_over_http(api: "Api") -> None:
    faults = [{"kind": "status", "status": 503, "count": 5}, {"kind": "slow", "seconds": 2}]
    assert api.client.post("/stub/faults", json=faults[0]).status_code == 200
    assert api.get(LINK).status_code == 503
    api.client.post("/stub/faults", json=faults)
    assert [item["left"] for item in api.client.get("/stub/faults").get_json()] == [4, 5, 1]
    assert api.client.delete("/stub/faults").get_json() == []
    assert api.get(LINK).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "nope"}, {"kind": "drop", "when": "never"}, {"kind": "drop", "colour": 1}, {"kind": "drop", "path": "("}],
)
def test_invalid_fault_is_rejected(api: "Api", wrong: dict[str, Any]) -> None:
    answer = api.client.post("/stub/faults", json=wrong)
    assert answer.status_code == 400
    assert answer.get_json()["description"]


def test_requests_are_counted(api: "Api") -> None:
    api.get(f"{LINK}?a=b")
    api.get("/nope")
    recorded = api.client.get("/stub/requests").get_json()
    assert recorded["count"] == 2
    assert [(item["method"], item["query"], item["status"]) for item in recorded["last"]] == [
        ("GET", "a=b", 200),
        ("GET", "", 404),
    ]
    api.client.delete("/stub/requests")
    assert api.client.get("/stub/requests").get_json()["count"] == 0
