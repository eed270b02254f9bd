"""Test the workflow of GitHub Actions against its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recipes import pages
from recipes.jobs import Workflow

if TYPE_CHECKING:
    from recipes.workspace import Workspace

TABLES = {f"results/tables/{name}" for name in ("dice.Macro.output.csv", "dice.Damage.damages.csv", "manifest.json")}


def _workflow(workspace: Workspace, **inputs: str) -> Workflow:
    pages.write_files("github-actions", workspace.folder)
    text = (workspace.folder / ".github/workflows/study.yml").read_text(encoding="utf-8")
    settings = {"vars.SOSTRADES_HOST": workspace.url, "secrets.SOSTRADES_API_KEY": workspace.key}
    return Workflow(text, {**settings, **{f"inputs.{name}": value for name, value in inputs.items()}})


@pytest.mark.slow
def test_study_is_set_and_run_and_its_results_are_kept(workspace: Workspace) -> None:
    ended = _workflow(workspace).run(21, workspace)
    assert ended.code == 0, ended.printed
    assert ended.kept == {*TABLES, "results/charts.html"}
    assert ended.summary.startswith("### calc run: 1 of 1 run finished\n")
    assert "\nStudy 21: total damage " in ended.summary
    assert workspace.runs("sostrades param get 21 Macro.gamma").stdout == "0.25\n"
    assert workspace.runs("sostrades param get 21 Macro.scenario").stdout == "rainy\n"


def test_manual_start_has_the_defaults_of_a_schedule(workspace: Workspace) -> None:
    scheduled = _workflow(workspace)
    by_hand = Workflow(scheduled.text, {**scheduled.known, **scheduled.inputs})
    assert scheduled.studies() == by_hand.studies() == [21, 34]
    assert by_hand.inputs["inputs.timeout"] == "2h"
    assert scheduled.text.count("inputs.timeout || '2h'") == 1
    assert _workflow(workspace, studies="[22]").studies() == [22]


@pytest.mark.slow
def test_failed_run_ends_the_job_with_3(workspace: Workspace) -> None:
    ended = _workflow(workspace, studies="[22]").run(22, workspace)
    assert ended.code == 3
    assert "::error title=Study 22::the run of study 22 ended FAILED%0ATraceback" in ended.printed
    assert "::group::Log of study 22\n" in ended.printed
    assert ended.kept == {"results/log.txt"}
    assert "deliberate failure" in (workspace.folder / "results/log.txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_run_that_continues_ends_the_job_with_124_and_the_next_with_8(workspace: Workspace) -> None:
    workflow = _workflow(workspace, timeout="2s")
    ended = workflow.run(36, workspace)
    assert ended.code == 124
    assert "::error title=Study 36::timed out after 2 s" in ended.printed
    assert ended.kept == {"results/log.txt"}
    (workspace.folder / "changes.toml").write_text('"Macro.gamma" = 0.9\n', encoding="utf-8")
    (workspace.folder / "results/log.txt").unlink()
    assert workflow.run(36, workspace).code == 8
    assert workspace.runs("sostrades param get 36 Macro.gamma").stdout == "0.25\n"


def test_page_lists_the_secrets_and_variables_of_the_workflow(workspace: Workspace) -> None:
    text = pages.page("github-actions")
    for name in ("SOSTRADES_API_KEY", "SOSTRADES_HOST"):
        assert f"| `{name}` |" in text
    assert _workflow(workspace).text.count("secrets.") == 1
