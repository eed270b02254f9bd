"""Execute the notebook of the documentation in a Jupyter kernel, against the stub, and compare its outputs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from documents.pages import ANEW, DOCS, WRITES
from recipes.workspace import ELSEWHERE, workspace_in

nbclient = pytest.importorskip("nbclient", reason="the extra `all-tests`")
nbformat = pytest.importorskip("nbformat", reason="the extra `all-tests`")

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

pytestmark = pytest.mark.slow
NOTEBOOK = DOCS / "notebooks" / "first-study.ipynb"
# Times, durations and the addresses of Python objects differ between runs.
VOLATILE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|elapsed_s=[\d.]+|(?<=<td style='text-align:left'>)[\d.]+ s")
DURATION = re.compile(r"after [\d:.]+ s")


class Client(nbclient.NotebookClient):  # type: ignore[misc,name-defined] # without types
    """A client that keeps what the kernel displayed, also what it replaced later."""

    def __init__(self, notebook: NotebookNode, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.displayed: list[tuple[str, str]] = []

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Keep the kind of a display and its HTML."""
        if "display" in msg["msg_type"]:
            self.displayed.append((msg["msg_type"], msg["content"]["data"].get("text/html", "")))
        return super().process_message(msg, cell, cell_index)


def executed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[NotebookNode, list[tuple[str, str]]]:
    """Return the notebook after a run of all its cells, and all displays. Every warning is an error."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    strict = nbformat.v4.new_code_cell("import warnings; warnings.simplefilter('error')")
    notebook.cells.insert(0, strict)
    with workspace_in(folder) as workspace:
        for name in workspace.bare.keys() - {"PATH"}:
            monkeypatch.setenv(name, workspace.bare[name])
        for name, value in workspace.server.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
        client = Client(notebook, timeout=60, resources={"metadata": {"path": str(workspace.folder)}})
        client.execute()
        text = nbformat.writes(notebook)
        assert workspace.key not in text
        notebook = nbformat.reads(text.replace(workspace.url, ELSEWHERE), as_version=4)
    del notebook.cells[0]
    return _readable(notebook), client.displayed


def _readable(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as readers see it: without the empty remains of progress, and numbered from 1."""
    for count, cell in enumerate(code_cells(notebook), start=1):
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if output.get("data", {}).get("text/html") != ""]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
    notebook.metadata = {name: notebook.metadata[name] for name in ("kernelspec", "language_info")}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def facts(notebook: NotebookNode) -> list[Any]:
    """Return the sources and the outputs that are the same in every run. Of a picture, only its presence is."""
    cells = []
    for cell in notebook.cells:
        outputs = []
        for output in cell.get("outputs", []):
            data = {kind: "" if kind == "image/png" else content for kind, content in output.get("data", {}).items()}
            outputs.append([output.output_type, data, output.get("traceback")])
        cells.append([cell.source, outputs])
    return json.loads(DURATION.sub("after ~", VOLATILE.sub("~", json.dumps(cells))))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, list[tuple[str, str]]]:
    """Return the notebook after a run now, and all displays. In writing mode it is the new notebook."""
    with pytest.MonkeyPatch.context() as patch:
        notebook, displayed = executed(tmp_path_factory.mktemp("notebook") / "ann", patch)
    if WRITES:
        NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return notebook, displayed


@pytest.fixture
def present(run: tuple[NotebookNode, list[tuple[str, str]]]) -> NotebookNode:
    """Return the notebook after a run now."""
    return run[0]


def test_progress_is_shown_and_removed(run: tuple[NotebookNode, list[tuple[str, str]]]) -> None:
    bars = [html for _, html in run[1] if "<progress" in html]
    for call in ("loading study 21", "study 21 FINISHED", "5 cases"):
        assert any(call in html for html in bars)
    # Each display is first shown, and empty in the end.
    assert [kind for kind, html in run[1] if "<progress" in html].count("display_data") == 3
    assert [kind for kind, html in run[1] if not html].count("update_display_data") == 3


def test_notebook_has_the_outputs_of_its_cells(present: NotebookNode) -> None:
    assert facts(nbformat.read(NOTEBOOK, as_version=4)) == facts(present), ANEW


def test_error_is_shown_without_a_trace(present: NotebookNode) -> None:
    [error] = [o for cell in code_cells(present) for o in cell.outputs if o.output_type == "error"]
    assert error.ename == "NotFound"
    assert error.traceback[0].startswith("NotFound: ")
    assert any("sostrades" in line for line in error.traceback)
    assert len(error.traceback) < 6


def test_study_and_run_are_shown_as_tables(present: NotebookNode) -> None:
    shown = [o.data.get("text/html", "") for cell in code_cells(present) for o in cell.outputs if "data" in o]
    assert any("Study 21" in html and ELSEWHERE in html for html in shown)
    assert any("Run of study 21" in html and "FINISHED" in html for html in shown)
    assert not any("<progress" in html for html in shown)
