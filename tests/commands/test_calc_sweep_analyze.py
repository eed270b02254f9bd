"""`sostrades calc sweep --analyze`: statistics and indices of a design, in JSON and on a page."""

from __future__ import annotations

import json
import math
import re
import sys
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
from reference.schemas import check

from server_stub.model import Parameter
from server_stub.worlds.by_hand import add_study
from server_stub.worlds.sensitivity import G_COEFFICIENTS
from sostrades_cli.operations.calc.analyze.design_record import read_record
from sostrades_cli.operations.calc.sweep.case_rows import read_rows
from sostrades_cli.operations.calc.sweep.cases import case_folders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

ISHIGAMI = "".join(f'"Ishigami.x{number}" = {{}}\n' for number in (1, 2, 3))
ONE = '"Ishigami.x1" = {}\n'
G = "".join(f'"G.x{number}" = {{}}\n' for number in range(1, 7))


def design(user: User, study: int, space: str, *words: str) -> Outcome:
    """Make a design as `cases.csv`."""
    (user.folder / "space.toml").write_text(space, encoding="utf-8")
    cases = str(user.folder / "cases.csv")
    return user.types("calc", "design", str(study), str(user.folder / "space.toml"), "-o", cases, "--seed", "1", *words)


def sweep(user: User, study: int, *collect: str, words: tuple[str, ...] = (), tty: bool = False) -> Outcome:
    """Sweep the cases with an analysis."""
    keys = [word for key in collect for word in ("--collect", key)]
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    return user.types("calc", "sweep", str(study), *files, *keys, "--analyze", *words, tty=tty, NO_COLOR="1")


def analysis(user: User) -> Any:
    """Return the analysis of the results."""
    return json.loads((user.folder / "results.d" / "analysis.json").read_text(encoding="utf-8"))


def effects(user: User) -> dict[str, float]:
    """Return the mean effect of each input, the largest first."""
    return {one["key"]: one["mu_star"] for one in analysis(user)["outputs"][0]["indices"]["inputs"]}


def g_indices() -> tuple[dict[str, float], dict[str, float]]:
    """Return the first-order and total indices of the g-function from its coefficients."""
    parts = [1 / (3 * (1 + a) ** 2) for a in G_COEFFICIENTS]
    total = math.prod(1 + part for part in parts) - 1
    first = {f"G.x{number}": part / total for number, part in enumerate(parts, 1)}
    full = {f"G.x{number}": part * (total + 1) / (1 + part) / total for number, part in enumerate(parts, 1)}
    return first, full


def report(user: User) -> str:
    """Return the text of the page without the library of the charts."""
    text = (user.folder / "results.d" / "report.html").read_text(encoding="utf-8")
    return text[: text.index("<script nonce")]


def runs(user: User, study: int) -> int:
    """Return the number of started runs of a study."""
    return user.requests.count(f"POST /api/v0/calculation/execute/{study}")


# The numbers ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_indices_of_the_g_function_are_the_analytic_ones(user: User) -> None:
    """448 runs. The order is that of the coefficients."""
    assert design(user, 12, G, "--method", "saltelli", "-n", "32").code == 0
    assert sweep(user, 12, "G.y").code == 0
    first, full = g_indices()
    found = analysis(user)["outputs"][0]["indices"]["inputs"]
    assert [one["key"] for one in found[:3]] == ["G.x1", "G.x2", "G.x3"]
    for one in found:
        assert abs(one["S1"] - first[one["key"]]) <= 2 * one["S1_conf"] + 0.01
        assert abs(one["ST"] - full[one["key"]]) <= 2 * one["ST_conf"] + 0.01


def test_elementary_effects_have_the_order_of_the_coefficients(user: User) -> None:
    assert design(user, 12, G, "--method", "morris", "-n", "4").code == 0
    assert sweep(user, 12, "G.y").code == 0
    found = effects(user)
    assert list(found)[:3] == ["G.x1", "G.x2", "G.x3"]
    assert list(found.values()) == sorted(found.values(), reverse=True)
    # An input with the coefficient 99 changes a factor by at most 2 %.
    assert found["G.x5"] < 0.05 * found["G.x1"]


