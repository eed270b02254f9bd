"""Parameters in a program, with the values and changes of the command line."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import mostly_slow, slow

from server_stub.faults import Fault
from sostrades_cli.errors import (
    Conflict,
    InvalidValue,
    LoadFault,
    NoLayout,
    NotFound,
    NothingToUndo,
    NotVerified,
    NoValue,
    RunActive,
    SostradesError,
    Unreachable,
    UploadFault,
    UsageError,
    WaitTimeout,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli import Study

SERVERS = ("documented", "5.3")
SENT = "POST /api/v0/study-case/21/parameters"


def dice(user: User) -> Study:
    """Return study 21."""
    return user.client().study(21)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON has them."""
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def test_parameters_equal_those_of_a_load(anyone: User) -> None:
    payload = anyone.prints("study", "load", "21")
    result = dice(anyone).parameters(all=True)
    assert list(result.index) == list(payload)
    assert result.index.name == "parameter"
    assert [repr(value) for value in result["value"]] == [repr(fields["value"]) for fields in payload.values()]
    assert records(result[["type", "unit"]]) == [{"type": f["type"], "unit": f["unit"]} for f in payload.values()]


def test_parameters_can_be_selected(user: User) -> None:
    assert list(dice(user).parameters("*.Macro.s*").index) == [
        "dice.Macro.savings_rate",
        "dice.Macro.start_year",
        "dice.Macro.scenario",
        "dice.Macro.shares",
    ]
    assert len(dice(user).parameters("no such name")) == 0
    assert len(dice(user).parameters()) < len(dice(user).parameters(all=True))


def test_parameters_are_selected_by_node_and_change(user: User) -> None:
    study = dice(user)
    assert list(study.parameters(node="carbon").index) == ["dice.Carbon.price", "dice.Carbon.intensity"]
    assert len(study.parameters(changed=True)) == 0
    study.set({"gamma": 0.9})
    assert list(study.parameters(changed=True).index) == ["dice.Macro.gamma"]
    with pytest.raises(NoValue):
        user.client().study(22).parameters(changed=True)


@pytest.mark.parametrize("of_each_type", [1, slow(1000)])
def test_value_equals_that_of_param_get(anyone: User, of_each_type: int) -> None:
    """The texts `inf` and `nan` are numbers here."""
    study = dice(anyone)
    parameters = study.parameters(all=True)
    assert parameters["type"].nunique() > 5
    for name in parameters.groupby("type").head(of_each_type).index:
        done = anyone.types("param", "get", "21", name, "-F", "json")
        if done.code:
            with pytest.raises(SostradesError) as caught:
                study.get(name)
            assert caught.value.message in done.err
            continue
        expected, result = json.loads(done.out), study.get(name)
        if isinstance(result, pd.DataFrame):
            result = records(result)
        assert repr(result).replace("'", "") == repr(expected).replace("'", "")


def test_inf_and_nan_are_numbers_and_no_value_is_none(anyone: User) -> None:
    assert dice(anyone).get("no_limit") == math.inf
    assert math.isnan(dice(anyone).get("not_known"))
    assert dice(anyone).get("remark") is None


def test_several_values_are_a_dict_by_the_keys_as_given(anyone: User) -> None:
    values = dice(anyone).get(["gamma", "Macro.no_limit", "dice.Macro.population", "total_damage"])
    assert list(values) == ["gamma", "Macro.no_limit", "dice.Macro.population", "total_damage"]
    assert (values["gamma"], values["Macro.no_limit"]) == (0.3, math.inf)
    assert len(values["dice.Macro.population"]) == 11
    assert isinstance(values["total_damage"], float)
    assert dice(anyone).get([]) == {}


@pytest.mark.parametrize("dry_run", [True, False])
def test_float_of_32_bits_is_stored_exactly_and_noted(user: User, *, dry_run: bool) -> None:
    changed = dice(user).set({"gamma": np.float32(0.4)}, dry_run=dry_run)
    assert changed["new"].tolist() == [float(np.float32(0.4))]
    assert any(repr(float(np.float32(0.4))) in note for note in user.noted)


