"""Metadata and documentation: live from the ontology service, and saved with a study."""

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.worlds import hostile, sectors
from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build

A_RUN = 60.0
TEN_MINUTES = 600.0
MACRO = "cliproc.discs.Macro"
GAMMA = f"{MACRO}_input_gamma"
USAGES = "/ontology/ontology-usages"
FIELDS = {
    *("ACLTag", "dataframe_descriptor", "dataframe_edition_locked", "datatype", "definition", "definition_source"),
    *("editable", "id", "label", "namespace", "numerical", "optional", "possible_values", "range", "structuring"),
    *("unit", "uri", "user_level", "visibility"),
}


def ask(api: "Api", **requested: Any) -> Any:
    """Return what the service knows of disciplines or usages."""
    return api.post(USAGES, {"ontology_request": requested}).get_json()


def document(api: "Api", name: str) -> Any:
    """Return a live documentation."""
    return api.get(f"/ontology/{name}/markdown_documentation").get_json()


def saved(api: "Api", study: int, name: str = "") -> Any:
    """Return the saved metadata of a study, or a saved documentation."""
    rest = f"saved-documentation/{name}" if name else "saved-ontology-usages"
    answer = api.get(f"/study-case/{study}/{rest}", Accept_Encoding="identity")
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    return json.loads(gzip.decompress(answer.data))


def run(api: "Api", study: int) -> str:
    """Run a study to its end."""
    assert api.post(f"/calculation/execute/{study}").status_code == 200
    api.clock.advance(A_RUN)
    return api.status(study)


# Live ---------------------------------------------------------------------------------------------------


def test_known_usage_has_nineteen_texts(api: "Api") -> None:
    usage = ask(api, parameter_usages=[GAMMA])["parameter_usages"][GAMMA]
    assert usage.keys() == FIELDS
    assert all(isinstance(value, str) for value in usage.values())
    assert (usage["id"], usage["label"]) == ("gamma", "Capital share")


def test_every_id_has_an_entry_and_unknown_ones_have_only_their_id(api: "Api") -> None:
    assert ask(api, disciplines=["no.model"], parameter_usages=["no.model_input_x", MACRO]) == {
        "disciplines": {"no.model": {"id": "no.model", "label": "no.model"}},
        "parameter_usages": {MACRO: {"id": MACRO}, "no.model_input_x": {"id": "no.model_input_x"}},
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"ontology_request": None}, 400), ([], 500), ("text", 500), (5, 500)],
)
def test_body_without_a_request_is_refused(api: "Api", body: Any, status: int) -> None:
    assert api.post(USAGES, body).status_code == status


@pytest.mark.parametrize(
    "requested", [{}, [], "text", 5, {"parameters": ["gamma"]}, {"disciplines": None}, {"disciplines": [1]}]
)
def test_request_that_the_service_cannot_answer_is_empty(api: "Api", requested: Any) -> None:
    answer = api.post(USAGES, {"ontology_request": requested})
    assert (answer.status_code, answer.get_json()) == (200, {})


def test_module_of_several_classes_has_the_entry_of_the_last_one(api: "Api") -> None:
    module = sectors.module_of("Energy.Coal")
    assert module == sectors.module_of("Energy.Oil")
    assert ask(api, disciplines=[module])["disciplines"][module]["pythonClass"] == "Oil"


def test_fields_differ_from_the_declaration_in_the_study(api: "Api") -> None:
    keys = [f"{MACRO}_input_{name}" for name in ("savings_rate", "scenario", "population")]
    rate, scenario, population = (ask(api, parameter_usages=keys)["parameter_usages"][key] for key in keys)
    assert (rate["range"], rate["unit"], rate["label"]) == ("0.1,\n0.9", "[-]", " Savings rate")
    assert scenario["possible_values"] == "cloudy,\nsunny"
    assert population["unit"] == "million people"
    assert population["dataframe_descriptor"] == (
        "{'years': ('int', [1900, 2100], False), 'population': ('float', None, True)}"
    )


def test_empty_fields_are_blank_or_empty(api: "Api") -> None:
    usages = saved(api, 21)["parameter_usages"].values()
    empty = {usage["definition"] for usage in usages if "uri" in usage and not usage["definition"].strip()}
    assert empty == {"", " "}


