"""Test the recipes for libraries that choose the values of many runs."""

from __future__ import annotations

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

    from recipes.place import Place

pytestmark = pytest.mark.slow
NUMBER = r"(\d+\.\d+)"


def path_with(programs: Path, place: Place) -> str:
    """Return a PATH in which the programs of an environment come first."""
    return f"{programs}{os.pathsep}{place.bare['PATH']}"


def history(place: Place, study: int = 21) -> str:
    """Return the journal of a study."""
    return place.runs(f"sostrades param history {study} -F tsv").stdout


def states(place: Place) -> list[str]:
    """Return the states of the trials in the storage of the Optuna recipe."""
    with sqlite3.connect(place.folder / "search.db") as connection:
        found = connection.execute("SELECT state FROM trials ORDER BY number").fetchall()
    connection.close()
    return [state for (state,) in found]


def test_optuna_search_continues_after_a_kill(place: Place) -> None:
    """A trial without a result is tried again, and the search ends with eight trials."""
    pages.write_files("optuna", place.folder)
    process = subprocess.Popen(
        [sys.executable, "search.py"], cwd=place.folder, env={**place.bare, **place.server}, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 60
    while not (place.folder / "search.db").exists() or states(place).count("COMPLETE") < 2:
        assert time.monotonic() < end
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    place.runs("sostrades calc watch 21")
    done = place.runs("python search.py 2>/dev/null")
    assert re.search(rf"^best of 8 trials: {NUMBER} with .*Macro.gamma", done.stdout), done.stdout
    found = states(place)
    assert (found.count("COMPLETE") + found.count("PRUNED"), found.count("RUNNING")) == (8, 0)
    # Whether a trial is pruned depends on its random values.
    assert {"COMPLETE"} <= set(found) <= {"COMPLETE", "PRUNED", "FAIL"}


def test_optuna_search_runs_on_copies(fresh_place: Place) -> None:
    """It can run again."""
    pages.write_files("optuna", fresh_place.folder)
    pages.check_sessions("optuna", fresh_place)
    for _ in range(2):
        done = fresh_place.runs("python parallel.py 2>/dev/null; sostrades study diff 21 34 --exit-code")
        assert re.match(rf"best: {NUMBER} with .*Macro.gamma", done.stdout), done.stdout
        assert done.returncode == 0
        assert (fresh_place.folder / "trials.csv").read_text().count("FINISHED") == 8


def test_joblib_evaluates_a_study_and_its_copies(fresh_place: Place) -> None:
    """A failed run is returned, and every study has its original values."""
    text = (DOCS / "how-to" / "evaluate-in-python.md").read_text(encoding="utf-8")
    program = files_of(text)["parallel.py"]
    commands = "\n".join(re.findall(r"^    (sostrades study copy .*)$", text, re.MULTILINE))
    assert fresh_place.runs(f"set -e\n{commands}").returncode == 0
    for name, content in {"parallel.py": program, "failing.py": program.replace("0.2, 0.3", "1e300, 0.3")}.items():
        (fresh_place.folder / name).write_text(content)
        done = fresh_place.runs(f"python {name}")
        assert len(re.findall(rf"{{'total_damage': {NUMBER}}}", done.stdout)) == (3 if name == "parallel.py" else 2)
        assert done.returncode == 0, done.stdout
    for copy in (34, 35):
        assert fresh_place.runs(f"sostrades study diff 21 {copy} --exit-code").returncode == 0


def test_openturns_propagates_a_sample(place: Place, tmp_path: Path) -> None:
    """The damage grows with gamma, and does not depend on the savings rate."""
    pages.write_files("openturns", place.folder)
    programs = environment(tmp_path / "env", "openturns")
    done = place.runs("python uncertainty.py", PATH=path_with(programs, place))
    assert done.returncode == 0, done.stdout
    found = dict(re.findall(rf"^(constant|Macro\.\w+): -?{NUMBER}$", done.stdout, re.MULTILINE))
    assert set(found) == {"constant", "Macro.gamma", "Macro.savings_rate"}
    assert float(found["Macro.gamma"]) > 1
    assert re.search(rf"^mean {NUMBER}, standard deviation {NUMBER}$", done.stdout, re.MULTILINE)


def test_gemseo_scenario_finds_the_lowest_gamma(place: Place, tmp_path: Path) -> None:
    pages.write_files("gemseo", place.folder)
    programs = environment(tmp_path / "env", "gemseo")
    done = place.runs("python scenario.py", PATH=path_with(programs, place))
    found = re.search(rf"best of \d+ runs: {NUMBER}, gamma {NUMBER}$", done.stdout)
    assert found, done.stdout
    assert float(found[2]) < 0.2


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


def test_dakota_driver_writes_the_responses(place: Place) -> None:
    """It fails if derivatives are requested, and tells Dakota of a failed run."""
    pages.write_files("dakota", place.folder)
    file = place.folder / "params.in.1"
    file.write_text(PARAMS.format(rate="2.500000000000000e-01", active=1))
    done = place.runs("python driver.py params.in.1 results.out.1")
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(rf"{NUMBER} Damage\.total_damage\n", (place.folder / "results.out.1").read_text())
    file.write_text(PARAMS.format(rate="2.500000000000000e-01", active=3))
    assert place.runs("python driver.py params.in.1 results.out.2").returncode == 1
    file.write_text(PARAMS.replace("2.000000000000000e-01", "1e300").format(rate="0.25", active=1))
    assert place.runs("python driver.py params.in.1 results.out.3").returncode == 0
    assert (place.folder / "results.out.3").read_text() == "FAIL\n"
    deck = (place.folder / "study.in").read_text()
    assert "analysis_drivers 'python driver.py'" in deck