def test_error_of_several_values_has_those_that_can_be_read(user: User) -> None:
    with pytest.raises(NoLayout) as caught:
        dice(user).get(["gamma", "Macro.matrix"])
    assert caught.value.result == {"gamma": 0.3}
    with pytest.raises(NoLayout) as caught:
        dice(user).get("Macro.matrix")
    assert caught.value.result is None


def test_all_unknown_keys_are_in_one_error(anyone: User) -> None:
    with pytest.raises(NotFound) as caught:
        dice(anyone).get(["gama", "gamma", "nothing at all"])
    assert len(caught.value.causes) == 2


def test_tables_are_typed_dataframes(user: User) -> None:
    study = dice(user)
    population = study.get("Macro.population")
    assert {name: str(kind) for name, kind in population.dtypes.items()} == {"years": "int64", "population": "float64"}
    assert study.get("Macro.weights")["value"].tolist() == [0.2, 0.3, 0.5]
    assert study.get("Macro.regions").columns.tolist() == ["variable", "years", "share"]
    with pytest.raises(NoLayout):
        study.get("Macro.matrix")


def test_output_can_be_read(anyone: User) -> None:
    assert isinstance(dice(anyone).get("dice.Damage.total_damage"), float)


@pytest.mark.parametrize(
    ("values", "words"),
    mostly_slow(
        [
            ({"Macro.gamma": 0.25, "Macro.use_damage": False}, ["Macro.gamma=0.25", "Macro.use_damage=no"]),
            ({"Macro.gamma": 1}, ["Macro.gamma=1"]),
            ({"Macro.periods": np.int64(7)}, ["Macro.periods=7"]),
            ({"Macro.gamma": np.float64(0.1)}, ["Macro.gamma=0.1"]),
            ({"Macro.targets": [1.0, 2.5]}, ["Macro.targets=[1.0, 2.5]"]),
            ({"Macro.targets": np.array([1.0, 2.5])}, ["Macro.targets=[1.0, 2.5]"]),
            ({"Macro.targets": (1, 2)}, ["Macro.targets=[1, 2]"]),
            ({"Macro.region_names": np.array(["1", "007"])}, ['Macro.region_names=["1", "007"]']),
            ({"Macro.shares": {"coal": np.float64(1.0)}}, ['Macro.shares={"coal": 1.0}']),
            ({"Macro.scenario": "rainy"}, ["Macro.scenario=rainy"]),
            ({"Macro.gamma": 0.3}, ["Macro.gamma=0.3"]),
        ],
        2,
    ),
    ids=repr,
)
@pytest.mark.parametrize("server", SERVERS)
def test_set_equals_that_of_the_command_line(
    user_of: Callable[..., User], server: str, values: dict[str, Any], words: list[str]
) -> None:
    typing, program = user_of(server), user_of(server)
    expected = json.loads(
        typing.types("param", "set", "21", *words, "-F", "json", SOSTRADES_STATE_DIR=str(typing.folder / "typing")).out
    )
    result = dice(program).set(values)
    assert list(result.columns) == ["key", "type", "old", "new", "unit", "sent"]
    # A program gets notes as everywhere in the library, not as a column.
    assert repr(records(result)) == repr([{name: item[name] for name in result.columns} for item in expected])
    for key in values:
        stored = [item.types("param", "get", "21", f"dice.{key}", "-F", "json").out for item in (typing, program)]
        assert stored[0] == stored[1]
    assert typing.requests.count(SENT) == program.requests.count(SENT)