@pytest.mark.parametrize("name", ["Energy mix", "Macro.Macro", "gamma", "no such model"])
def test_unknown_name_has_an_empty_documentation(api: "Api", name: str) -> None:
    assert document(api, f"cliproc.discs.{name}") == ""


def test_documentation_has_formulas_tables_footnotes_and_pictures(api: "Api") -> None:
    text = document(api, MACRO)
    for part in ("# Macro", "$\\gamma$", "$$", "|:--", "[^1]: ", "> ", "![Output over years][output.png]", "⁶"):
        assert part in text
    names = re.findall(r"^\[([^\]^]+)\]:data:image/png;base64,[A-Za-z0-9+/]+=*$", text, re.MULTILINE)
    assert names == ["output.png", "shares.png"]


def test_missing_picture_is_only_referred_to(api: "Api") -> None:
    text = document(api, "cliproc.discs.Carbon")
    assert "![](emissions_of_old_version.PNG)" in text
    assert "data:image" not in text


def test_process_is_documented_live_but_never_saved(api: "Api") -> None:
    process = "cliproc.processes.dice_process"
    assert document(api, process).startswith("# Small DICE Process")
    assert saved(api, 21, process) is None


def test_any_key_is_enough_and_no_key_is_refused(api: "Api") -> None:
    api.key = KEYS["stranger"]
    assert document(api, MACRO) != ""
    api.key = ""
    assert api.get(f"/ontology/{MACRO}/markdown_documentation").status_code == 401
    assert api.post(USAGES, {"ontology_request": {}}).status_code == 401


# The state of the service -------------------------------------------------------------------------------


def test_without_a_service_live_answers_are_empty(build: "Build") -> None:
    api = build(ontology="off")
    assert ask(api, disciplines=[MACRO]) == {}
    assert document(api, MACRO) == {}


def test_refused_connection_gives_empty_answers_for_ten_minutes(api: "Api") -> None:
    api.world.switch_ontology("down")
    assert document(api, MACRO) == {}
    api.world.switch_ontology("on")
    api.clock.advance(TEN_MINUTES - 1)
    assert document(api, MACRO) == {}
    api.clock.advance(2)
    assert document(api, MACRO) != {}


def test_unnoticed_failure_has_no_consequences(api: "Api") -> None:
    api.world.switch_ontology("down")
    api.world.switch_ontology("on")
    assert document(api, MACRO) != {}


def test_restart_of_the_api_ends_the_ten_minutes(api: "Api") -> None:
    api.world.switch_ontology("down")
    assert document(api, MACRO) == {}
    api.world.switch_ontology("on")
    api.world.ontology.restart_api()
    assert document(api, MACRO) != {}


def test_hanging_service_gives_no_answer(api: "Api") -> None:
    api.world.switch_ontology("hanging")
    before = api.clock.now()
    with pytest.raises(ConnectionError):
        document(api, MACRO)
    assert api.clock.now() - before >= TEN_MINUTES
    assert saved(api, 21, MACRO) != ""


def test_state_can_be_changed_over_http(api: "Api") -> None:
    changed = api.client.put("/stub/ontology", json={"state": "down"})
    assert (changed.status_code, changed.get_json()) == (200, {"state": "down"})
    assert api.client.get("/stub/ontology").get_json() == {"state": "down"}
    assert document(api, MACRO) == {}


@pytest.mark.parametrize("body", [{"state": "asleep"}, {}, [], "down"])
def test_unknown_state_is_refused(api: "Api", body: Any) -> None:
    assert api.client.put("/stub/ontology", json=body).status_code == 400


# Saved --------------------------------------------------------------------------------------------------


def test_saved_metadata_are_the_live_ones(api: "Api") -> None:
    kept = saved(api, 21)
    assert kept == ask(api, **{kind: [*entries] for kind, entries in kept.items()})
    assert saved(api, 21, MACRO) == document(api, MACRO)


def test_saved_metadata_have_the_keys_of_the_tree(api: "Api") -> None:
    tree = api.get("/study-case/28/read-only-mode").get_json()["treenode"]
    keys = {*re.findall(r'"variable_key": "([^"]+)"', json.dumps(tree))}
    unlisted = "sostrades_core.execution_engine.proxy_coupling_output_residuals_history"
    assert {*saved(api, 28)["parameter_usages"]} == keys - {unlisted}


def test_never_finished_study_has_nothing_saved(api: "Api") -> None:
    copy = api.post("/study-case/21/copy", {"new_study_name": "twin"}).get_json()
    assert saved(api, copy) is None
    assert saved(api, copy, MACRO) is None


