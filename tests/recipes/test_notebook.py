"""Test that the notebook contains the outputs of its cells."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from documents.pages import ANEW, ROOT, WRITES
from recipes import pages
from recipes.notebooks import code_cells, executed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recipes.workspace import Workspace

NOTEBOOK = pages.RECIPES / "notebook.ipynb"


@pytest.fixture
def at_home(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Give this process the settings of a user at this workspace. Restore the default renderer of plotly afterwards."""
    import plotly.io  # noqa: PLC0415 - for a slow test only

    monkeypatch.chdir(workspace.folder)
    for name, value in {**workspace.bare, **workspace.server}.items():
        monkeypatch.setenv(name, value)
    before = plotly.io.renderers.default
    yield workspace
    plotly.io.renderers.default = before


@pytest.mark.slow
def test_notebook_has_the_outputs_of_its_cells(at_home: Workspace) -> None:
    true = executed(NOTEBOOK.read_text(encoding="utf-8"))
    if WRITES:
        NOTEBOOK.write_text(true, encoding="utf-8")
    assert at_home.key not in true
    assert json.loads(NOTEBOOK.read_text(encoding="utf-8")) == json.loads(true), ANEW


def test_notebook_was_run_from_its_start() -> None:
    cells = code_cells(NOTEBOOK.read_text(encoding="utf-8"))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        compile("".join(cell["source"]), NOTEBOOK.name, "exec")
        assert {output["output_type"] for output in cell["outputs"]} <= {"execute_result", "display_data"}


def test_page_of_the_notebook_installs_its_imports() -> None:
    sources = "".join("".join(cell["source"]) + "\n" for cell in code_cells(NOTEBOOK.read_text(encoding="utf-8")))
    imported = {line.split()[1].split(".")[0] for line in sources.splitlines() if line.startswith(("import", "from"))}
    runtime = (ROOT / "pyproject.toml").read_text().split("[project.optional-dependencies]")[0]
    [line] = re.findall("^    pip install (.*)$", (pages.RECIPES / "notebook.md").read_text(), re.MULTILINE)
    missing = {name for name in imported if f'"{name}>=' not in runtime}
    assert missing - set(line.split()) == {"sostrades_cli"}