@pytest.mark.parametrize(
    ("values", "fact"),
    [
        ({"Macro.gamma": "0.3"}, "float"),
        ({"Macro.gamma": None}, "float"),
        ({"Macro.gamma": math.nan}, "Macro.gamma"),
        ({"Macro.gamma": True}, "float"),
        ({"Macro.periods": 1.5}, "int"),
        ({"Macro.scenario": "snowy"}, "snowy"),
        ({"Macro.targets": 1.0}, "list"),
        ({"Macro.shares": {1: 2.0, "a": 1.0}}, "Macro.shares"),
        ({"Macro.population": [1, 2]}, "dataframe"),
        ({"Macro.gamma": pd.DataFrame({"q": [1]})}, "float"),
        ({"Macro.gamma": 1j}, "Macro.gamma"),
        ({"dice.Damage.total_damage": 1.0}, "total_damage"),
        ({"Macro.population": Path("nowhere.csv")}, "nowhere.csv"),
        ({"Macro.population": pd.DataFrame({("a", "b"): [1]})}, "DataFrame"),
        ({"Macro.weights": pd.DataFrame({"a": [1], "b": [2]})}, "dice.Macro.weights"),
        ({1: 2}, "1"),
        ({}, ""),
        ([("Macro.gamma", 1.0)], "list"),
    ],
    ids=repr,
)
def test_invalid_value_is_rejected_before_a_request(user: User, values: Any, fact: str) -> None:
    """The message names the parameter, the value, the type or the file."""
    with pytest.raises(UsageError) as caught:
        dice(user).set(values)
    assert fact in caught.value.message
    assert SENT not in user.requests


def test_unknown_name_has_suggestions(user: User) -> None:
    with pytest.raises(NotFound, match=r"Macro\.gama\b") as caught:
        dice(user).set({"Macro.gama": 1.0})
    assert "dice.Macro.gamma" in str(caught.value.detail)


def test_other_unit_is_rejected(user: User) -> None:
    with pytest.raises(InvalidValue):
        dice(user).set({"Macro.start_year": 2021}, unit="day")
    assert len(dice(user).set({"Macro.start_year": 2021}, unit="year")) == 1
    assert len(dice(user).set({"Macro.start_year": 2022}, unit="day", force=True)) == 1


def test_dry_run_sends_nothing(user: User) -> None:
    result = dice(user).set({"Macro.gamma": 0.25, "Macro.scenario": "sunny"}, dry_run=True)
    fields = {"key": "dice.Macro.gamma", "type": "float", "old": 0.3, "new": 0.25, "unit": "-", "sent": True}
    assert records(result) == [fields]
    assert '"newValue": 0.25' in result.attrs["note"]
    assert SENT not in user.requests


@pytest.mark.parametrize("indexed", [False, True])
def test_table_is_read_back_exactly(user: User, indexed: bool) -> None:
    study = dice(user)
    table = study.get("Macro.population").assign(population=lambda t: t["population"] / 3)
    table.loc[2, "population"] = math.nan
    study.set({"Macro.population": table.set_index("years") if indexed else table})
    pd.testing.assert_frame_equal(study.get("Macro.population"), table)
    unchanged = study.set({"Macro.population": table})
    assert unchanged.attrs["note"].count("1 of 1") == 1
    assert list(unchanged["sent"]) == [False]


def test_unnamed_index_is_not_sent(user: User) -> None:
    study = dice(user)
    table = study.get("Macro.population").query("years > 2025")
    study.set({"Macro.population": table})
    pd.testing.assert_frame_equal(study.get("Macro.population"), table.reset_index(drop=True))


def test_dict_of_tables_is_read_back(user: User) -> None:
    study = dice(user)
    europe = pd.DataFrame({"years": [2020, 2030], "share": [0.125, 0.5]})
    study.set({"Macro.regions": {"Europe": europe, "Asia": europe.assign(share=0.25)}})
    result = study.get("Macro.regions")
    pd.testing.assert_frame_equal(
        result[result["variable"] == "Europe"][["years", "share"]].reset_index(drop=True), europe
    )
    assert sorted(set(result["variable"])) == ["Asia", "Europe"]


@pytest.mark.parametrize(
    "given", [np.array([0.1, 0.9]), pd.Series([0.1, 0.9]), [0.1, 0.9], pd.DataFrame({"w": [0.1, 0.9]})]
)
def test_array_accepts_one_column(user: User, given: Any) -> None:
    dice(user).set({"Macro.weights": given})
    assert dice(user).get("Macro.weights")["value"].tolist() == [0.1, 0.9]


