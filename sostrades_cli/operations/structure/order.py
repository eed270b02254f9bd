"""Read the order in which a run executes the disciplines of a study, as far as the server gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.execution_steps import LOOP, PARALLEL
from sostrades_cli.errors import NotFound
from sostrades_cli.operations.structure.read import read_last_structure
from sostrades_cli.operations.structure.tree import has_discipline
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from sostrades_cli.api.execution_steps import ExecutionStep
    from sostrades_cli.api.structure import StudyStructure
    from sostrades_cli.operations.context import Context

NO_ORDER = {
    LOOP: "the server gives no order for the disciplines within a loop, which are solved together",
    PARALLEL: "the disciplines of a parallel step do not wait for each other",
}


@dataclass(frozen=True, slots=True)
class NumberedStep:
    """A step, its position in the order, and its depth. Members of a group have the position of the group."""

    step: ExecutionStep
    position: int
    depth: int

    def name(self, own_name: str) -> str:
        """Return the name of the discipline without the study's own name, or the server's label of a group."""
        return self.step.name if self.step.node is None else short_key(own_name, self.step.node)


@dataclass(frozen=True, slots=True)
class ExecutionOrder:
    """The steps of a study, each group followed by its members, and notes on groups without an order."""

    study: int
    name: str
    steps: tuple[NumberedStep, ...]
    notes: tuple[str, ...]


def read_order(context: Context, study: int) -> ExecutionOrder:
    """Return the order of execution of a study.

    Raises
    ------
    Refused
        The study has no finished run, or its structure changed since.
    NotFound
        The server gives no order for this study.

    """
    named = read_last_structure(context, study)
    structure = named.structure
    if not structure.steps:
        raise NotFound(
            f"the server gives no order of execution for study {study}",
            hint=f"see what depends on what: `sostrades study graph {study}`",
            study=study,
        )
    numbered: list[NumberedStep] = []
    for step in structure.steps:
        if step.group is None:
            position = sum(earlier.depth == 0 for earlier in numbered) + 1
            numbered.append(NumberedStep(step, position, 0))
        else:
            group = numbered[step.group]
            numbered.append(NumberedStep(step, group.position, group.depth + 1))
    kinds = {step.kind for step in structure.steps}
    notes = [named.note] if named.note else []
    notes += [text for kind, text in NO_ORDER.items() if kind in kinds]
    if closed := [short_key(structure.name, path) for path in _closed(structure)]:
        notes.append(f"the server gives no order inside {listed(closed)}")
    return ExecutionOrder(study, structure.name, tuple(numbered), tuple(notes))


def _closed(structure: StudyStructure) -> list[str]:
    """Return the steps, such as drivers, that run disciplines without listing them as steps."""
    steps = {step.node for step in structure.steps if step.node is not None}
    parents = {node.path: node.parent for node in structure.nodes}
    closed: dict[str, None] = {}
    for node in structure.nodes:
        # The step that runs this discipline is its nearest ancestor among the steps.
        above = node.parent if has_discipline(node) and node.path not in steps else None
        while above is not None and above not in steps:
            above = parents.get(above)
        if above is not None:
            closed[above] = None
    return list(closed)
