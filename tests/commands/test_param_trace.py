"""Test `sostrades param trace`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from conftest import User


def traced(user: User, *arguments: str) -> dict[str, Any]:
    """Return the trace of a parameter in JSON."""
    document: dict[str, Any] = user.prints("param", "trace", *arguments)
    return document


def test_input_reaches_outputs_through_disciplines(user: User) -> None:
    trace = traced(user, "21", "gamma")
    assert (trace["parameter"], trace["kind"], trace["producers"]) == ("Macro.gamma", "input", [])
    assert trace["consumers"] == ["Macro"]
    assert [(item["depth"], item["discipline"], item["neighbor"]) for item in trace["down"]] == [
        (1, "Macro", None),
        (2, "Carbon", "Macro"),
        (3, "Damage", "Carbon"),
    ]
    assert [item["through"] for item in trace["down"]] == [["Macro.gamma"], ["Macro.output"], ["Damage.temperature"]]
    assert "Damage.total_damage" in trace["can_change"]
    # Only the first discipline reads the price, so no way leads from there to it.
    assert "Carbon.price" not in trace["can_change"]
    assert trace["up"] == []


def test_output_comes_from_inputs_without_solver_settings(user: User) -> None:
    trace = traced(user, "21", "Damage.total_damage", "--up")
    assert (trace["kind"], trace["producers"], trace["consumers"], trace["down"]) == ("output", ["Damage"], [], [])
    assert [item["discipline"] for item in trace["up"]] == ["Damage", "Carbon", "Macro"]
    assert {"Macro.gamma", "Carbon.price", "Damage.theta"} <= set(trace["comes_from"])
    assert not [name for name in trace["comes_from"] if name.endswith("cache_type")]


def test_coupling_of_a_loop_leads_back_to_its_producer(user: User) -> None:
    trace = traced(user, "28", "y_1")
    at = "SellarCoupling."
    assert (trace["kind"], trace["producers"]) == ("coupling", [f"{at}Sellar_1"])
    assert {item["discipline"] for item in trace["down"]} == {f"{at}Sellar_1", f"{at}Sellar_2", f"{at}Sellar_Problem"}
    assert set(trace["can_change"]) == {f"{at}{name}" for name in ("y_1", "y_2", "c_1", "c_2", "obj")}


def test_pipe_gets_a_row_per_parameter_that_a_discipline_reads_or_computes(user: User) -> None:
    header, *rows = (line.split("\t") for line in user.types("param", "trace", "21", "gamma").out.splitlines())
    assert header == ["direction", "depth", "discipline", "link", "parameter"]
    assert rows[:3] == [
        ["down", "1", "Macro", "reads", "Macro.gamma"],
        ["down", "1", "Macro", "computes", "Macro.output"],
        ["down", "2", "Carbon", "reads", "Macro.output"],
    ]
    up = [line.split("\t") for line in user.types("param", "trace", "21", "total_damage", "--up").out.splitlines()]
    assert up[1] == ["up", "1", "Damage", "computes", "Damage.total_damage"]
    assert up[2][3] == "reads"


def test_depth_limits_both_directions(user: User) -> None:
    assert [item["depth"] for item in traced(user, "21", "gamma", "--depth", "2")["down"]] == [1, 2]
    assert [item["depth"] for item in traced(user, "21", "total_damage", "--depth", "1")["up"]] == [1]


def test_path_is_the_shortest_chain(user: User) -> None:
    chain = traced(user, "21", "gamma", "--path", "total_damage")
    assert [(item["parameter"], item["discipline"]) for item in chain["path"]] == [
        ("Macro.gamma", "Macro"),
        ("Macro.output", "Carbon"),
        ("Damage.temperature", "Damage"),
        ("Damage.total_damage", None),
    ]


def test_no_path_is_an_answer(user: User) -> None:
    assert traced(user, "21", "total_damage", "--path", "gamma")["path"] is None
    done = user.types("param", "trace", "21", "total_damage", "--path", "gamma")
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert done.err


def test_solver_setting_is_traced_to_its_discipline_only(user: User) -> None:
    trace = traced(user, "21", "Damage.cache_type")
    assert (trace["kind"], trace["consumers"]) == ("solver", ["Damage"])
    assert user.types("param", "trace", "21", "tolerance").err


def test_terminal_nests_each_discipline_below_its_neighbor(user: User) -> None:
    done = user.types("param", "trace", "21", "gamma", tty=True, COLUMNS="100", NO_COLOR="1")
    columns = {
        word: line.index(word) for line in done.out.splitlines() for word in ("Macro  ", "Carbon  ") if word in line
    }
    assert columns["Macro  "] < columns["Carbon  "]
    assert max(map(len, done.out.splitlines())) <= 100


@pytest.mark.parametrize(("key", "kind"), [("y_3", "not_found"), ("linearization_mode", "ambiguous_name")])
def test_unknown_and_ambiguous_names_are_errors(user: User, key: str, kind: str) -> None:
    assert user.types("param", "trace", "28", key).kind == kind
    assert user.types("param", "trace", "28", "x", "--path", key).kind == kind


@pytest.mark.parametrize("more", [("--up",), ("--down",), ("--depth", "2")])
def test_path_excludes_other_options(user: User, more: tuple[str, ...]) -> None:
    assert user.types("param", "trace", "21", "gamma", "--path", "total_damage", *more).code == 2


def test_restricted_viewer_traces_couplings_only(user: User) -> None:
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    trace = traced(user, "28", "y_1")
    assert trace["consumers"] == ["SellarCoupling.Sellar_Problem", "SellarCoupling.Sellar_2"]
    assert user.types("param", "trace", "28", "y_1").err
    assert user.types("param", "trace", "28", "x").kind == "permission_denied"


def test_study_without_a_run_has_no_trace(user: User) -> None:
    done = user.types("param", "trace", "22", "gamma")
    assert (done.code, done.kind) == (8, "refused")


def test_driver_makes_a_trace_incomplete(user: User) -> None:
    """Study 29 has a driver, a generator of samples beside it, and Sellar below the driver."""
    trace = traced(user, "29", "local_dv", "--down")
    at = "Eval.SellarCoupling."
    assert trace["can_change"] == [f"{at}c_1", f"{at}c_2", f"{at}obj"]
    assert (trace["complete"], trace["drivers"]) == (False, ["Eval", "SampleGenerator"])
    # The results of the driver come first.
    assert trace["may_change"][:2] == ["Eval.samples_inputs_df", "Eval.samples_outputs_df"]
    assert "Eval" in user.types("param", "trace", "29", "local_dv").err


def test_output_of_a_driver_may_come_from_all_that_it_runs(user: User) -> None:
    trace = traced(user, "29", "samples_outputs_df", "--up")
    assert trace["comes_from"] == ["Eval.gather_outputs", "Eval.with_sample_generator"]
    assert {"Eval.SellarCoupling.x", "SampleGenerator.design_space"} <= set(trace["may_come_from"])
    assert not [name for name in trace["may_come_from"] if name.endswith("cache_type")]


def test_generator_of_samples_may_change_outputs_of_the_driver(user: User) -> None:
    trace = traced(user, "29", "design_space", "--down")
    assert (trace["can_change"], trace["complete"]) == ([], False)
    assert "Eval.samples_outputs_df" in trace["may_change"]


@pytest.mark.parametrize("start", ["local_dv", "design_space", "SellarCoupling.x"])
def test_path_through_a_driver_is_not_known(user: User, start: str) -> None:
    chain = traced(user, "29", start, "--path", "samples_outputs_df")
    assert (chain["path"], chain["reaches"]) == (None, None)
    assert "Eval" in chain["drivers"]
    done = user.types("param", "trace", "29", start, "--path", "samples_outputs_df")
    assert "does not reach" not in done.err


def test_input_that_a_driver_may_set_may_come_from_its_samples(user: User) -> None:
    assert "SampleGenerator.design_space" in traced(user, "29", "SellarCoupling.x", "--up")["may_come_from"]


def test_trace_without_drivers_is_complete(user: User) -> None:
    for trace in (traced(user, "21", "gamma"), traced(user, "28", "y_1")):
        assert (trace["complete"], trace["drivers"], trace["may_change"]) == (True, [], [])
    assert traced(user, "21", "total_damage", "--path", "gamma")["reaches"] is False


def test_chain_in_the_other_direction_is_suggested(user: User) -> None:
    assert traced(user, "21", "total_damage", "--path", "gamma")["backwards"] is True
    done = user.types("param", "trace", "21", "total_damage", "--path", "gamma")
    assert "sostrades param trace 21 Macro.gamma --path Damage.total_damage" in done.err
    assert traced(user, "21", "gamma", "--path", "total_damage")["backwards"] is False


@pytest.mark.parametrize(("key", "direction"), [("gamma", "--up"), ("total_damage", "--down")])
def test_input_without_a_producer_and_result_without_a_reader_are_noted(user: User, key: str, direction: str) -> None:
    done = user.types("param", "trace", "21", key, direction)
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert done.err


def test_discipline_with_several_ways_names_the_others(user: User) -> None:
    down = {item["discipline"]: item for item in traced(user, "28", "y_1", "--down")["down"]}
    at = "SellarCoupling."
    # Sellar_2 computes y_2, which the problem reads, too.
    assert down[f"{at}Sellar_Problem"]["others"] == [f"{at}Sellar_2"]
    assert "also from" in user.types("param", "trace", "28", "y_1", tty=True, COLUMNS="200", NO_COLOR="1").out


def test_couplings_come_before_other_outputs(user: User) -> None:
    pairs = user.prints("study", "graph", "33")["couplings"]
    couplings = {name for pair in pairs for name in pair["parameters"]}
    disciplines = traced(user, "33", "damage_df")
    for direction in ("up", "down"):
        for discipline in disciplines[direction]:
            flags = [name in couplings for name in discipline["beyond"]]
            assert flags == sorted(flags, reverse=True)
    assert any(len(item["beyond"]) > len(set(item["beyond"]) & couplings) > 0 for item in disciplines["up"])


def test_restricted_viewer_gets_a_note_about_hidden_parameters(user: User) -> None:
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    done = user.types("param", "trace", "21", "gamma")
    assert (done.code, done.kind) == (4, "permission_denied")
    trace = traced(user, "21", "Macro.output")
    assert (trace["can_change"], trace["complete"]) == (["Damage.temperature"], False)
    assert traced(user, "21", "Damage.temperature", "--path", "Macro.output")["reaches"] is None