def test_path_is_a_csv_file(user: User) -> None:
    file = user.folder / "people.csv"
    file.write_text("years,population\n2020,8000.5\n")
    result = dice(user).set({"Macro.population": file})
    assert result["new"].tolist() == ["11 rows before, 1 now; 1 cell differs: row 1, population  7800.0 → 8000.5"]
    assert dice(user).get("Macro.population")["population"].tolist() == [8000.5]


def test_server_without_uploads_is_an_upload_fault(user53: User) -> None:
    """Lists and dicts go as JSON."""
    with pytest.raises(UploadFault):
        dice(user53).set({"Macro.population": pd.DataFrame({"years": [2020], "population": [1.5]})})
    dice(user53).set({"Macro.targets": pd.Series([3.0, 4.0])})
    assert dice(user53).get("Macro.targets") == [3.0, 4.0]


def test_dropped_set_is_not_verified(anyone: User) -> None:
    anyone.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    with pytest.raises(NotVerified, match=r"dice\.Macro\.gamma"):
        dice(anyone).set({"Macro.gamma": 0.25})
    assert anyone.requests.count(SENT) == 2
    assert anyone.noted


def test_lost_answer_of_a_change_is_resolved(anyone: User) -> None:
    anyone.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="after"))
    assert len(dice(anyone).set({"Macro.gamma": 0.25})) == 1
    anyone.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="before"))
    with pytest.raises(Unreachable):
        dice(anyone).set({"Macro.gamma": 0.5})
    assert anyone.requests.count(SENT) <= 2


def test_retried_read_is_noted(user: User) -> None:
    user.world.faults.arm(Fault("status", status=503, count=1, path="status/21"))
    assert dice(user).status().status == "FINISHED"
    assert len(user.noted) == 1


def test_change_during_a_run_needs_force(user: User) -> None:
    study = dice(user)
    study.start()
    with pytest.raises(RunActive):
        study.set({"Macro.gamma": 0.25})
    assert study.set({"Macro.gamma": 0.25}, force=True)["new"].tolist() == [0.25]


def test_many_changes_need_no_confirmation(user: User) -> None:
    study = dice(user)
    stored = study.parameters()["value"]
    values: dict[str, Any] = {name: value + 0.125 for name, value in stored.items() if isinstance(value, float)}
    values |= {"Macro.periods": 3, "Macro.start_year": 2021, "Macro.scenario": "rainy", "Macro.use_damage": False}
    values |= {f"Macro.{name}": study.get(f"Macro.{name}")[:1] for name in ("targets", "region_names", "milestones")}
    assert len(study.set(values)) == len(values)


def test_reset_undo_and_history(anyone: User) -> None:
    study = dice(anyone)
    study.set({"Macro.gamma": 0.25})
    assert records(study.undo())[0]["new"] == 0.3
    study.set({"Macro.gamma": 0.25, "Macro.periods": 5})
    study.reset("gamma")
    assert study.get("Macro.gamma") == 0.3
    assert study.reset(["Macro.periods"], dry_run=True)["old"].tolist() == [5]
    result = study.history("gamma")
    assert result["command"].tolist() == ["set", "undo", "set", "reset"]
    assert str(result["time"].dtype).endswith(", UTC]")
    listed = anyone.types("param", "history", "21", "--match", "gamma", "-F", "csv").out
    assert len(listed.splitlines()) == 1 + len(result)
    assert len(dice(anyone).history("nothing")) == 0


def test_nothing_to_undo_is_an_error(user: User) -> None:
    with pytest.raises(NothingToUndo):
        dice(user).undo()


def test_undo_does_not_overwrite_changes_of_others(user: User) -> None:
    study = dice(user)
    study.set({"Macro.gamma": 0.25})
    user.types("param", "set", "21", "Macro.gamma=0.75", SOSTRADES_STATE_DIR=str(user.folder / "another"))
    with pytest.raises(Conflict):
        study.undo()
    assert study.undo(force=True)["new"].tolist() == [0.3]


def test_load_timeout_is_an_error(user: User) -> None:
    with pytest.raises(WaitTimeout, match="2 s"):
        user.client().study(24).parameters(timeout_s=2)