def test_indices_are_the_same_for_the_same_results(user: User) -> None:
    design(user, 11, ONE, "--method", "saltelli", "-n", "2")
    sweep(user, 11, "Ishigami.y")
    first = analysis(user)
    user.world.clock.sleep(100)
    assert sweep(user, 11, "Ishigami.y", words=("--resume",)).code == 0
    assert {**analysis(user), "time": ""} == {**first, "time": ""}


# The files ------------------------------------------------------------------------------------------


def test_complete_sweep_is_only_analyzed(user: User) -> None:
    """A sweep without --analyze can be analyzed later."""
    design(user, 11, ONE, "--method", "saltelli", "-n", "2")
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    assert user.types("calc", "sweep", "11", *files, "--collect", "Ishigami.y").code == 0
    assert not (user.folder / "results.d" / "analysis.json").exists()
    before, started = (user.folder / "results.csv").read_bytes(), runs(user, 11)
    done = sweep(user, 11, "Ishigami.y", words=("--resume",))
    assert (done.code, done.out, runs(user, 11)) == (0, "", started)
    assert (user.folder / "results.csv").read_bytes() == before
    assert analysis(user)["indices"] == "sobol"
    assert "report.html" in done.err


def test_results_in_json_have_the_analysis(user: User) -> None:
    """The cases keep their shape."""
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.json"))
    done = user.types("calc", "sweep", "11", *files, "--collect", "Ishigami.y", "--analyze")
    assert done.code == 0, done.err
    written = json.loads((user.folder / "results.json").read_text(encoding="utf-8"))
    assert written["analysis"] == analysis(user)
    assert [one["case"] for one in written["cases"]] == ["1", "2", "3", "4"]
    check("calc-sweep", written)
    check("analysis", written["analysis"])


def test_dry_run_reads_the_design(user: User) -> None:
    """It reports cases that do not fit their design, and runs nothing."""
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    change_cell(user.folder)
    before = runs(user, 11)
    done = sweep(user, 11, "Ishigami.y", words=("--dry-run",))
    assert (done.code, runs(user, 11), (user.folder / "results.d").exists()) == (0, before, False)
    assert "cases.design.json" in done.err


def test_server_that_cannot_load_studies(user_of: Callable[..., User]) -> None:
    """Neither names nor the address of the study are needed."""
    user = user_of("5.3")
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    done = sweep(user, 11, "Ishigami.y")
    assert done.code == 0, done.err
    assert analysis(user)["outputs"][0]["indices"]["samples"] == 2


def test_terminal_shows_the_largest_indices(user: User) -> None:
    """In place of the first rows of the results."""
    design(user, 11, ISHIGAMI, "--method", "morris", "-n", "2")
    done = sweep(user, 11, "Ishigami.y", words=("--quiet",), tty=True)
    assert (done.code, done.out) == (0, "")
    done = sweep(user, 11, "Ishigami.y", words=("--resume",), tty=True)
    table = [line.split() for line in done.out.splitlines() if "Ishigami.x" in line]
    assert [row[1] for row in table] == list(effects(user))
    assert max(map(len, done.out.splitlines())) <= 80


def test_folders_of_cases_leave_the_files_alone() -> None:
    names = ["report.html", "Analysis.json", "low"]
    folders = {case_folders(names)[name].casefold() for name in names}
    assert (len(folders), folders & {"report.html", "analysis.json"}) == (3, set())


def test_report_that_cannot_be_written_is_written_by_resume(user: User) -> None:
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    sweep(user, 11, "Ishigami.y")
    page = user.folder / "results.d" / "report.html"
    page.unlink()
    page.mkdir()
    done = sweep(user, 11, "Ishigami.y", words=("--resume",))
    assert done.code in {1, 2}
    assert "--resume" in str(done.error.hint)  # type: ignore[union-attr]
    page.rmdir()
    assert sweep(user, 11, "Ishigami.y", words=("--resume",)).code == 0
    assert page.is_file()


# Designs --------------------------------------------------------------------------------------------


def spoil_nothing(_: Path) -> None:
    """Leave the files alone."""


