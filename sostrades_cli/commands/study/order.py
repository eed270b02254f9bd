"""``sostrades study order``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.structure.order import ExecutionOrder, NumberedStep
    from sostrades_cli.output.results import Rows


@framework.command(examples=["sostrades study order 21", "sostrades study order 21 -F json --query 'steps[].name'"])
@study_argument
def command(app: App, study: int) -> Rows:
    """Show the order in which a run executes the disciplines.

    A step is a discipline, a loop or a parallel group. The disciplines of a loop are solved together, by iteration. The
    disciplines of a parallel group are independent. A driver is a single step: the order inside it is not known.

    The order comes from the last finished run. The server gives no order inside a loop.
    """
    from sostrades_cli.operations.structure.order import read_order
    from sostrades_cli.output.results import Rows, TerminalTree, TreeLine

    order = read_order(app.context, study)
    return Rows(
        ("step", "kind", "discipline", "group"),
        [_row(order, step) for step in order.steps],
        payload={"study": study, "name": order.name, "steps": _payload(order)},
        notes=order.notes,
        title=f"{order.name} · study {study}",
        lines=True,
        shown=TerminalTree([TreeLine(step.depth, _text(order, step), _aside(step)) for step in order.steps]),
    )


def _text(order: ExecutionOrder, step: NumberedStep) -> str:
    name = step.name(order.name)
    return name if step.depth else f"{step.position}. {name}"


def _aside(step: NumberedStep) -> str:
    # A group has no node. Its kind distinguishes loops from parallel groups.
    return "" if step.step.node else step.step.kind


def _row(order: ExecutionOrder, step: NumberedStep) -> tuple[object, ...]:
    group = None if step.step.group is None else order.steps[step.step.group].step.name
    return step.position, step.step.kind, step.name(order.name), group


def _payload(order: ExecutionOrder) -> list[dict[str, Any]]:
    """Return the steps as objects, with the members of a group in ``steps``."""
    items: list[dict[str, Any]] = [
        {
            "step": step.position,
            "kind": step.step.kind,
            "name": step.name(order.name),
            "node": step.step.node,
            "steps": [],
        }
        for step in order.steps
    ]
    for item, step in zip(items, order.steps, strict=True):
        if step.step.group is not None:
            items[step.step.group]["steps"].append(item)
    return [item for item, step in zip(items, order.steps, strict=True) if step.step.group is None]
