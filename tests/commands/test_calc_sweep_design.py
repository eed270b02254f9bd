"""A design of `calc design` as the cases of `calc sweep`: CSV, Excel and parquet give the same, also after a kill."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
import pytest
from broken_network import BreakingNetwork, KilledError
from conftest import make_user, slow
from python_calamine import CalamineWorkbook

from sostrades_cli.operations.calc.design.table import digest_of_cells
from sostrades_cli.operations.tables.table_file import numbered

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User

FORMS = (slow("csv"), "xlsx", slow("parquet"))
# Ranges as an analyst of a DICE model writes them: rates, years, a switch, a scenario and distributions.
SPACE = """
"Macro.gamma" = {range = [0.1, 0.5]}
"Macro.savings_rate" = {distribution = "normal", mean = 0.25, std = 0.05, low = 0.1, high = 0.4}
"Macro.periods" = {range = [2, 11]}
"Macro.start_year" = {range = [2015, 2030]}
"Macro.use_damage" = {}
"Macro.scenario" = {}
"""
CASES = 4
DESIGN = ("--method", "lhs", "-n", str(CASES), "--seed", "3")
COLLECT = ("--collect", "Damage.total_damage", "--collect", "Damage.message")


def designed(user: User, form: str) -> Path:
    """Write a Latin hypercube in a format, and return its file."""
    (user.folder / "space.toml").write_text(SPACE)
    file = user.folder / f"cases.{form}"
    words = ("calc", "design", "21", str(user.folder / "space.toml"), *DESIGN, "-o", str(file))
    assert user.types(*words).code == 0
    return file


def swept(user: User, cases: Path, form: str, *words: str) -> Path:
    """Sweep a design, and return the file of its results in the same format."""
    results = user.folder / f"results.{form}"
    assert user.types("calc", "sweep", "21", str(cases), *COLLECT, "-o", str(results), *words).code == 0
    return results


def table_of(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file with typed values, read by another library than ours."""
    if file.suffix == ".parquet":
        result: list[dict[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
        return result
    if file.suffix == ".xlsx":
        header, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    else:
        with file.open(newline="", encoding="utf-8") as lines:
            header, *rows = [[_typed(cell) for cell in row] for row in csv.reader(lines)]
    return [{str(name): None if cell == "" else cell for name, cell in zip(header, row, strict=True)} for row in rows]


def _typed(cell: str) -> Any:
    """Return the value of a cell of a CSV file."""
    try:
        return json.loads(cell.lower())
    except ValueError:
        return cell


def comparable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows whose names of cases are texts. A CSV file does not distinguish 1 and "1"."""
    return [{**row, "case": str(row["case"])} for row in rows]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return the results of the design in CSV."""
    user = make_user(tmp_path_factory.mktemp("expected"))
    return comparable(table_of(swept(user, designed(user, "csv"), "csv")))


@pytest.mark.parametrize("form", FORMS)
def test_results_do_not_depend_on_the_format(user: User, expected: list[dict[str, Any]], form: str) -> None:
    """Every number is read back exactly."""
    cases = designed(user, form)
    results = comparable(table_of(swept(user, cases, form)))
    assert results == expected
    columns = list(table_of(cases)[0])
    assert [{name: row[name] for name in columns} for row in results] == comparable(table_of(cases))
    assert {row["status"] for row in results} == {"FINISHED"}


@pytest.mark.parametrize("form", FORMS)
def test_killed_sweep_of_a_design_is_resumed(user: User, expected: list[dict[str, Any]], form: str) -> None:
    cases = designed(user, form)
    user.transport = BreakingNetwork(user, KilledError, "/execute/21", CASES // 2 + 1)
    with pytest.raises(KilledError):
        swept(user, cases, form)
    user.transport = None
    user.world.clock.sleep(60.0)
    user.world.requests.clear()
    results = swept(user, cases, form, "--resume")
    assert comparable(table_of(results)) == expected
    assert sum("/execute/" in request for request in user.requests) == CASES - CASES // 2


@pytest.mark.parametrize("form", FORMS)
def test_dry_run_of_a_design_counts_its_cases(user: User, form: str) -> None:
    cases = designed(user, form)
    words = ("calc", "sweep", "21", str(cases), *COLLECT, "-o", str(user.folder / f"results.{form}"), "--dry-run")
    plan = json.loads(user.types(*words, "-F", "json").out)
    assert (plan["cases"], plan["runs"], plan["repeated"]) == (CASES, CASES, 0)


@pytest.mark.parametrize("form", FORMS)
def test_side_file_belongs_to_the_cases(user: User, form: str) -> None:
    """Its name is that of the cases in every format, and its digest that of their cells."""
    header, *rows = [row for _, row in numbered(designed(user, form))]
    record = json.loads((user.folder / "cases.design.json").read_text())
    assert (record["method"], record["seed"], record["n"]) == ("lhs", 3, CASES)
    assert record["cases"] == {"rows": CASES, "sha256": digest_of_cells(header, rows)}


@pytest.mark.parametrize("form", FORMS)
def test_changed_cases_are_not_resumed(user: User, form: str) -> None:
    """A workbook with other values is another sweep."""
    cases = designed(user, form)
    user.transport = BreakingNetwork(user, KilledError, "/execute/21", CASES // 2 + 1)
    with pytest.raises(KilledError):
        swept(user, cases, form)
    user.transport = None
    words = ("calc", "design", "21", str(user.folder / "space.toml"), "-n", str(CASES), "--seed", "4", "-o", str(cases))
    assert user.types(*words, "--overwrite").code == 0
    user.world.requests.clear()
    results = ("-o", str(user.folder / f"results.{form}"))
    done = user.types("calc", "sweep", "21", str(cases), *COLLECT, *results, "--resume")
    assert (done.code, done.kind) == (2, "usage")
    assert not [request for request in user.requests if "/execute/" in request]
