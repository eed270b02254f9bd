"""Execute the cells of a notebook as Jupyter would, including their outputs."""

from __future__ import annotations

import ast
import contextlib
import io
import json
from typing import Any


def executed(text: str) -> str:
    """Return a notebook after a run of all its cells in a new interpreter."""
    notebook = json.loads(text)
    names: dict[str, Any] = {"__name__": "__main__"}
    for count, cell in enumerate(_code_cells(notebook), start=1):
        cell["execution_count"] = count
        cell["outputs"] = _run("".join(cell["source"]), names, count)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def code_cells(text: str) -> list[dict[str, Any]]:
    """Return the code cells of a notebook."""
    return _code_cells(json.loads(text))


def _code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _run(source: str, names: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Execute a cell. Its result is the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    value = None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - our own notebook
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307 - the same
    assert printed.getvalue() == "", "a value shows itself"
    return [] if value is None else [_result(value, count)]


def _result(value: Any, count: int) -> dict[str, Any]:
    """Return the output for a value: a figure displays itself, all others are results."""
    if hasattr(value, "to_plotly_json"):
        import plotly.io  # noqa: PLC0415 - for a slow test only

        renderer = plotly.io.renderers[plotly.io.renderers.default]
        data = json.loads(json.dumps(renderer.to_mimebundle(value.to_dict())))
        return {"data": data, "metadata": {}, "output_type": "display_data"}
    data = {"text/plain": _lines(repr(value))}
    if hasattr(value, "_repr_html_"):
        data = {"text/html": _lines(value._repr_html_()), **data}
    return {"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