def test_broken_load_is_a_load_fault(user53: User) -> None:
    with pytest.raises(LoadFault):
        user53.client().study(22).parameters()


# Tables that do not fit ----------------------------------------------------------------------------


@pytest.mark.parametrize("cell", mostly_slow(["yes", "WAHR", "True", 2], 2))
def test_other_value_in_a_column_of_booleans_needs_force(user: User, cell: object) -> None:
    study = dice(user)
    table = study.get("population").assign(active=True)
    study.set({"population": table})
    table["active"] = [cell, *table["active"][1:]]
    with pytest.raises(InvalidValue) as caught:
        study.set({"population": table})
    assert "row 1" in caught.value.message
    assert repr(cell) in caught.value.message.replace("'2'", "2")
    assert len(study.set({"population": table}, force=True)) == 1


def test_zero_and_one_are_booleans_in_a_column_of_booleans(user: User) -> None:
    study = dice(user)
    table = study.get("population").assign(active=True)
    study.set({"population": table})
    study.set({"population": table.assign(active=[0, *[1] * (len(table) - 1)])})
    assert study.get("population")["active"].tolist() == [False, *[True] * (len(table) - 1)]


@pytest.mark.parametrize("change", ["empty", "column"])
def test_hint_for_a_dataframe_names_no_temporary_file(user: User, change: str) -> None:
    study = dice(user)
    table = study.get("population")
    table = table.head(0) if change == "empty" else table.rename(columns={"population": "people"})
    with pytest.raises(UsageError) as caught:
        study.set({"population": table})
    assert "force=True" in str(caught.value.hint)
    assert ".csv" not in f"{caught.value.message} {caught.value.detail} {caught.value.hint}"


def test_texts_of_a_dataframe_are_shown_without_the_quotes_of_its_file(user: User) -> None:
    study = dice(user)
    table = study.get("population").astype(object)
    table.loc[0, "population"] = "7,878.0"
    with pytest.raises(InvalidValue) as caught:
        study.set({"population": table})
    assert "'7,878.0'" in caught.value.message
    assert '"' not in caught.value.message


def test_number_beyond_a_float_is_rejected(user: User) -> None:
    for key, value in (("gamma", 10**400), ("population", dice(user).get("population").assign(population=10**400))):
        with pytest.raises(InvalidValue):
            dice(user).set({key: value})
    assert user.types("param", "set", "21", f"gamma:={10**400}").code == 2


# Entries of dicts and messages ---------------------------------------------------------------------


def test_entry_of_a_dict_is_set(user: User) -> None:
    dice(user).set({"Macro.shares.coal": 0.5})
    assert dice(user).get("Macro.shares") == {"coal": 0.5, "wind": 0.6}


def test_whole_number_stays_a_float_in_an_entry(user: User) -> None:
    dice(user).set({"Macro.shares.coal": 1})
    assert repr(dice(user).get("Macro.shares")) == repr({"coal": 1.0, "wind": 0.6})


@pytest.mark.parametrize("value", ["10%", "x", True, None, [1]])
def test_entry_of_another_kind_needs_force(user: User, value: object) -> None:
    study = dice(user)
    with pytest.raises(InvalidValue) as caught:
        study.set({"Macro.shares.coal": value})
    assert any("force=True" in note for note in caught.value.__notes__)
    assert SENT not in user.requests
    study.set({"Macro.shares.coal": value}, force=True)
    assert study.get("Macro.shares") == {"coal": value, "wind": 0.6}


def test_text_that_looks_relative_is_not_a_number(user: User) -> None:
    with pytest.raises(InvalidValue):
        dice(user).set({"Macro.gamma": "+10%"})


def test_message_is_in_the_history(user: User) -> None:
    study = dice(user)
    study.set({"Macro.gamma": 0.9}, message="first")
    study.reset("Macro.gamma", message="second")
    study.undo(message="third")
    study.set({"Macro.gamma": 0.8})
    messages = study.history()["message"]
    assert messages.tolist()[:3] == ["first", "second", "third"]
    assert messages.isna().tolist() == [False, False, False, True]
