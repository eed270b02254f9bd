"""The disciplines of a study, without the root node of its tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def without_root(states: Mapping[str, str], name: str | None = None) -> tuple[str | None, Mapping[str, str]]:
    """Return the study's own name, and the states of its disciplines by name without it.

    The server reports the states by full node name. Its first part is the study's own name ``name``. If that is not
    known, a root node without a dot has it, because the own name itself may contain dots. The root node is not a
    discipline. Not every study lists it.
    """
    root = name or min(states, key=len, default="")
    prefix = f"{root}."
    others = [node for node in states if node != root]
    if not others or not all(node.startswith(prefix) for node in others) or (name is None and "." in root):
        return name, states
    return root, {node.removeprefix(prefix): states[node] for node in others}
