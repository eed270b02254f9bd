"""Test the answers of the ontology routes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import HOST, WorldClock
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.clock import ManualClock
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.ontology import Absence, Metadata, ModuleInfo, OntologyApi, UsageInfo
from sostrades_cli.errors import UnusableAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def api_of(answer: Callable[[httpx.Request], httpx.Response]) -> OntologyApi:
    """Return the routes of a server with this answer."""
    clock: Any = WorldClock(ManualClock())  # type: ignore[arg-type]
    return OntologyApi(Session(Connection(HOST, ("key",), transport=httpx.MockTransport(answer)), clock, print))


def api_with(payload: Any) -> OntologyApi:
    """Return the routes of a server that always answers this."""
    return api_of(lambda _: httpx.Response(200, content=json.dumps(payload)))


def test_blank_fields_are_empty() -> None:
    """An unset field is a blank, a field left empty in the glossary is an empty text."""
    fields = {"id": "x", "label": "x", "definition": " ", "definition_source": "", "unit": " ", "range": " "}
    assert UsageInfo.from_api(fields) == UsageInfo()
    assert UsageInfo.from_api({"id": "no.such.model_input_x"}) == UsageInfo()
    assert UsageInfo.from_api(fields).is_blank


def test_texts_of_lists_are_split_at_line_ends() -> None:
    usage = UsageInfo.from_api({"id": "x", "label": " Years ", "range": "2000,\n2300", "possible_values": "a, b,\nc"})
    assert (usage.label, usage.range, usage.possible_values) == ("Years", (2000.0, 2300.0), ("a, b", "c"))
    assert UsageInfo.from_api({"possible_values": ",\nSimpleCache"}).possible_values == ("", "SimpleCache")


@pytest.mark.parametrize("ends", ["1", "1,\n2,\n3", "a,\nb", "nan,\n1", "1,2", ",\n"])
def test_invalid_range_is_none(ends: str) -> None:
    assert UsageInfo.from_api({"range": ends}).range is None


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"id": "a.carbon", "label": "Carbon Cycle", "pythonClass": "Carbon"}, "Carbon Cycle"),
        ({"id": "a.sellar", "label": "sellar.Sellar3", "pythonClass": "Sellar3"}, ""),
        ({"id": "no.such.model", "label": "no.such.model"}, ""),
        ({"id": "a.b", "label": 3}, ""),
    ],
)
def test_technical_label_of_a_module_is_none(fields: dict[str, Any], label: str) -> None:
    assert ModuleInfo.from_api(fields).label == label


@settings(max_examples=20, deadline=None)
@given(JSON)
def test_any_json_is_read_or_unusable(payload: Any) -> None:
    for call in (
        lambda api: api.saved_metadata(1, ["a"], ["b"]),
        lambda api: api.live_metadata(["a"], ["b"]),
        lambda api: api.live_document("a"),
        lambda api: api.saved_document(1, "a"),
    ):
        try:
            answer = call(api_with(payload))
        except UnusableAnswer:
            continue
        assert isinstance(answer, Metadata | Absence | str)


def test_empty_object_differs_from_null() -> None:
    assert api_with({}).saved_metadata(1, ["a"], ["b"]) is Absence.NO_SERVICE
    assert api_with(None).saved_metadata(1, ["a"], ["b"]) is Absence.NOT_SAVED
    assert api_with({}).live_metadata(["a"], []) is Absence.NO_SERVICE
    assert api_with({}).live_document("a") is Absence.NO_SERVICE
    assert api_with(None).saved_document(1, "a") is Absence.NOT_SAVED
    assert api_with("").saved_document(1, "a") == ""
    assert api_with(" \n").saved_document(1, "a") == ""


def test_empty_list_of_names_sends_no_request() -> None:
    """The answer would look like that of a server without a service."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise AssertionError

    assert api_of(fail).live_metadata([], []) == Metadata({}, {})


def test_request_has_two_lists() -> None:
    bodies = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.read()))
        return httpx.Response(200, json={"disciplines": {}, "parameter_usages": {}})

    api_of(answer).live_metadata(["m"], ["m_input_x"])
    assert bodies == [{"ontology_request": {"disciplines": ["m"], "parameter_usages": ["m_input_x"]}}]


@pytest.mark.parametrize("name", ["", "..", "a/b", "a..b", "a?b", "a b", "a%2Fb", ".a", "a\n"])
def test_invalid_module_name_sends_no_request(name: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise AssertionError

    api = api_of(fail)
    assert (api.live_document(name), api.saved_document(1, name)) == ("", "")


RECORDED = [
    exchange
    for exchange in map(json.loads, (RECORDINGS / "exchanges-3.jsonl").read_text(encoding="utf-8").splitlines())
    if exchange["response"]["status"] == 200
]


def recorded(name: str) -> Any:
    """Return the JSON of a recorded answer."""
    [exchange] = [exchange for exchange in RECORDED if exchange["name"] == name]
    return json.loads(exchange["response"]["body"])


@pytest.mark.parametrize(
    "exchange", [item for item in RECORDED if "documentation" in item["request"]["path"]], ids=lambda item: item["name"]
)
def test_recorded_documents_are_texts_or_absences(exchange: dict[str, Any]) -> None:
    payload = json.loads(exchange["response"]["body"])
    api = api_with(payload)
    expected = {"{}": Absence.NO_SERVICE, "null": Absence.NOT_SAVED}.get(json.dumps(payload), payload)
    assert api.saved_document(1, "a") == api.live_document("a") == expected


def everything(payload: Any) -> Metadata:
    """Return all entries of an answer."""
    return Metadata.from_api(payload, payload["disciplines"], payload["parameter_usages"])


def test_technical_labels_of_recorded_metadata_are_removed() -> None:
    dice = everything(recorded("dice-usages-all"))
    assert "Carbon Cycle DICE Model" in {info.label for info in dice.modules.values()}
    # The entry of the last of three classes.
    assert everything(recorded("sellar-usages")).modules["sostrades_core.sos_wrapping.test_discs.sellar"].label == ""
    unknown = everything(recorded("usages-unknown"))
    assert unknown.modules["no.such.model"] == ModuleInfo()
    assert unknown.usages["no.such.model_input_x"].is_blank
    known = "climateeconomics.sos_wrapping.sos_wrapping_dice.carboncycle.carboncycle_discipline_output_carboncycle_df"
    assert unknown.usages[known].label == "Carbon cycle data"
    assert recorded("noont-usages") == {}
