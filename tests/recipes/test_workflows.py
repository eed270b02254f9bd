"""Test the recipes for tools that run the same work on several studies or machines."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from recipes import pages
from recipes.environments import environment

if TYPE_CHECKING:
    from pathlib import Path

    from recipes.place import Place

pytestmark = pytest.mark.slow
# Loads the DAG as Airflow does, and runs the functions of its tasks in order.
AIRFLOW = """
import runpy, sys
from airflow.sdk import DAG
names = runpy.run_path("dags/study.py")
[dag] = [value for value in [names["nightly_study"]()] if isinstance(value, DAG)]
print("order", *dag.topological_sort(), sep="|")
for name in ("start", "end", "download"):
    task = dag.get_task(name)
    print(name, getattr(task, "mode", "-"))
    while True:
        result = task.python_callable()
        if name != "end" or result.is_done:
            break
"""


def test_dask_workers_run_the_cases_of_their_study(fresh_place: Place, tmp_path: Path) -> None:
    place = fresh_place
    pages.write_files("dask", place.folder)
    pages.check_sessions("dask", place)
    programs = environment(tmp_path / "env", "dask", "distributed")
    done = place.runs("python cases.py", PATH=f"{programs}{os.pathsep}{place.bare['PATH']}")
    found = re.findall(r"^(0\.\d): \d+\.\d{3}$", done.stdout, re.MULTILINE)
    assert found == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"], done.stdout
    assert (
        place.runs("sostrades study diff 21 34 --exit-code && sostrades study diff 21 35 --exit-code").returncode == 0
    )


def test_snakemake_runs_parts_and_only_what_is_missing(fresh_place: Place, tmp_path: Path) -> None:
    place = fresh_place
    pages.write_files("snakemake", place.folder)
    pages.check_sessions("snakemake", place)
    programs = environment(tmp_path / "env", "snakemake")
    path = f"{programs}{os.pathsep}{place.bare['PATH']}"
    done = place.runs("snakemake --cores 2", PATH=path)
    assert done.returncode == 0, done.stdout
    rows = (place.folder / "results.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["case", "a", "b", "c", "d"]
    assert place.runs("rm results.csv results/35.csv; snakemake --cores 2", PATH=path).returncode == 0
    assert (place.folder / "results.csv").read_text().splitlines() == rows
    assert "Nothing to be done" in place.runs("snakemake --cores 2", PATH=path).stdout


def test_airflow_tasks_start_wait_and_download(place: Place, tmp_path: Path) -> None:
    pages.write_files("airflow", place.folder)
    dag = place.folder / "dags" / "study.py"
    dag.write_text(dag.read_text().replace("/data/", f"{place.folder}/data/"))
    programs = environment(tmp_path / "env", "apache-airflow")
    (place.folder / "tasks.py").write_text(AIRFLOW)
    done = place.runs("python tasks.py", PATH=f"{programs}{os.pathsep}{place.bare['PATH']}")
    assert done.returncode == 0, done.stdout
    assert "end reschedule" in done.stdout
    assert len(list((place.folder / "data" / "21").glob("*.csv"))) == 2
