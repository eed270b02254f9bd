"""Every exchange with realistic studies on a real server, replayed in order against the stub.

The stub answers from the state of its studies. What is compared: status, headers, errors, downloads and the entries
that a recorded load or read-only file kept, by value; logs by the exceptions in them, in their order.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from collected import failures
from replaying import body_of, check_body, check_headers, entries, route_of, routes, shape_of_text, with_keys
from werkzeug.test import Client, TestResponse

from server_stub import create_app
from server_stub.clock import ManualClock
from server_stub.worlds import build_world
from server_stub.worlds.latin_hypercube import samples
from server_stub.worlds.people import KEYS

ENTRIES = entries("exchanges-2.jsonl")
# What the stub does not reproduce: name of the entry -> reason.
EXCEPTIONS: dict[str, str] = {}
A_RUN = 30.0
# Enough for a change or a load.
A_MOMENT = 1.2
# Differs from server to server and from run to run.
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OF_THE_MOMENT = ("creation_date", "modification_date", "last_memory_usage", "last_cpu_usage")
START_TABLES = ("emissions_df", "carboncycle_df", "damage_df", "economics_df", "temperature_df")


class Replay:
    """One server of the recordings, replayed from its first entry to its last, or with other bodies."""

    def __init__(self, server: str, bodies: Mapping[str, str] | None = None) -> None:
        self.clock = ManualClock()
        self.client = Client(create_app(build_world("realistic", server=server, clock=self.clock, ontology="off")))
        self.answers: dict[str, TestResponse] = {}
        kept = [entry for entry in ENTRIES if entry["server"] == server]
        for entry, following in zip(kept, [*kept[1:], None], strict=True):
            if entry["name"] in NOT_KEPT:
                NOT_KEPT[entry["name"]](self)
            request = entry["request"]
            if bodies and entry["name"] in bodies:
                request = {**request, "body": bodies[entry["name"]]}
            self.answers[entry["name"]] = self.ask(request)
            self.clock.advance(pause(entry, following))

    def ask(self, request: dict[str, Any]) -> TestResponse:
        """Send a recorded request."""
        headers = {name: with_keys(value) for name, value in request["headers"].items()}
        if headers.get("Content-Type") == "multipart/form-data":
            headers["Content-Type"] += "; boundary=BOUNDARY"
        body = body_of(request)
        return self.client.open(request["path"], method=request["method"], headers=headers, data=body)

    def post(self, path: str, body: Any = None) -> None:
        """Do what was done between two entries but not kept."""
        headers = {"Authorization": f"Bearer {KEYS['team']}"}
        assert self.client.post(f"/api/v0{path}", json=body, headers=headers).status_code == 200
        self.clock.advance(A_MOMENT)

    def copy(self, source: int, *names: str) -> None:
        """Make copies, whose ids count on."""
        for name in names:
            self.post(f"/study-case/{source}/copy", {"new_study_name": name})


def pause(entry: dict[str, Any], following: dict[str, Any] | None) -> float:
    """Say how long the next entry comes after this one: a second change of the same study came at once."""
    path = entry["request"]["path"]
    if "/execute/" in path and entry["response"]["status"] == 200:
        return A_RUN
    changes = path.endswith("/parameters")
    if changes and following is not None and following["request"]["path"] == path:
        return float(entry["elapsed_s"])
    return A_MOMENT


def prepare_the_copy_of_climate(replay: Replay) -> None:
    """Two copies, of which the second gets its two tables and a run."""
    replay.copy(47, "climated", "climatec")
    tables = {name: table(replay, f"climate.{name}") for name in ("economics_df", "emissions_control_rate")}
    parts = "".join(
        f'--BOUNDARY\r\nContent-Disposition: form-data; name="climatec.{name}"; filename="d.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{text}\r\n"
        for name, text in tables.items()
    )
    headers = {"Authorization": "Bearer KEY_GROUP_TEAM", "Content-Type": "multipart/form-data; boundary=BOUNDARY"}
    path = "/api/v0/study-case/59/parameters"
    assert replay.ask({"method": "POST", "path": path, "headers": headers, "body": f"{parts}--BOUNDARY--\r\n"})
    replay.clock.advance(A_MOMENT)
    replay.post("/calculation/execute/59")
    replay.clock.advance(A_RUN)


def table(replay: Replay, name: str) -> str:
    """Download a table of the first climate study."""
    headers = {"Authorization": "Bearer KEY_GROUP_TEAM", "Content-Type": "application/json"}
    body = json.dumps({"parameter_key": name})
    path = "/api/v0/study-case/47/parameter/download"
    return replay.ask({"method": "POST", "path": path, "headers": headers, "body": body}).text


def fail_without_start_tables(replay: Replay) -> None:
    """All start values are reset, then a run fails."""
    changes = [{"variableId": f"climate.{name}", "newValue": None, "unit": ""} for name in START_TABLES]
    replay.post("/study-case/47/parameters", changes)
    replay.post("/calculation/execute/47")
    replay.clock.advance(A_RUN)


# Before the entry of this name, something was done that was not kept.
NOT_KEPT: dict[str, Callable[[Replay], None]] = {
    "f2-pair-copy": lambda replay: replay.copy(47, "climateb", "climatex"),
    "f2-ring53-copy": lambda replay: replay.copy(31, "ringx", "ringy"),
    "f3-samples-copy": lambda replay: replay.copy(43, *(f"samples{number}" for number in range(6))),
    "once-set": prepare_the_copy_of_climate,
    "f2-climate-failed-log": fail_without_start_tables,
}


@cache
def replay(server: str) -> Replay:
    """Replay a server once."""
    return Replay(server)


@pytest.mark.parametrize(("server", "route"), routes(ENTRIES))
def test_exchanges_are_answered_as_recorded(server: str, route: str) -> None:
    """The stub answers all recorded requests to a route like that server."""
    answered = [entry for entry in ENTRIES if entry["name"] not in EXCEPTIONS and route_of(entry) == (server, route)]
    assert failures(check_exchange, answered, lambda entry: str(entry["name"])) == []


def check_exchange(entry: dict[str, Any]) -> None:
    """Status, headers and body are those of the real server."""
    answer = replay(entry["server"]).answers[entry["name"]]
    recorded = entry["response"]
    assert answer.status_code == recorded["status"], answer.text[:500]
    check_headers(answer, recorded["headers"])
    compare = _comparison(entry)
    if compare is None:
        check_body(entry, answer, recorded)
    else:
        compare(answer, recorded["body"], entry.get("abridged", False))


def _comparison(entry: dict[str, Any]) -> Callable[[TestResponse, str, bool], None] | None:
    """Choose how to compare a success, by its route."""
    path = entry["request"]["path"]
    if entry["response"]["status"] != 200:
        return None
    if path.endswith("/logs"):
        return check_log
    if path.endswith(("/read-only-mode", "/parameters")):
        return check_study
    if path.endswith("/download"):
        return check_download
    return check_load if re.fullmatch(r"/api/v0/study-case/\d+", path) else None


def check_load(answer: TestResponse, body: str, abridged: bool) -> None:
    """Compare the parameters that were kept, in their order; of a whole load there are no others."""
    given, recorded = answer.get_json(), json.loads(body)
    kept = {name: entry for name, entry in given.items() if name in recorded} if abridged else given
    assert kept == recorded
    assert list(kept) == list(recorded)


def check_download(answer: TestResponse, body: str, abridged: bool) -> None:
    """Compare the text as far as it was kept."""
    if abridged and body.endswith("..."):
        assert answer.text.startswith(body.removesuffix("..."))
    else:
        assert answer.text == body


def check_study(answer: TestResponse, body: str, abridged: bool) -> None:
    """Compare a study object without what is of the moment; lists and dicts that were emptied may be full."""
    try:
        recorded = json.loads(body)
    except ValueError:
        assert abridged
        assert answer.text[:140] == body[:140]
        return
    given = answer.get_json()
    for study in (given["study_case"], recorded["study_case"]):
        for name in OF_THE_MOMENT:
            study[name] = shape_of_text(study[name])
    for name in OF_THE_MOMENT:
        # A study that was never changed shows no fractions of a second.
        del given["study_case"][name], recorded["study_case"][name]
    _check_kept(given, recorded, "")


def _check_kept(given: Any, recorded: Any, where: str) -> None:
    if isinstance(recorded, dict):
        _check_names(given, recorded, where)
        for name, item in recorded.items():
            _check_kept(given[name], item, f"{where}/{name}")
    elif where.endswith("/children"):
        assert [child["name"] for child in given] == [child["name"] for child in recorded], where
        for element, other in zip(given, recorded, strict=True):
            _check_kept(element, other, f"{where}/{other['name']}")
    elif where.endswith("/size_mo"):
        assert isinstance(given, float), where
    elif not where.endswith("/models_full_path_list"):
        assert _without_ids(given) == _without_ids(recorded), where


def _check_names(given: Any, recorded: Any, where: str) -> None:
    """Variables may be left out of the recordings, and whole parts emptied; nothing else."""
    if where.endswith(("/data", "/disc_data")):
        assert recorded.keys() <= given.keys(), where
    elif recorded:
        assert recorded.keys() == given.keys(), where


def _without_ids(value: Any) -> Any:
    return json.loads(UUID.sub("uuid", json.dumps(value)))


def check_log(answer: TestResponse, body: str, _abridged: bool) -> None:
    """Compare the exceptions and the discipline whose charts raised each; some more were left out at the end."""
    given, recorded = list(exceptions(answer.text)), list(exceptions(body))
    left_out = re.search(r"\((\d+) more such blocks left out\)", body)
    if left_out is None:
        assert given == recorded
    else:
        assert given[: len(recorded)] == recorded
        assert len(given) == len(recorded) + int(left_out[1])


def exceptions(log: str) -> Iterator[tuple[str | None, str]]:
    """Return each exception of a log: the discipline of its charts, and its lines."""
    before, *blocks = log.split("Traceback (most recent call last):\n")
    for block in blocks:
        lines = block.split("\n")
        end = next(index for index, line in enumerate(lines) if line.startswith("["))
        drawn = re.search(r"post processing for (.*) discipline\. See exception details\.\s*$", before)
        text = "\n".join(line for line in lines[:end] if not line.startswith("  "))
        yield drawn[1] if drawn else None, text
        before = block


def test_every_exception_belongs_to_an_entry() -> None:
    names = Counter(entry["name"] for entry in ENTRIES)
    assert EXCEPTIONS.keys() | NOT_KEPT.keys() <= names.keys()
    assert set(names.values()) == {1}
    assert sum(names.values()) == 619


# Other numbers than the recorded ones: the answers follow --------------------------------------


# The entry, a text in its body and another one. They are of different studies, or do not influence each other.
CHANGES = {
    "f1-tables-json-float": ("9.746500000000001", "11.25"),
    "f1-tables-plain-up": ("39.0", "41.5"),
    "f2-pair-set-up": ("5.0", "4.0"),
    "f5-types-range-in-post": ("-9999.0", "-9998.5"),
    "f9-samples-options2": ("5", "7"),
    "f9-samples-space-up": ("6.0", "9.0"),
}


@pytest.fixture(scope="module")
def replayed() -> Replay:
    """Replay the server that works, with all changes."""
    return changed(CHANGES)


def changed(changes: Mapping[str, tuple[str, str]]) -> Replay:
    """Replay the server that works, with one text replaced in each of these requests."""
    recorded = {entry["name"]: entry["request"]["body"] for entry in ENTRIES if entry["name"] in changes}
    assert [recorded[name].count(old) for name, (old, _) in changes.items()] == [1] * len(changes)
    return Replay("documented", {name: recorded[name].replace(old, new) for name, (old, new) in changes.items()})


def parameter(replayed: Replay, entry_name: str, name: str) -> Any:
    """Return the value of a parameter in the answer to a load."""
    return replayed.answers[entry_name].get_json()[name]["value"]


def test_changed_float_changes_load_download_and_output(replayed: Replay) -> None:
    assert parameter(replayed, "f1-tables-json-float-load", "tables.Mixed.demand") == 11.25
    assert replayed.answers["f1-tables-json-float-dl"].text == "value\n11.25\n"
    _header, *rows = replayed.answers["f1-tables-exact-out-dl"].text.splitlines()
    assert [row.split(",")[2] for row in rows] == [
        repr(emissions * 45.0) for emissions in (9.746500000000001, 0.30000000000000004, 0.00010851507476509749)
    ]


def test_changed_cell_changes_download_and_output(replayed: Replay) -> None:
    assert "2025,41.5\n" in replayed.answers["f1-tables-plain-dl"].text
    assert "2025,41.5,3320.0\n" in replayed.answers["f1-tables-out-dl"].text


def test_changed_item_of_a_list_inside_its_range_is_accepted(replayed: Replay) -> None:
    assert parameter(replayed, "f5-types-range-in-load", "types.DiscAllTypes.z_list") == [1.0, -9998.5]
    assert replayed.answers["f5-types-range-in-dl-z_list"].text == "value\n1.0\n-9998.5\n"
    assert _status(replayed, "f5-types-range-in-run-status") == "FINISHED"


@pytest.mark.slow
def test_changed_item_of_a_list_outside_its_range_fails() -> None:
    replayed = changed({"f5-types-range-in-post": ("-9999.0", "-10000.5")})
    assert _status(replayed, "f5-types-range-in-run-status") == "FAILED"
    assert "Value [1.0, -10000.5] at index 1" in replayed.answers["f5-types-range-in-run-log"].text


def _status(replayed: Replay, entry_name: str) -> str:
    return str(replayed.answers[entry_name].get_json()["study_case_execution_status"])


def test_changed_number_of_samples_is_completed_and_sampled(replayed: Replay) -> None:
    options = "samples.SampleGenerator.algo_options"
    assert parameter(replayed, "f9-samples-options-load", options)["n_samples"] == 5
    assert parameter(replayed, "f9-samples-space-load", options)["n_samples"] == 7
    assert len(replayed.answers["f9-samples-samples-dl"].text.splitlines()) == 1 + 7 + 1


def test_changed_bound_is_sampled(replayed: Replay) -> None:
    assert "SellarCoupling.x,1.0,9.0,[],False,\n" in replayed.answers["f9-samples-space-dl"].text
    _header, *rows, _reference = replayed.answers["f9-samples-samples-dl"].text.splitlines()
    drawn = [float(row.partition(",")[2].strip("[]")) for row in rows]
    assert drawn == pytest.approx(samples(7, 1.0, 9.0), abs=1e-8)


def test_changed_start_value_starts_the_loop(replayed: Replay) -> None:
    assert replayed.answers["f2-pair-set-dl-y_1"].text == "value\n4.0\n"
    assert replayed.answers["f2-pair-set-run-dl-y_1"].text == "value\n2.29689011157193\n"