def remove_record(folder: Path) -> None:
    """Remove the side file."""
    (folder / "cases.design.json").unlink()


def change_cell(folder: Path) -> None:
    """Change a cell of the cases."""
    lines = (folder / "cases.csv").read_text(encoding="utf-8").splitlines()
    name, _, *others = lines[1].split(",")
    lines[1] = ",".join([name, "0.125", *others])
    (folder / "cases.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def swap_rows(folder: Path) -> None:
    """Swap two cases."""
    head, first, second, *others = (folder / "cases.csv").read_text(encoding="utf-8").splitlines()
    (folder / "cases.csv").write_text("\n".join([head, second, first, *others]) + "\n", encoding="utf-8")


def spoil(**fields: Any) -> Callable[[Path], None]:
    """Return a function that changes fields of the side file."""

    def change(folder: Path) -> None:
        file = folder / "cases.design.json"
        file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), **fields}), encoding="utf-8")

    return change


def truncate(folder: Path) -> None:
    """Cut the side file in half."""
    file = folder / "cases.design.json"
    file.write_bytes(file.read_bytes()[:200])


@pytest.mark.parametrize(
    ("method", "change", "warns"),
    [("lhs", spoil_nothing, False), ("morris", remove_record, False), ("saltelli", change_cell, True)],
)
def test_results_without_a_fitting_design_have_no_indices(
    user: User, method: str, change: Callable[[Path], None], warns: bool
) -> None:
    """The reason is in all three places, and before the first run if something is wrong."""
    assert design(user, 11, ONE, "--method", method, "-n", "2").code == 0
    change(user.folder)
    done = sweep(user, 11, "Ishigami.y")
    assert done.code == 0, done.err
    found = analysis(user)
    assert (found["indices"], found["outputs"][0]["indices"]) == (None, None)
    assert found["outputs"][0]["statistics"]["count"] == found["cases"]["total"]
    assert escape(found["reason"]) in report(user)
    reason = " ".join(found["reason"].split())
    assert " ".join(done.err.split()).count(reason) == (2 if warns else 1)


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("saltelli", swap_rows),
        ("morris", truncate),
        ("morris", spoil(points=[])),
        ("morris", spoil(points=[[0.1, "x"]])),
        ("morris", spoil(points=5)),
        ("morris", spoil(salib={})),
        ("saltelli", spoil(salib={"calc_second_order": 1})),
        ("saltelli", spoil(space={"Macro.gamma": {}})),
        ("saltelli", spoil(cases=None)),
        ("saltelli", spoil(method="magic")),
        ("saltelli", spoil(method=[])),
        ("saltelli", spoil(method="morris")),
        ("saltelli", spoil(seed="1")),
        ("saltelli", spoil(format=2)),
    ],
)
def test_record_that_does_not_fit_is_broken(user: User, method: str, change: Callable[[Path], None]) -> None:
    cases = user.folder / "cases.csv"
    assert design(user, 11, ISHIGAMI, "--method", method, "-n", "2").code == 0
    good = read_record(cases, read_rows(cases))
    assert (good.record is not None, good.reason, good.is_broken) == (True, None, False)
    change(user.folder)
    record, reason, is_broken = read_record(cases, read_rows(cases))
    assert (record, is_broken) == (None, True)
    assert "cases.design.json" in str(reason)


