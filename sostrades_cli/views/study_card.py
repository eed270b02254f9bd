"""An overview of a study as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.clock import RFC3339
from sostrades_cli.operations.param.filters import INPUT, OUTPUT, SOLVER
from sostrades_cli.output.results import Rows
from sostrades_cli.output.run_troubles import NO_RUN
from sostrades_cli.output.text import TextCell, counted, duration
from sostrades_cli.output.text_width import cells, padded
from sostrades_cli.output.times import relative
from sostrades_cli.views.parameters import counts_text

if TYPE_CHECKING:
    from datetime import datetime

    from sostrades_cli.operations.case_values import CaseValues
    from sostrades_cli.operations.study.overview import LastRun, NodeCount, StudyOverview

# More nodes do not fit on a screen of 24 lines.
MOST_NODES: Final = 10


def study_rows(overview: StudyOverview, aliases: list[str], now: datetime) -> Rows:
    """Return a row per fact. The payload is an object with all facts, and all nodes."""
    lines: list[tuple[str, object]] = [
        ("name", overview.name or "unknown"),
        ("study", f"{overview.study} (alias {', '.join(aliases)})" if aliases else overview.study),
        ("status", overview.status or NO_RUN),
    ]
    if overview.is_active and overview.disciplines:
        lines.append(("disciplines", overview.disciplines))
    if overview.last_run is not None:
        lines.append(("last run", _times(overview.last_run, now, is_active=overview.is_active)))
    if overview.case_values is not None:
        lines.append(("values", _origin(overview.case_values)))
    if overview.kinds is not None:
        lines.append(("parameters", _parameters(overview)))
        lines.append(("tables", overview.tables))
        lines.append(("changed inputs", _changed(overview)))
    if overview.url is not None:
        lines.append(("link", overview.url))
    return Rows(
        ("field", "value"),
        [*lines, *_node_lines(overview)],
        payload=_payload(overview, aliases),
        notes=overview.notes,
        failure=overview.failure,
    )


def _origin(values: CaseValues) -> str:
    """Return where the present values come from, if they are not the study's own, and how to restore those."""
    noun, restore = values.command.noun, values.restore_command
    return f"of an interrupted {noun}: {restore}" if restore else f"of a running {noun}"


def _parameters(overview: StudyOverview) -> str:
    """Return the counts of ``param list``, where a coupling is an output, or an input if it has a start value."""
    groups = (
        (INPUT, sum(node.inputs for node in overview.nodes)),
        (OUTPUT, sum(node.outputs for node in overview.nodes)),
        (SOLVER, sum(node.solver for node in overview.nodes)),
    )
    return counts_text(dict(groups), overview.start_values)


def _changed(overview: StudyOverview) -> object:
    if overview.changed is None:
        return f"unknown, because {overview.no_defaults}"
    return f"{overview.changed} ({overview.uncompared} cannot be compared)" if overview.uncompared else overview.changed


def _times(run: LastRun, now: datetime, *, is_active: bool) -> TextCell:
    started = run.started.strftime(RFC3339)
    if is_active:
        return TextCell(started, f"started {relative(run.started, now)}")
    time = duration((run.ended - run.started).total_seconds())
    return TextCell(f"{started}, took {time}", f"{relative(run.ended, now)}, took {time}")


def _node_lines(overview: StudyOverview) -> list[tuple[str, object]]:
    """Return a line per node, and for a study with many nodes only the largest ones."""
    nodes = [node for node in overview.nodes if node.inputs or node.outputs]
    largest = sorted(nodes, key=lambda node: -(node.inputs + node.outputs))[:MOST_NODES]
    # In the order of the tree, and not by size.
    shown = [node for node in nodes if node in largest]
    width = max((cells(node.node) for node in shown), default=0)
    texts = [f"{padded(node.node, width)}  {_counts(node)}" for node in shown]
    if len(nodes) > len(shown):
        texts.append(f"{len(nodes) - len(shown)} more: sostrades param list {overview.study} --node NODE")
    return [("" if number else "nodes", text) for number, text in enumerate(texts)]


def _counts(node: NodeCount) -> str:
    return ", ".join(counted(n, noun) for n, noun in ((node.inputs, "input"), (node.outputs, "output")) if n)


def _case_values(values: CaseValues | None) -> dict[str, Any] | None:
    if values is None:
        return None
    running = values.process is not None
    return {"command": values.command.value, "entry": values.entry.entry, "running": running}


def _payload(overview: StudyOverview, aliases: list[str]) -> dict[str, Any]:
    run = overview.last_run
    return {
        "study": overview.study,
        "name": overview.name or None,
        "aliases": aliases,
        "status": overview.status,
        "last_run": run and {"started": run.started.strftime(RFC3339), "last_line": run.ended.strftime(RFC3339)},
        "url": overview.url,
        "parameters": overview.kinds,
        "case_values": _case_values(overview.case_values),
        "tables": overview.tables,
        "changed_inputs": overview.changed,
        "uncompared_inputs": overview.uncompared,
        "nodes": [
            {"node": node.node, "inputs": node.inputs, "outputs": node.outputs, "solver": node.solver}
            for node in overview.nodes
        ],
    }
