"""Excel and parquet files in place of CSV: the same values, and the same checks."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from conftest import slow
from workbook_files import workbook

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
POPULATION: tuple[tuple[Any, ...], ...] = (("years", "population"), (2020, 80.5), (2021, 81))
CASES: tuple[tuple[Any, ...], ...] = (
    ("case", "Macro.gamma", "Macro.use_damage", "Macro.shares"),
    ("low", 0.1, True, None),
    ("no damage", None, False, '{"coal": 0.5, "wind": 0.5}'),
)


def values(user: User, *keys: str) -> Any:
    """Return values of study 21."""
    return json.loads(user.types("param", "get", "21", *keys, "-F", "json").out)


def sweep(user: User, cases: Path | str, into: str = "results.json") -> Outcome:
    """Sweep study 21."""
    results = str(user.folder / into)
    return user.types("calc", "sweep", "21", str(cases), "--collect", "Damage.total_damage", "-o", results)


# Tables ---------------------------------------------------------------------------------------------


def test_sheet_is_sent_as_the_same_table_in_csv(user: User) -> None:
    path = workbook(user.folder, Other=[["x"]], Population=POPULATION)
    assert user.types("param", "set", "21", f"Macro.population=@{path}#Population").code == 0
    assert values(user, "Macro.population") == [
        {"years": 2020, "population": 80.5},
        {"years": 2021, "population": 81.0},
    ]
    (user.folder / "same.csv").write_text("years,population\n2020,80.5\n2021,81\n")
    sent = user.requests.count(SENT)
    assert user.types("param", "set", "21", f"Macro.population=@{user.folder / 'same.csv'}").code == 0
    assert user.requests.count(SENT) == sent


def test_downloaded_table_is_unchanged(user: User) -> None:
    path = user.folder / "population.xlsx"
    assert user.types("param", "get", "21", "Macro.population", "-o", str(path)).code == 0
    assert user.types("param", "set", "21", f"Macro.population=@{path}").code == 0
    assert SENT not in user.requests


def test_lists_and_dicts_are_read_from_sheets(user: User) -> None:
    path = workbook(user.folder, targets=[["value"], [1.5], [2]], shares=[["variable", "value"], ["coal", 1]])
    done = user.types("param", "set", "21", f"Macro.targets=@{path}#targets", f"Macro.shares=@{path}#shares", "--yes")
    assert done.code == 0, done.err
    assert values(user, "Macro.targets", "Macro.shares") == {
        "dice.Macro.targets": [1.5, 2.0],
        "dice.Macro.shares": {"coal": 1.0},
    }


def test_text_in_a_column_of_numbers_is_not_a_number(user: User) -> None:
    path = workbook(user.folder, Population=[("years", "population"), ("2020", "80.5")])
    done = user.types("param", "set", "21", f"Macro.population=@{path}")
    assert done.code != 0 or values(user, "Macro.population") == [{"years": "2020", "population": "80.5"}]


@pytest.mark.parametrize("sheet", ["", "#Missing"])
def test_fault_of_a_workbook_is_reported_before_a_change(user: User, sheet: str) -> None:
    path = workbook(user.folder, One=POPULATION, Two=POPULATION)
    done = user.types("param", "set", "21", f"Macro.population=@{path}{sheet}")
    assert (done.code, done.kind, SENT in user.requests) == (2, "invalid_file", False)


def test_workbook_that_does_not_exist_is_reported(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.population=@none.xlsx#A")
    assert (done.code, SENT in user.requests) == (2, False)


def test_error_names_the_sheet_and_the_next_command(user: User) -> None:
    path = workbook(user.folder, Wrong=[["a"], [1]])
    done = user.types("param", "set", "21", f"Macro.population=@{path}#Wrong")
    assert done.error is not None
    assert (done.code, f"{path}#Wrong" in done.error.message) == (2, True)
    assert f"@{path}#Wrong" in str(done.error.hint)
    assert user.types("param", "set", "21", f"Macro.population=@{path}#Wrong", "--force").code == 0


# Files of assignments --------------------------------------------------------------------------------


def test_assignments_are_read_from_a_sheet(user: User) -> None:
    rows = [("key", "value", "unit"), ("Macro.gamma", 0.5, None), ("Macro.periods", 7, None), (None, None, None)]
    path = workbook(
        user.folder,
        Values=[*rows, ("Macro.population", "@book.xlsx#Population", None)],
        Population=POPULATION,
    )
    done = user.types("param", "set", "21", "--from", f"{path}#Values", "--yes")
    assert done.code == 0, done.err
    result = values(user, "Macro.gamma", "Macro.periods", "Macro.population")
    assert list(result.values())[:2] == [0.5, 7]
    assert [row["population"] for row in result["dice.Macro.population"]] == [80.5, 81.0]


def test_sheet_of_assignments_needs_its_columns(user: User) -> None:
    path = workbook(user.folder, A=[("name", "value"), ("Macro.gamma", 0.5)])
    done = user.types("param", "set", "21", "--from", str(path))
    assert (done.code, SENT in user.requests) == (2, False)


# Cases of a sweep ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [slow("csv"), "xlsx", slow("parquet")])
def test_cases_give_the_same_results_in_each_format(user: User, form: str) -> None:
    frame = pd.DataFrame([list(row) for row in CASES[1:]], columns=list(CASES[0]))
    path = user.folder / f"book.{form}"
    if form == "csv":
        frame.to_csv(path, index=False)
    elif form == "xlsx":
        workbook(user.folder, Cases=CASES)
    else:
        frame.to_parquet(path)
    assert sweep(user, path).code == 0
    result = json.loads((user.folder / "results.json").read_text())
    assert [(row["case"], row["Macro.gamma"], row["Macro.use_damage"], row["status"]) for row in result] == [
        ("low", 0.1, True, "FINISHED"),
        ("no damage", 0.3, False, "FINISHED"),
    ]
    assert [row["Damage.total_damage"] for row in result] == [pytest.approx(4.0, abs=1), 0.0]


def test_results_in_a_workbook_have_types(user: User) -> None:
    path = workbook(user.folder, Cases=CASES)
    assert sweep(user, path, "results.xlsx").code == 0
    result = pd.read_excel(user.folder / "results.xlsx", engine="calamine")
    assert list(result["Macro.use_damage"]) == [True, False]
    assert result["Damage.total_damage"].dtype == float


def test_case_sets_a_table_of_a_sheet(user: User) -> None:
    rows = [("case", "Macro.population"), ("own", None), ("small", "@book.xlsx#Small")]
    path = workbook(user.folder, Cases=rows, Small=[("years", "population"), (2020, 80)])
    done = sweep(user, f"{path}#Cases")
    assert done.code == 0, done.err
    own, small = json.loads((user.folder / "results.json").read_text())
    assert small["Macro.population"] == "@book.xlsx#Small"
    assert small["Damage.total_damage"] < own["Damage.total_damage"] / 50


def test_invalid_cell_of_a_case_is_named_as_in_the_spreadsheet(user: User) -> None:
    path = workbook(user.folder, Cases=[("case", "Macro.gamma"), ("a", "much")])
    done = sweep(user, path)
    assert done.error is not None
    assert (done.code, "cell B2" in str(done.error.detail), SENT in user.requests) == (2, True, False)


def test_other_sheet_is_another_sweep(user: User) -> None:
    rows = (("case", "Macro.gamma"), ("a", 0.2))
    path = workbook(user.folder, One=rows, Two=rows)
    assert sweep(user, f"{path}#One").code == 0
    words = ("--collect", "Damage.total_damage", "-o", str(user.folder / "results.json"), "--resume")
    assert user.types("calc", "sweep", "21", f"{path}#One", *words).code == 0
    assert user.types("calc", "sweep", "21", f"{path}#Two", *words).code == 2


def test_missing_library_is_an_error_before_a_change(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(user.folder, A=POPULATION)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    done = user.types("param", "set", "21", f"Macro.population=@{path}")
    assert (done.code, done.kind, SENT in user.requests) == (2, "extra_missing", False)
    assert done.error is not None
    assert "[excel]" in str(done.error.hint)


# Several tables in one workbook ------------------------------------------------------------------------


def contents(path: Path) -> dict[str, dict[str, Any]]:
    """Return the first sheet of a workbook by parameter."""
    rows = openpyxl.load_workbook(path)["parameters"].iter_rows(values_only=True)
    header, *entries = list(rows)
    return {str(row[0]): dict(zip(map(str, header), row, strict=True)) for row in entries}


def test_each_table_is_a_sheet(user: User) -> None:
    path = user.folder / "tables.xlsx"
    done = user.types("param", "download", "21", "--all", "-o", str(path))
    assert (done.code, done.out) == (0, "")
    listed = contents(path)
    sheets = openpyxl.load_workbook(path).sheetnames
    assert sheets == ["parameters", *(entry["sheet"] for entry in listed.values() if entry["state"] == "saved")]
    assert listed["dice.Macro.population"]["sheet"] == "Macro.population"
    assert listed["dice.Macro.population"]["unit"] == "Mpeople"
    result = pd.read_excel(path, "Macro.population", engine="calamine")
    own = user.types("param", "download", "21", "Macro.population", "-o", str(user.folder / "t.csv"))
    assert own.code == 0
    pd.testing.assert_frame_equal(result, pd.read_csv(user.folder / "t.csv"), check_dtype=False)


def test_sheets_of_all_inputs_are_unchanged_when_they_are_set(user: User) -> None:
    path = user.folder / "tables.xlsx"
    assert user.types("param", "download", "21", "--all", "-o", str(path)).code == 0
    inputs = {row["parameter"] for row in json.loads(user.types("param", "list", "21", "--inputs", "-F", "json").out)}
    pairs = [
        f"{key}=@{path}#{entry['sheet']}" for key, entry in contents(path).items() if key in inputs and entry["sheet"]
    ]
    done = user.types("param", "set", "21", *pairs, "--dry-run", "-F", "json")
    assert (done.code, json.loads(done.out)) == (0, []), done.err


def test_some_tables_are_chosen_by_a_pattern(user: User) -> None:
    path = user.folder / "tables.xlsx"
    assert user.types("param", "download", "21", "*.Macro.p*", "Damage.damages", "-o", str(path)).code == 0
    assert "Damage.damages" in openpyxl.load_workbook(path).sheetnames


def test_own_download_suggests_the_sheet_of_the_parameter(user: User) -> None:
    path = user.folder / "tables.xlsx"
    done = user.types("param", "download", "21", "Macro.population", "Macro.weights", "-o", str(path))
    assert (done.code, "2 parameters" in done.err, "files" in done.err) == (0, True, False)
    for key in ("Macro.population", "Macro.weights"):
        error = user.types("param", "set", "21", f"{key}=@{path}").error
        assert error is not None
        assert f"#{key}" in str(error.hint)


def test_parameter_without_a_value_has_no_sheet(user: User) -> None:
    path = user.folder / "tables.xlsx"
    assert user.types("param", "download", "21", "--all", "Macro.population", "-o", str(path)).code == 2
    assert user.types("param", "download", "21", "no_such_table", "-o", str(path)).code == 5
    assert not path.exists()


def test_query_does_not_apply_to_a_workbook(user: User) -> None:
    done = user.types("param", "download", "21", "--all", "-o", str(user.folder / "t.xlsx"), "--query", "[]")
    assert (done.code, user.requests) == (2, [])


def test_whole_numbers_of_a_sheet_are_floats_in_place_of_floats(user: User) -> None:
    path = workbook(
        user.folder, targets=[["value"], [1], [2]], shares=[["variable", "value"], ["coal", 1], ["wind", 0]]
    )
    words = [f"Macro.targets=@{path}#targets", f"Macro.shares=@{path}#shares", "--yes", "--force"]
    assert user.types("param", "set", "21", *words).code == 0
    result = values(user, "Macro.targets", "Macro.shares")
    assert list(map(repr, result.values())) == ["[1.0, 2.0]", "{'coal': 1.0, 'wind': 0.0}"]


def test_export_has_a_workbook_with_all_parameters(user: User) -> None:
    folder = user.folder / "dice"
    assert user.types("study", "export", "21", str(folder), "--outputs", "--xlsx").code == 0
    listed = contents(folder / "study.xlsx")
    gamma, damage = listed["Macro.gamma"], listed["Damage.total_damage"]
    assert (gamma["kind"], gamma["value"], gamma["sheet"], damage["kind"]) == ("input", 0.3, None, "output")
    assert listed["Macro.population"]["sheet"] == "Macro.population"
    assert openpyxl.load_workbook(folder / "study.xlsx")["Macro.population"]["A1"].value == "years"


def test_workbook_of_an_unchanged_study_is_the_same(user: User) -> None:
    folders = [user.folder / "a", user.folder / "b"]
    for folder in folders:
        assert user.types("study", "export", "21", str(folder), "--xlsx").code == 0
        user.world.clock.sleep(3600)
    first, second = ((folder / "study.xlsx").read_bytes() for folder in folders)
    assert first == second


def test_workbook_of_an_older_export_is_removed(user: User) -> None:
    folder = user.folder / "dice"
    assert user.types("study", "export", "21", str(folder), "--xlsx").code == 0
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 0
    assert user.types("study", "export", "21", str(folder), "--overwrite").code == 0
    assert not (folder / "study.xlsx").exists()


def test_export_without_the_library_starts_no_request(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    done = user.types("study", "export", "21", str(user.folder / "dice"), "--xlsx")
    assert (done.code, done.kind, user.requests) == (2, "extra_missing", [])


def test_note_on_a_workbook_has_its_size(user: User) -> None:
    for words in ("param list 21", "param download 21 --all"):
        file = user.folder / f"{words.split()[1]}.XLSX"
        done = user.types(*words.split(), "-o", str(file))
        assert done.code == 0
        assert f"{file}: written" not in done.err
        assert "kB" in done.err


def test_large_integer_of_a_sheet_stays_one_among_floats(user: User) -> None:
    path = workbook(user.folder, targets=[["value"], [str(2**53 + 1)], [2]])
    assert user.types("param", "set", "21", f"Macro.targets=@{path}#targets").code == 0
    assert values(user, "Macro.targets") == [2**53 + 1, 2.0]


def test_wrong_cell_of_a_table_names_the_workbook_as_its_file(user: User) -> None:
    path = workbook(user.folder, Sheet=[("years", "population"), (2020, "much"), (2021, 5)])
    error = user.types("param", "set", "21", f"Macro.population=@{path}").error
    assert error is not None
    assert error.message.startswith(f"{path}, cell B2, column population")


def test_wrong_cells_are_named_as_in_the_spreadsheet(user: User) -> None:
    """Blank rows and cells of several lines do not move the names."""
    head = ("years", "population", "note")
    rows = [(), head, (2020, 5.0, "two\nlines"), (2021, "much", "three\nmore\nlines"), (2022, "more", "x")]
    path = workbook(user.folder, Sheet=rows)
    error = user.types("param", "set", "21", f"Macro.population=@{path}").error
    assert error is not None
    assert error.detail is not None
    assert [line.partition(",")[0] for line in error.detail.splitlines()] == ["cell B4", "cell B5"]


def test_row_of_units_is_named_as_in_the_spreadsheet(user: User) -> None:
    path = workbook(user.folder, Sheet=[("years", "population"), ("year", "million"), (2020, 5), (2021, 6)])
    error = user.types("param", "set", "21", f"Macro.population=@{path}").error
    assert error is not None
    assert "if row 2 has units" in str(error.hint)


def test_blank_rows_above_a_case_do_not_move_its_name(user: User) -> None:
    path = workbook(
        user.folder, Cases=[("case", "Macro.gamma", "Macro.periods"), ("a", 0.2, 3), (), ("b", 0.3, "many")]
    )
    error = sweep(user, path).error
    assert error is not None
    assert str(error.detail).startswith("cell C4")


def test_wrong_selection_of_a_case_is_named_as_in_the_spreadsheet(user: User) -> None:
    path = workbook(user.folder, Cases=[("Macro.gamma", "selected_scenario"), (0.2, "True"), (0.3, "perhaps")])
    error = sweep(user, path).error
    assert error is not None
    assert ", cell B3: " in error.message


def test_missing_value_of_an_assignment_is_named_as_in_the_spreadsheet(user: User) -> None:
    path = workbook(user.folder, Sheet=[("value", "key"), (0.2, "Macro.gamma"), (0.3, None)])
    error = user.types("param", "set", "21", "--from", str(path)).error
    assert error is not None
    assert error.message.startswith(f"{path}, cell B3: ")


def test_wrong_item_of_a_list_is_named_as_in_the_spreadsheet(user: User) -> None:
    path = workbook(user.folder, Sheet=[("value",), (1.5,), ("inf",)])
    error = user.types("param", "set", "21", f"Macro.targets=@{path}").error
    assert error is not None
    assert "cell A3" in error.message
