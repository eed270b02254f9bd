"""`sostrades calc sweep --analyze`: statistics and indices of a design, in JSON and on a page."""

from __future__ import annotations

import json
import math
import re
import sys
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow
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
    return {item["key"]: item["mu_star"] for item in analysis(user)["outputs"][0]["indices"]["inputs"]}


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
    result = analysis(user)["outputs"][0]["indices"]["inputs"]
    assert [item["key"] for item in result[:3]] == ["G.x1", "G.x2", "G.x3"]
    for item in result:
        assert abs(item["S1"] - first[item["key"]]) <= 2 * item["S1_conf"] + 0.01
        assert abs(item["ST"] - full[item["key"]]) <= 2 * item["ST_conf"] + 0.01


def test_elementary_effects_have_the_order_of_the_coefficients(user: User) -> None:
    space = "".join(f'"G.x{number}" = {{}}\n' for number in (1, 3, 5))
    assert design(user, 12, space, "--method", "morris", "-n", "2").code == 0
    assert sweep(user, 12, "G.y").code == 0
    result = effects(user)
    assert list(result) == ["G.x1", "G.x3", "G.x5"]
    assert list(result.values()) == sorted(result.values(), reverse=True)
    # An input with the coefficient 99 changes a factor by at most 2 %.
    assert result["G.x5"] < 0.05 * result["G.x1"]


# The files ------------------------------------------------------------------------------------------


def test_complete_sweep_is_only_analyzed(user: User) -> None:
    """A sweep without --analyze can be analyzed later. The indices are the same each time."""
    design(user, 11, ONE, "--method", "saltelli", "-n", "2")
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    assert user.types("calc", "sweep", "11", *files, "--collect", "Ishigami.y").code == 0
    assert not (user.folder / "results.d" / "analysis.json").exists()
    before, started = (user.folder / "results.csv").read_bytes(), runs(user, 11)
    done = sweep(user, 11, "Ishigami.y", words=("--resume",))
    assert (done.code, done.out, runs(user, 11)) == (0, "", started)
    assert (user.folder / "results.csv").read_bytes() == before
    first = analysis(user)
    assert first["indices"] == "sobol"
    assert "report.html" in done.err
    user.world.clock.sleep(100)
    assert sweep(user, 11, "Ishigami.y", words=("--resume",)).code == 0
    assert {**analysis(user), "time": ""} == {**first, "time": ""}


def test_results_in_json_have_the_analysis(user: User) -> None:
    """The cases keep their shape."""
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.json"))
    done = user.types("calc", "sweep", "11", *files, "--collect", "Ishigami.y", "--analyze")
    assert done.code == 0, done.err
    written = json.loads((user.folder / "results.json").read_text(encoding="utf-8"))
    assert written["analysis"] == analysis(user)
    assert [case["case"] for case in written["cases"]] == ["1", "2", "3", "4"]
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


@pytest.mark.parametrize(("method", "expected"), [("lhs", "no sensitivity indices"), ("saltelli", "Sobol' indices")])
def test_content_of_the_analysis_is_known_before_the_first_run(user: User, method: str, expected: str) -> None:
    design(user, 11, ONE, "--method", method, "-n", "2")
    done = sweep(user, 11, "Ishigami.y", words=("--dry-run",))
    assert (done.code, " ".join(done.err.split()).count(expected)) == (0, 1)


@pytest.mark.slow
def test_results_of_a_server_without_loading_are_analyzed(user_of: Callable[..., User]) -> None:
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
    ("method", "change"),
    [slow("lhs", spoil_nothing), slow("morris", remove_record), ("saltelli", change_cell)],
)
def test_results_without_a_fitting_design_have_no_indices(
    user: User, method: str, change: Callable[[Path], None]
) -> None:
    """The reason is in all three places, and before the first run."""
    assert design(user, 11, ONE, "--method", method, "-n", "2").code == 0
    change(user.folder)
    done = sweep(user, 11, "Ishigami.y")
    assert done.code == 0, done.err
    result = analysis(user)
    assert (result["indices"], result["outputs"][0]["indices"]) == (None, None)
    assert result["outputs"][0]["statistics"]["count"] == result["cases"]["total"]
    assert escape(result["reason"]) in report(user)
    reason = " ".join(result["reason"].split())
    assert " ".join(done.err.split()).count(reason) == 2


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("saltelli", swap_rows),
        ("morris", truncate),
        ("morris", spoil(points=[])),
        slow("morris", spoil(points=[[0.1, "x"]])),
        slow("morris", spoil(points=5)),
        slow("morris", spoil(salib={})),
        ("saltelli", spoil(salib={"calc_second_order": 1})),
        slow("saltelli", spoil(space={"Macro.gamma": {}})),
        ("saltelli", spoil(cases=None)),
        ("saltelli", spoil(method="magic")),
        slow("saltelli", spoil(method=[])),
        slow("saltelli", spoil(method="morris")),
        slow("saltelli", spoil(seed="1")),
        ("saltelli", spoil(format=2)),
    ],
)
def test_record_that_does_not_fit_is_broken(user: User, method: str, change: Callable[[Path], None]) -> None:
    cases = user.folder / "cases.csv"
    assert design(user, 11, ISHIGAMI, "--method", method, "-n", "2").code == 0
    good = read_record(cases, read_rows(cases))
    assert (good.record is not None, good.reason) == (True, None)
    change(user.folder)
    record, reason = read_record(cases, read_rows(cases))
    assert record is None
    assert "cases.design.json" in str(reason)


def test_missing_library_is_reported_before_the_first_request(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    design(user, 11, ONE, "--method", "morris", "-n", "2")
    before = len(user.requests)
    monkeypatch.setitem(sys.modules, "SALib", None)
    done = sweep(user, 11, "Ishigami.y")
    assert (done.kind, "[design]" in str(done.error.hint), len(user.requests)) == ("extra_missing", True, before)  # type: ignore[union-attr]


@pytest.mark.slow
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
    result = analysis(user)
    kinds = {item["key"]: item["kind"] for item in result["inputs"]}
    assert kinds == {
        "Macro.gamma": "number",
        "Macro.scenario": "text",
        "Macro.use_damage": "text",
        "Macro.periods": "number",
    }
    by_key = {output["key"]: output for output in result["outputs"]}
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
    assert [item["key"] for item in result["left_out"]] == ["Damage.damages", "Damage.message", "Energy mix.nothing"]
    assert result["left_out"][0]["reason"] == "a table"
    check("analysis", result)
    assert not re.search(r"\bnan\b", report(user), re.IGNORECASE)
    assert not re.search(r"\bnan\b", json.dumps(result), re.IGNORECASE)


@pytest.mark.slow
def test_samples_with_a_failed_case_are_left_out(user: User) -> None:
    """The growth of the last choice overflows."""
    space = '"Macro.gamma" = {choices = [0.1, 0.2, 0.3, 1e300]}\n"Macro.periods" = {range = [2, 5]}\n'
    design(user, 21, space, "--method", "saltelli", "-n", "4")
    done = sweep(user, 21, "Damage.total_damage")
    result = analysis(user)
    used = result["outputs"][0]["indices"]
    assert (done.code, result["cases"]["failed"] > 0) == (3, True)
    assert used["samples"] + used["samples_left_out"] == 4
    assert used["samples_left_out"] > 0
    assert str(result["cases"]["failed"]) in report(user)
    assert (used["reason"] is None) is (used["samples"] >= 2)
    check("analysis", result)


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