def test_missing_library_is_reported_before_the_first_request(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    before = len(user.requests)
    monkeypatch.setitem(sys.modules, "SALib", None)
    done = sweep(user, 11, "Ishigami.y")
    assert (done.kind, "[design]" in str(done.error.hint), len(user.requests)) == ("extra_missing", True, before)  # type: ignore[union-attr]


def test_workbook_of_cases_is_recognised(user: User) -> None:
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    words = ("calc", "design", "11", str(user.folder / "space.toml"), "--method", "morris", "-n", "2")
    assert user.types(*words, "-o", str(user.folder / "cases.xlsx"), "--overwrite").code == 0
    files = (str(user.folder / "cases.xlsx"), "-o", str(user.folder / "results.csv"))
    assert user.types("calc", "sweep", "11", *files, "--collect", "Ishigami.y", "--analyze").code == 0
    assert analysis(user)["indices"] == "morris"


# Inputs and outputs ---------------------------------------------------------------------------------

MIXED = (
    '"Macro.gamma" = {range = [0.1, 0.5]}\n"Macro.scenario" = {}\n"Macro.use_damage" = {}\n'
    '"Macro.periods" = {range = [2, 5]}\n'
)
OUTPUTS = ("Damage.total_damage", "Damage.damages", "Damage.message", "Macro.shares", "Energy mix.nothing")


def test_choices_and_other_outputs_are_handled(user: User) -> None:
    """Entries of a dict are outputs. Tables and texts are left out, and constants have no indices."""
    design(user, 21, MIXED, "--method", "morris", "-n", "2")
    done = sweep(user, 21, *OUTPUTS)
    assert done.code == 0, done.err
    found = analysis(user)
    kinds = {one["key"]: one["kind"] for one in found["inputs"]}
    assert kinds == {
        "Macro.gamma": "number",
        "Macro.scenario": "text",
        "Macro.use_damage": "text",
        "Macro.periods": "number",
    }
    by_key = {one["key"]: one for one in found["outputs"]}
    assert list(by_key) == ["Damage.total_damage", "Macro.shares.coal", "Macro.shares.wind"]
    assert by_key["Damage.total_damage"]["indices"]["reason"] is None
    assert by_key["Macro.shares.coal"]["statistics"]["is_constant"] is True
    assert by_key["Macro.shares.coal"]["indices"] == {
        "samples": 2,
        "samples_left_out": 0,
        "reason": "the same in every case",
        "inputs": [],
        "pairs": [],
    }
    assert [one["key"] for one in found["left_out"]] == ["Damage.damages", "Damage.message", "Energy mix.nothing"]
    assert found["left_out"][0]["reason"] == "a table"
    check("analysis", found)
    assert not re.search(r"\bnan\b", report(user), re.IGNORECASE)
    assert not re.search(r"\bnan\b", json.dumps(found), re.IGNORECASE)


@pytest.mark.slow
def test_samples_with_a_failed_case_are_left_out(user: User) -> None:
    """The growth of the last choice overflows."""
    space = '"Macro.gamma" = {choices = [0.1, 0.2, 0.3, 1e300]}\n"Macro.periods" = {range = [2, 5]}\n'
    design(user, 21, space, "--method", "saltelli", "-n", "4")
    done = sweep(user, 21, "Damage.total_damage")
    found = analysis(user)
    used = found["outputs"][0]["indices"]
    assert (done.code, found["cases"]["failed"] > 0) == (3, True)
    assert used["samples"] + used["samples_left_out"] == 4
    assert used["samples_left_out"] > 0
    assert str(found["cases"]["failed"]) in report(user)
    assert (used["reason"] is None) is (used["samples"] >= 2)
    check("analysis", found)


def test_sweep_without_any_number_has_a_report(user: User) -> None:
    design(user, 21, '"Macro.gamma" = {range = [0.1, 0.2]}\n', "--method", "grid", "-n", "2")
    assert sweep(user, 21, "Damage.message").code == 0
    assert analysis(user)["outputs"] == []
    assert "Damage.message" in report(user)


def test_entry_of_a_dict_can_have_the_name_of_another_output(user: User) -> None:
    twins = [
        Parameter("A.x", "float", 1.0),
        Parameter("A.b", "dict", None, io_type="out"),
        Parameter("A.b.c", "float", None, io_type="out"),
    ]

    def compute(values: Any) -> Any:
        return {"A.b": {"c": values["A.x"]}, "A.b.c": -values["A.x"]}

    add_study(user.world, 40, "twins", *twins, compute=compute)
    design(user, 40, '"A.x" = {range = [1.0, 2.0]}\n', "--method", "lhs", "-n", "3")
    done = sweep(user, 40, "A.b", "A.b.c")
    assert done.code == 0, done.err
    first, second = analysis(user)["outputs"]
    assert (first["key"], second["key"]) == ("A.b.c", "A.b.c")
    assert first["statistics"]["mean"] == -second["statistics"]["mean"]
