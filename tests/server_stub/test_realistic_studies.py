"""Rules of realistic studies that no single recorded exchange shows."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from replaying import RECORDINGS, entries

from server_stub.model import ModelError, Parameter
from server_stub.values import Array, Table, Value
from server_stub.worlds.by_hand import add_study

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.server_stub.conftest import Api, Build

A_RUN = 60.0


def run(api: "Api", study: int) -> str:
    """Run a study to its end."""
    assert api.post(f"/calculation/execute/{study}").status_code == 200
    api.clock.advance(A_RUN)
    return api.status(study)


def log(api: "Api", study: int) -> str:
    """Return the log of the last run."""
    return api.get(f"/study-case/{study}/logs").text


def post(api: "Api", study: int, **changes: Any) -> None:
    """Change parameters and load."""
    assert api.set(study, **changes).status_code == 200
    api.load(study)


def test_load_of_the_climate_study_is_as_recorded(build: "Build") -> None:
    api = build("realistic")
    assert run(api, 47) == "FINISHED"
    recorded = json.loads((RECORDINGS / "dice-load.json").read_text(encoding="utf-8"))
    loaded = api.load(47)
    assert loaded == recorded
    assert list(loaded) == list(recorded)


# Loops ----------------------------------------------------------------------------------------

TABLES = ("emissions_df", "carboncycle_df", "damage_df", "economics_df", "temperature_df")


def test_failed_climate_run_logs_its_cause_before_chart_errors(api: "Api") -> None:
    copy = api.post("/study-case/33/copy", {"new_study_name": "second"}).get_json()
    api.upload(copy, second__emissions_control_rate=api.download(33, "climate.emissions_control_rate").encode())
    api.load(copy)
    assert run(api, copy) == "FAILED"
    _begin, *blocks = log(api, copy).split("Traceback (most recent call last):\n")
    assert len(blocks) == 13
    assert "ValueError: Cannot compute the inputs second.carboncycle_df, second.damage_df, " in blocks[0]
    assert all("AttributeError: 'NoneType' object has no attribute 'index'" in block for block in blocks[1:])
    assert log(api, copy).count("PostProcessing ERROR in post_processing_factory") == 12


@pytest.mark.parametrize(
    ("kept", "status"), [("economics_df", "FINISHED"), ("damage_df", "FINISHED"), ("temperature_df", "FAILED")]
)
def test_one_start_table_is_enough(build: "Build", kept: str, status: str) -> None:
    api = build()
    post(api, 33, **{f"climate__{name}": None for name in TABLES if name != kept})
    assert run(api, 33) == status


def test_start_tables_of_another_length_fail(api: "Api") -> None:
    post(api, 33, climate__year_end=2063)
    assert run(api, 33) == "FAILED"
    assert "ValueError: Length mismatch: Expected 86 rows, received array of length 49\n" in log(api, 33)


def test_null_start_value_uses_the_default(build: "Build") -> None:
    api = build("bare")
    add_study(api.world, 1, "loop", *LOOP, compute=_twice)
    post(api, 1, loop__One__a=5.0)
    post(api, 1, loop__One__a=None)
    assert api.load(1)["loop.One.a"] == {
        "type": "float",
        "unit": "-",
        "var_name": "a",
        "value": None,
        "optional": True,
    }
    assert run(api, 1) == "FINISHED"
    assert api.download(1, "loop.One.b") == "value\n8.0\n"


def _twice(values: "Mapping[str, Value]") -> dict[str, Value]:
    return {"One.a": values["One.a"], "One.b": values["One.a"] * 2}


def _on_the_way(name: str, default: float | None, reader: str, writer: str) -> Parameter:
    return Parameter(name, "float", default, coupling=True, readers=(reader,), writer=writer)


LOOP = (
    _on_the_way("One.a", 4.0, "One", "Two"),
    _on_the_way("One.b", None, "Two", "One"),
    Parameter("Two.c", "float", 1.0),
)


def test_copy_has_no_start_values(api: "Api") -> None:
    copy = api.post("/study-case/28/copy", {"new_study_name": "twin"}).get_json()
    loaded = api.load(copy)
    assert loaded["twin.SellarCoupling.y_1"]["value"] is None
    assert loaded["twin.SellarCoupling.tolerance"]["value"] == 1e-06
    api.upload(copy, twin__SellarCoupling__x=b"value\n1.0\n", twin__SellarCoupling__z=b"value\n1.0\n1.0\n")
    api.load(copy)
    post(api, copy, twin__SellarCoupling__Sellar_Problem__local_dv=10.0)
    assert run(api, copy) == "FAILED"
    api.upload(copy, twin__SellarCoupling__y_1=b"value\n1.0\n")
    api.load(copy)
    assert run(api, copy) == "FINISHED"
    assert api.download(copy, "twin.SellarCoupling.obj").startswith("value\n(14.32662")


def test_outputs_of_the_coupling_are_only_at_their_writers(api: "Api") -> None:
    root = api.get("/study-case/28/read-only-mode").get_json()["treenode"]
    coupling = root["children"][0]
    problem = coupling["children"][0]
    assert (root["name"], root["node_type"], root["data"]) == ("sellar", "data", {})
    assert not any(name.rpartition(".")[2] in ("obj", "c_1", "c_2", "residuals_history") for name in coupling["data"])
    assert len(problem["disc_data"]["sellar.SellarCoupling.obj"]) == 11
    assert len(coupling["disc_data"]["sellar.SellarCoupling.residuals_history"]) == 11
    assert not any(name.count(".") == 1 for name in api.load(28))


def test_restricted_viewer_gets_no_variable(api: "Api") -> None:
    api.key = next(key for key, owned in api.world.keys.items() if owned.owner.name == "viewer")
    answer = api.get("/study-case/28/read-only-mode")
    assert "no_data" in answer.headers["Content-Disposition"]
    assert "SellarCoupling.obj" not in answer.text
    assert "SellarCoupling.x" not in answer.text


# Sampling -------------------------------------------------------------------------------------


def test_design_space_is_empty_before_inputs_are_chosen(api: "Api") -> None:
    post(api, 29, doe__SampleGenerator__eval_inputs=None)
    api.upload(29, doe__SampleGenerator__design_space=b"variable,lower_bnd,upper_bnd\nSellarCoupling.x,0.0,10.0\n")
    api.load(29)
    assert len(api.download(29, "doe.SampleGenerator.design_space").splitlines()) == 1


def test_change_of_algorithm_keeps_options_and_bounds(api: "Api") -> None:
    before = api.download(29, "doe.SampleGenerator.design_space")
    for algorithm in ("OT_LHS", "PYDOE_LHS"):
        post(api, 29, doe__SampleGenerator__sampling_algo=algorithm)
    assert api.load(29)["doe.SampleGenerator.algo_options"]["value"]["n_samples"] == 20
    assert api.download(29, "doe.SampleGenerator.design_space") == before


@pytest.mark.parametrize("value", [{}, None])
def test_empty_options_are_completed_and_fail_the_run(api: "Api", value: Any) -> None:
    post(api, 29, doe__SampleGenerator__algo_options=value)
    assert len(api.load(29)["doe.SampleGenerator.algo_options"]["value"]) == 9
    assert run(api, 29) == "FAILED"
    assert "ValidationError: " in log(api, 29)


@pytest.mark.parametrize(("name", "value"), [("algo_options", "x"), ("design_space", [{"variable": "x"}])])
def test_value_of_another_type_is_not_completed(api: "Api", name: str, value: Any) -> None:
    post(api, 29, **{f"doe__SampleGenerator__{name}": value})
    assert api.load(29)[f"doe.SampleGenerator.{name}"]["value"] == value
    assert run(api, 29) == "FAILED"


def test_batch_cannot_set_a_parameter_that_it_creates(api: "Api") -> None:
    post(api, 29, doe__SampleGenerator__sampling_method="simple")
    answer = api.set(29, doe__SampleGenerator__sampling_method="doe_algo", doe__SampleGenerator__sampling_algo="OT_LHS")
    assert answer.status_code == 400
    assert api.load(29)["doe.SampleGenerator.sampling_method"]["value"] == "simple"


def test_samples_can_be_generated_before_the_run(api: "Api") -> None:
    assert "doe.Eval.samples_df" not in api.load(29)
    post(api, 29, doe__SampleGenerator__sampling_generation_mode="at_configuration_time")
    assert len(api.download(29, "doe.Eval.samples_df").splitlines()) == 21
    assert run(api, 29) == "FINISHED"
    assert len(api.download(29, "doe.Eval.samples_outputs_df").splitlines()) == 22


# Names, loads and collisions ------------------------------------------------------------------


def test_study_name_may_have_dots(api: "Api") -> None:
    assert "dice.v2.Macro.gamma" in api.load(30)
    post(api, 30, **{"dice.v2.Macro.gamma": 0.5})
    assert run(api, 30) == "FINISHED"
    document = api.get("/study-case/30/read-only-mode").get_json()
    assert document["study_case"]["name"] == document["treenode"]["name"] == "dice.v2"
    assert "dice.v2.Macro.gamma" in document["treenode"]["children"][0]["data"]
    assert set(api.get("/calculation/status/30").get_json()["disciplines_status"]) == {
        "dice.v2",
        "dice.v2.Macro",
        "dice.v2.Carbon",
    }


@pytest.mark.parametrize("server", ["documented", "5.0", "5.3"])
def test_wrapped_study_has_no_load_and_no_read_only_mode(build: "Build", server: str) -> None:
    api = build(server=server)
    answers = [api.get(f"/study-case/31{rest}") for rest in ("", "/read-only-mode")]
    assert api.status(31) == "FINISHED"
    assert [answer.status_code for answer in answers] == [400, 404 if server == "5.0" else 400]
    assert answers[0].get_json()["description"].endswith("has no attribute 'coupling_structure'")
    assert api.download(31, "wrapped.y_1") == "value\n1.77763888346126\n"


@pytest.mark.parametrize("study", [28, 29, 30, 32, 33])
def test_finished_study_can_run_again(api: "Api", study: int) -> None:
    assert api.status(study) == "FINISHED"
    assert run(api, study) == "FINISHED"


def test_early_collision_needs_less_than_30_ms(build: "Build") -> None:
    times = {entry["name"]: entry["elapsed_s"] for entry in entries("exchanges-2.jsonl")}
    lost = [times[f"once-{number}-a"] for number in (0, 2)]
    kept = [times[name] for name in ("once-1-a", "once-3-a", "f2-pair-copy-push-up")]
    timing = build("realistic").world.studies[47].model.timing
    assert max(lost) < timing.unread < min(kept)
    assert build().world.studies[33].model.timing.unread == 10.0


# Integrity ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("Mixed__demand", 200.0, "Value 200.0 is not in range [0.0, 100.0]"),
        ("Mixed__scenario", "X", "Value X not in *possible values* ['STEPS', 'APS', 'NZE']"),
        ("Mixed__vec", [1.0], "Value [1.0] should be a array"),
        ("Mixed__df_plain", [{"years": 2020}], "Value [{'years': 2020}] should be a dataframe"),
        (
            "Mixed__matrix_list",
            [[1.0, "x"]],
            "Value x in [1.0, 'x'] should be a float according to subtype descriptor {'list': 'float'}",
        ),
        (
            "Mixed__dict_arr",
            {"u": [1.0]},
            "Value [1.0] in {'u': [1.0]} should be a array according to subtype descriptor {'dict': 'array'}",
        ),
        ("DiscAllTypes__z_list", [20000.0], "Value [20000.0] at index 0 is not in range [-10000.0, 10000.0]"),
    ],
)
def test_invalid_value_fails_the_run_early(api: "Api", name: str, value: Any, fault: str) -> None:
    post(api, 32, **{f"types__{name}": value})
    api.post("/calculation/execute/32")
    api.clock.advance(4.9)
    assert api.status(32) == "FAILED"
    assert f"ValueError: Variable types.{name.replace('__', '.')} : \n\t{fault}\n" in log(api, 32)


def test_missing_input_fails_the_run(api: "Api") -> None:
    copy = api.post("/study-case/32/copy", {"new_study_name": "twin"}).get_json()
    post(api, copy, twin__Mixed__demand=13.0)
    assert run(api, copy) == "FAILED"
    assert "Variable twin.DiscAllTypes.z_list : \n\tValue is missing\n" in log(api, copy)


def test_all_faults_are_reported_until_they_are_corrected(api: "Api") -> None:
    post(api, 32, types__Mixed__scenario="X")
    post(api, 32, types__DiscAllTypes__weather_list=["sunny", "foggy", "grey"])
    assert run(api, 32) == "FAILED"
    assert (
        "ValueError: Variable types.Mixed.scenario : \n\tValue X not in *possible values* ['STEPS', 'APS', 'NZE']\n"
        "Variable types.DiscAllTypes.weather_list : \n\tValue foggy in list"
    ) in log(api, 32)
    assert log(api, 32).count("\n\tValue ") == 3
    post(api, 32, types__DiscAllTypes__weather_list=None)
    assert run(api, 32) == "FAILED"
    assert log(api, 32).count("\n\tValue ") == 1
    post(api, 32, types__Mixed__scenario="APS")
    assert run(api, 32) == "FINISHED"


def test_column_outside_its_range_fails(api: "Api") -> None:
    api.upload(32, types__Mixed__df_plain=b"years,emissions\n2020,1.5\n2021,-1.5\n")
    api.load(32)
    assert run(api, 32) == "FAILED"
    assert "\tDataframe values in column emissions are not in range [0.0, 1000000.0]" in log(api, 32)


def test_exception_of_a_model_keeps_its_type(build: "Build") -> None:
    api = build("bare")

    def fail(_values: "Mapping[str, Value]") -> dict[str, Value]:
        raise ModelError("Two", "no convergence", "RuntimeError")

    add_study(api.world, 1, "loop", *LOOP, compute=fail)
    assert run(api, 1) == "FAILED"
    assert "RuntimeError: no convergence\n" in log(api, 1)


def test_studies_can_be_built_by_hand(build: "Build") -> None:
    api = build("bare")
    table = Table(("years", "amount"), ((2020, 1.5),))
    parameters = (Parameter("Node.table", "dataframe", table), Parameter("Node.list", "array", Array([1.0])))
    add_study(api.world, 7, "mine", *parameters, values={"Node.list": Array([2.0])})
    assert api.download(7, "mine.Node.table") == "years,amount\n2020,1.5\n"
    assert api.download(7, "mine.Node.list") == "value\n2.0\n"
    assert api.load(7)["mine.Node.linearization_mode"]["value"] == "auto"
    copy = api.post("/study-case/7/copy", {"new_study_name": "other"}).get_json()
    post(api, copy, other__max_mda_iter=20)
    assert api.download(copy, "other.Node.list") == "value\n1.0\n"
