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

    from recipes.workspace import Workspace

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


def test_dask_workers_run_the_cases_of_their_study(fresh_workspace: Workspace, tmp_path: Path) -> None:
    workspace = fresh_workspace
    pages.write_files("dask", workspace.folder)
    pages.check_sessions("dask", workspace)
    programs = environment(tmp_path / "env", "dask", "distributed")
    done = workspace.runs("python cases.py", PATH=f"{programs}{os.pathsep}{workspace.bare['PATH']}")
    result = re.findall(r"^(0\.\d): \d+\.\d{3}$", done.stdout, re.MULTILINE)
    assert result == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"], done.stdout
    assert (
        workspace.runs("sostrades study diff 21 34 --exit-code && sostrades study diff 21 35 --exit-code").returncode
        == 0
    )


def test_snakemake_runs_parts_and_only_what_is_missing(fresh_workspace: Workspace, tmp_path: Path) -> None:
    workspace = fresh_workspace
    pages.write_files("snakemake", workspace.folder)
    pages.check_sessions("snakemake", workspace)
    programs = environment(tmp_path / "env", "snakemake")
    path = f"{programs}{os.pathsep}{workspace.bare['PATH']}"
    done = workspace.runs("snakemake --cores 2", PATH=path)
    assert done.returncode == 0, done.stdout
    rows = (workspace.folder / "results.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["case", "a", "b", "c", "d"]
    assert workspace.runs("rm results.csv results/35.csv; snakemake --cores 2", PATH=path).returncode == 0
    assert (workspace.folder / "results.csv").read_text().splitlines() == rows
    assert "Nothing to be done" in workspace.runs("snakemake --cores 2", PATH=path).stdout


def test_airflow_tasks_start_wait_and_download(workspace: Workspace, tmp_path: Path) -> None:
    pages.write_files("airflow", workspace.folder)
    dag = workspace.folder / "dags" / "study.py"
    dag.write_text(dag.read_text().replace("/data/", f"{workspace.folder}/data/"))
    programs = environment(tmp_path / "env", "apache-airflow")
    (workspace.folder / "tasks.py").write_text(AIRFLOW)
    done = workspace.runs("python tasks.py", PATH=f"{programs}{os.pathsep}{workspace.bare['PATH']}")
    assert done.returncode == 0, done.stdout
    assert "end reschedule" in done.stdout
    assert len(list((workspace.folder / "data" / "21").glob("*.csv"))) == 2
