"""Test the jobs of GitLab CI against their page and the README."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from documents.pages import ROOT
from recipes import pages
from recipes.jobs import GitLabJob

if TYPE_CHECKING:
    from recipes.workspace import Workspace

TABLES = {f"results/tables/{name}" for name in ("dice.Macro.output.csv", "dice.Damage.damages.csv", "manifest.json")}


def _job(workspace: Workspace) -> GitLabJob:
    pages.write_files("gitlab-ci", workspace.folder)
    return GitLabJob((workspace.folder / ".gitlab-ci.yml").read_text(encoding="utf-8"), workspace.server)


@pytest.mark.slow
def test_study_of_the_matrix_is_set_and_run_and_its_results_are_kept(workspace: Workspace) -> None:
    job = _job(workspace)
    first, second = job.matrix()
    assert (first, second) == ({"STUDY": "21"}, {"STUDY": "34"})
    ended = job.run(workspace, **first)
    assert ended.code == 0, ended.printed
    assert ended.kept == {*TABLES, "results/charts.html", "results/junit.xml"}
    assert workspace.runs("sostrades param get 21 Macro.gamma").stdout == "0.25\n"


@pytest.mark.slow
def test_failed_run_ends_the_job_with_3(workspace: Workspace) -> None:
    job = _job(workspace)
    ended = job.run(workspace, STUDY="22")
    assert ended.code == 3
    assert ended.kept == {"results/log.txt", "results/junit.xml"}
    assert "section_start:" in ended.printed
    assert "deliberate failure" in (workspace.folder / "results/log.txt").read_text(encoding="utf-8")
    assert ended.code != job.job["allow_failure"]["exit_codes"]


@pytest.mark.slow
def test_run_that_continues_is_a_warning(workspace: Workspace) -> None:
    """The exit code 124 is allowed to fail, and the next job ends with 8."""
    job = _job(workspace)
    assert job.run(workspace, STUDY="36", TIMEOUT="2s").code == job.job["allow_failure"]["exit_codes"] == 124
    (workspace.folder / "changes.toml").write_text('"Macro.gamma" = 0.9\n', encoding="utf-8")
    workspace.runs("rm -r results")
    assert job.run(workspace, STUDY="36").code == 8


@pytest.mark.slow
def test_short_job_of_the_readme_works(workspace: Workspace) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [text] = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    job = GitLabJob(text, {})
    assert job.job["variables"]["SOSTRADES_HOST"] == "https://corp.example/sostrades"
    ended = GitLabJob(text, workspace.server).run(workspace)
    assert ended.code == 0, ended.printed
    assert ended.kept == {"output.csv"}