def test_run_without_a_service_saves_empty_answers(build: "Build") -> None:
    api = build(ontology="off")
    assert saved(api, 21) == {}
    assert saved(api, 21, MACRO) == ""
    assert saved(api, 21, "no.such.model") is None


def test_run_after_the_service_came_is_described(build: "Build") -> None:
    api = build(ontology="off")
    assert run(api, 21) == "FINISHED"
    api.world.switch_ontology("on")
    assert saved(api, 21) == {}
    assert run(api, 21) == "FINISHED"
    assert saved(api, 21, MACRO).startswith("# Macro")
    assert api.get("/study-case/21/read-only-mode").get_json()["n2_diagram"]["n2_diagram"]["treeNodes"]


def test_run_that_ended_before_the_service_stopped_is_described(api: "Api") -> None:
    """The state at the end of the run counts, and not at the first request after it."""
    assert api.post("/calculation/execute/21").status_code == 200
    api.clock.advance(A_RUN)
    api.world.switch_ontology("down")
    assert saved(api, 21, MACRO).startswith("# Macro")


def test_saved_metadata_stay_after_a_change_and_a_failed_run(api: "Api") -> None:
    before = saved(api, 32)
    api.set(32, types__Mixed__crash=True)
    api.load(32)
    assert api.get("/study-case/32/read-only-mode").status_code == 400
    assert saved(api, 32) == before
    assert run(api, 32) == "FAILED"
    assert saved(api, 32) == before


@pytest.mark.parametrize("rest", ["saved-ontology-usages", f"saved-documentation/{MACRO}"])
@pytest.mark.parametrize(
    ("who", "study", "status"), [("viewer", 21, 200), ("stranger", 21, 400), ("viewer", 25, 400), ("team", 99999, 500)]
)
def test_saved_files_need_the_right_of_a_restricted_viewer(
    api: "Api", who: str, study: int, status: int, rest: str
) -> None:
    api.key = KEYS[who]
    assert api.get(f"/study-case/{study}/{rest}").status_code == status


def test_label_of_the_process_is_only_in_the_read_only_file(api: "Api") -> None:
    study = api.get("/study-case/21/read-only-mode").get_json()["study_case"]
    assert (study["process"], study["process_display_name"]) == ("dice_process", "Small DICE Process")
    changed = api.set(21, dice__Macro__gamma=0.4).get_json()["study_case"]
    assert changed["process_display_name"] == "dice_process"


# Sizes, old servers and hostile texts -------------------------------------------------------------------


def test_study_13_has_a_documentation_of_a_megabyte(api: "Api") -> None:
    modules = {sectors.module_of(node) for node in sectors.DISCIPLINES}
    sizes = sorted(len(document(api, module)) for module in modules)
    assert sizes[-1] > 1_000_000
    assert sizes[-2] < 10_000
    assert sizes.count(0) == 6


@pytest.mark.slow
def test_full_study_has_the_metadata_of_witness(build: "Build") -> None:
    api = build("witness")
    usages = saved(api, 33)["parameter_usages"]
    unknown = sum(usage.keys() == {"id"} for usage in usages.values())
    assert 1200 < len(usages) < 1700
    assert 0.05 < unknown / len(usages) < 0.25


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", USAGES),
        ("GET", f"/ontology/{MACRO}/markdown_documentation"),
        ("GET", "/study-case/21/saved-ontology-usages"),
        ("GET", f"/study-case/21/saved-documentation/{MACRO}"),
        ("GET", "/study-case/21/read-only-mode"),
    ],
)
def test_servers_before_5_3_1_do_not_have_the_routes(build: "Build", method: str, path: str) -> None:
    api = build(server="5.0")
    api.key = ""
    assert api.ask(method, path).status_code == 404


def test_hostile_study_has_hostile_names_and_texts(build: "Build") -> None:
    api = build("hostile")
    assert saved(api, 1, "hostile.first") == hostile.DOCUMENT
    usage = saved(api, 1)["parameter_usages"]["hostile.first_input_x"]
    assert usage["label"].startswith("<script>")
    diagram = api.get("/study-case/1/read-only-mode").get_json()["n2_diagram"]["interface_diagram"]
    assert {node["namespace"] for node in diagram["discipline_nodes"]} == {hostile.FIRST, hostile.SECOND}
