"""Test the recipes for libraries that choose the values of many runs."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from documents.pages import DOCS, files_of
from recipes import pages
from recipes.environments import environment

if TYPE_CHECKING:
    from pathlib import Path

    from recipes.workspace import Workspace

pytestmark = pytest.mark.slow
NUMBER = r"(\d+\.\d+)"


def path_with(programs: Path, workspace: Workspace) -> str:
    """Return a PATH in which the programs of an environment come first."""
    return f"{programs}{os.pathsep}{workspace.bare['PATH']}"


def history(workspace: Workspace, study: int = 21) -> str:
    """Return the journal of a study."""
    return workspace.runs(f"sostrades param history {study} -F tsv").stdout


def states(workspace: Workspace) -> list[str]:
    """Return the states of the trials in the storage of the Optuna recipe, none before its table exists."""
    file = workspace.folder / "search.db"
    if not file.exists():
        return []
    with contextlib.closing(sqlite3.connect(file)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "trials" not in tables:
            return []
        return [state for (state,) in connection.execute("SELECT state FROM trials ORDER BY number")]


def test_optuna_search_continues_after_a_kill(workspace: Workspace) -> None:
    """A trial without a result is tried again, and the search ends with eight trials."""
    pages.write_files("optuna", workspace.folder)
    process = subprocess.Popen(
        [sys.executable, "search.py"],
        cwd=workspace.folder,
        env={**workspace.bare, **workspace.server},
        stderr=subprocess.DEVNULL,
    )
    # A search that ends by itself ends this loop, however slow the machine is.
    while states(workspace).count("COMPLETE") < 2 and process.poll() is None:
        time.sleep(0.1)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    workspace.runs("sostrades calc watch 21")
    done = workspace.runs("python search.py 2>/dev/null")
    assert re.search(rf"^best of 8 trials: {NUMBER} with .*Macro.gamma", done.stdout), done.stdout
    result = states(workspace)
    assert (result.count("COMPLETE") + result.count("PRUNED"), result.count("RUNNING")) == (8, 0)
    # Whether a trial is pruned depends on its random values.
    assert {"COMPLETE"} <= set(result) <= {"COMPLETE", "PRUNED", "FAIL"}


def test_optuna_search_runs_on_copies(fresh_workspace: Workspace) -> None:
    """It can run again."""
    pages.write_files("optuna", fresh_workspace.folder)
    pages.check_sessions("optuna", fresh_workspace)
    for _ in range(2):
        done = fresh_workspace.runs("python parallel.py 2>/dev/null; sostrades study diff 21 34 --exit-code")
        assert re.match(rf"best: {NUMBER} with .*Macro.gamma", done.stdout), done.stdout
        assert done.returncode == 0
        assert (fresh_workspace.folder / "trials.csv").read_text().count("FINISHED") == 8


def test_joblib_evaluates_a_study_and_its_copies(fresh_workspace: Workspace) -> None:
    """A failed run is returned, and every study has its original values."""
    text = (DOCS / "how-to" / "evaluate-in-python.md").read_text(encoding="utf-8")
    program = files_of(text)["parallel.py"]
    commands = "\n".join(re.findall(r"^    (sostrades study copy .*)$", text, re.MULTILINE))
    assert fresh_workspace.runs(f"set -e\n{commands}").returncode == 0
    for name, content in {"parallel.py": program, "failing.py": program.replace("0.2, 0.3", "1e300, 0.3")}.items():
        (fresh_workspace.folder / name).write_text(content)
        done = fresh_workspace.runs(f"python {name}")
        assert len(re.findall(rf"{{'total_damage': {NUMBER}}}", done.stdout)) == (3 if name == "parallel.py" else 2)
        assert done.returncode == 0, done.stdout
    for copy in (34, 35):
        assert fresh_workspace.runs(f"sostrades study diff 21 {copy} --exit-code").returncode == 0


def test_openturns_propagates_a_sample(workspace: Workspace, tmp_path: Path) -> None:
    """The damage grows with gamma, and does not depend on the savings rate."""
    pages.write_files("openturns", workspace.folder)
    programs = environment(tmp_path / "env", "openturns")
    done = workspace.runs("python uncertainty.py", PATH=path_with(programs, workspace))
    assert done.returncode == 0, done.stdout
    result = dict(re.findall(rf"^(constant|Macro\.\w+): -?{NUMBER}$", done.stdout, re.MULTILINE))
    assert set(result) == {"constant", "Macro.gamma", "Macro.savings_rate"}
    assert float(result["Macro.gamma"]) > 1
    assert re.search(rf"^mean {NUMBER}, standard deviation {NUMBER}$", done.stdout, re.MULTILINE)


def test_gemseo_scenario_finds_the_lowest_gamma(workspace: Workspace, tmp_path: Path) -> None:
    pages.write_files("gemseo", workspace.folder)
    programs = environment(tmp_path / "env", "gemseo")
    done = workspace.runs("python scenario.py", PATH=path_with(programs, workspace))
    result = re.search(rf"best of \d+ runs: {NUMBER}, gamma {NUMBER}$", done.stdout)
    assert result, done.stdout
    assert float(result[2]) < 0.2


PARAMS = """\
                                          2 variables
                     2.000000000000000e-01 Macro.gamma
                     {rate} Macro.savings_rate
                                          1 functions
                                          {active} ASV_1:Damage.total_damage
                                          2 derivative_variables
                                          1 DVV_1:Macro.gamma
                                          2 DVV_2:Macro.savings_rate
                                          0 analysis_components
                                          1 eval_id
"""


def test_dakota_driver_writes_the_responses(workspace: Workspace) -> None:
    """It fails if derivatives are requested, and tells Dakota of a failed run."""
    pages.write_files("dakota", workspace.folder)
    file = workspace.folder / "params.in.1"
    file.write_text(PARAMS.format(rate="2.500000000000000e-01", active=1))
    done = workspace.runs("python driver.py params.in.1 results.out.1")
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(rf"{NUMBER} Damage\.total_damage\n", (workspace.folder / "results.out.1").read_text())
    file.write_text(PARAMS.format(rate="2.500000000000000e-01", active=3))
    assert workspace.runs("python driver.py params.in.1 results.out.2").returncode == 1
    file.write_text(PARAMS.replace("2.000000000000000e-01", "1e300").format(rate="0.25", active=1))
    assert workspace.runs("python driver.py params.in.1 results.out.3").returncode == 0
    assert (workspace.folder / "results.out.3").read_text() == "FAIL\n"
    deck = (workspace.folder / "study.in").read_text()
    assert "analysis_drivers 'python driver.py'" in deck
