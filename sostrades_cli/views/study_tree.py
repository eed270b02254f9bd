"""Rows of the tree of a study, optionally with its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.operations.structure.tree import kind_of, status_of
from sostrades_cli.output.results import Rows, TerminalTree, TreeLine
from sostrades_cli.output.text import counted
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.api.structure import StudyNode
    from sostrades_cli.operations.structure.tree import StudyTree, TreeEntry

COLUMNS: Final = ("node", "kind", "model", "status", "inputs", "outputs")
NO_PARAMETERS: Final = "your key shows no parameters, so they are not counted"


def tree_rows(tree: StudyTree, *, parameters: bool) -> Rows:
    """Return a row per node. With ``parameters``, the rows of its parameters follow."""
    rows: list[tuple[object, ...]] = []
    lines: list[TreeLine] = []
    for entry in tree.entries:
        node = entry.node
        counts = (len(node.inputs), len(node.outputs)) if tree.has_parameters else (None, None)
        name = short_key(tree.name, node.path)
        rows.append((name, kind_of(node) or None, _model(node) or None, status_of(node) or None, *counts))
        lines.append(TreeLine(entry.depth, node.name if entry.depth else name, _facts(entry)))
        for kind, key in _parameters(node) if parameters else ():
            rows.append((short_key(tree.name, key), kind, None, None, None, None))
            lines.append(TreeLine(entry.depth + 1, short_key(tree.name, key), kind))
    # With parameters, the number of rows is not the number of nodes.
    title = None if parameters else f"{tree.name} · study {tree.study} · {counted(len(rows), 'node')}"
    notes = [note for note in (tree.note, None if tree.has_parameters else NO_PARAMETERS) if note]
    return Rows(
        COLUMNS,
        rows,
        payload=_payload(tree, parameters=parameters),
        notes=notes,
        title=title,
        lines=True,
        shown=TerminalTree(lines, in_pipes=True),
    )


def _facts(entry: TreeEntry) -> str:
    node = entry.node
    counts = [counted(len(keys), noun) for keys, noun in ((node.inputs, "input"), (node.outputs, "output")) if keys]
    below = f"{counted(entry.hidden, 'node')} below" if entry.hidden else ""
    return " · ".join(filter(None, [kind_of(node), _model(node), status_of(node), ", ".join(counts), below]))


def _model(node: StudyNode) -> str:
    """Return the classes of the disciplines where the server names them, else the last parts of their modules."""
    return ", ".join(node.classes or [model.rpartition(".")[2] for model in node.models])


def _parameters(node: StudyNode) -> Iterator[tuple[str, str]]:
    yield from (("input", key) for key in node.inputs)
    yield from (("output", key) for key in node.outputs)


def _payload(tree: StudyTree, *, parameters: bool) -> dict[str, Any]:
    nested: dict[str, dict[str, Any]] = {}
    for entry in tree.entries:
        node = entry.node
        fields: dict[str, Any] = {
            "name": node.name,
            "path": node.path,
            "kind": kind_of(node) or None,
            "type": node.type or None,
            "status": status_of(node) or None,
            "models": list(node.models),
            "classes": list(node.classes),
            "inputs": len(node.inputs) if tree.has_parameters else None,
            "outputs": len(node.outputs) if tree.has_parameters else None,
            "solver": len(node.solver) if tree.has_parameters else None,
        }
        if parameters:
            fields["parameters"] = [{"key": key, "kind": kind} for kind, key in _parameters(node)]
        fields["hidden"] = entry.hidden
        fields["children"] = []
        nested[node.path] = fields
        # Parents precede their children. The first node has none in the table.
        if node.parent in nested:
            nested[str(node.parent)]["children"].append(fields)
    root = next(iter(nested.values()))
    return {"study": tree.study, "name": tree.name, "finished": tree.note is None, "tree": root}
