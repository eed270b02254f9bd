"""The steps of a run in the server's order: disciplines, loops and groups of independent steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json

DISCIPLINE, LOOP, PARALLEL = "discipline", "loop", "parallel"
_KINDS: Final = {"DisciplineNode": DISCIPLINE, "MDANode": LOOP, "ParallelNode": PARALLEL, "CouplingNode": "coupling"}
# It hangs on the last disciplines, and lists what they compute.
_NO_STEP: Final = "OutputNode"


class ExecutionStep(NamedTuple):
    """A step, or a group of steps: a loop is solved by iteration, parallel steps do not depend on each other.

    ``name`` is the server's label, ``node`` the full name of the discipline's node, if it has one. ``group`` is the
    position of the group that contains the step among all steps, ``None`` outside of groups.
    """

    kind: str
    name: str
    node: str | None
    group: int | None


def steps_from_api(sequence: Json, paths: Mapping[str, str]) -> tuple[ExecutionStep, ...]:
    """Return the steps in their order, each group followed by its members; ``paths`` are nodes by identifier.

    The order of the members of a group has no meaning: the server gives none.

    Raises
    ------
    UnusableAnswer
        A group has an unknown member, or one that is in another group as well.

    """
    items = sequence.get("nodes_list") if isinstance(sequence, dict) else None
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    by_id = {_text(item.get("id")): item for item in listed}
    nodes = {path: number for number, path in enumerate(paths.values())}
    steps: list[ExecutionStep] = []
    # Members stand before their group in the list. No recursion: the depth is up to the server.
    top = [item for item in listed if item.get("parent") is None and item.get("type") != _NO_STEP]
    waiting: list[tuple[Mapping[str, Json], int | None]] = [(item, None) for item in reversed(top)]
    while waiting:
        item, group = waiting.pop()
        if by_id.pop(_text(item.get("id")), None) is None:
            raise unusable("an order of execution with a step in two places, or in none")
        steps.append(_step(item, group, paths))
        children = item.get("children")
        ids = [_text(child) for child in children] if isinstance(children, list) else []
        if missing := [child for child in ids if child not in by_id]:
            raise unusable(f"an order of execution with an unknown step {missing[0]!r:.80}")
        members = sorted(ids, key=lambda child: nodes.get(paths.get(child, ""), len(nodes)), reverse=True)
        waiting += [(by_id[child], len(steps) - 1) for child in members]
    return tuple(steps)


def _step(item: Mapping[str, Json], group: int | None, paths: Mapping[str, str]) -> ExecutionStep:
    kind, label = _text(item.get("type")), _text(item.get("label"))
    node = paths.get(_text(item.get("id"))) if kind == "DisciplineNode" else None
    return ExecutionStep(_KINDS.get(kind, kind), label, node, group)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
