"""The disciplines of a study, without the root node of its tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.study_reference import root_node, short_key

if TYPE_CHECKING:
    from collections.abc import Mapping


def without_root(states: Mapping[str, str], name: str = "") -> tuple[str, Mapping[str, str]]:
    """Return the study's own name, and the states of its disciplines by name without it.

    The server reports the states by full node name. ``name`` is the study's own name; if it is "", the root node has
    it, which is not a discipline. If the name does not fit, or is unknown, all states are returned.
    """
    root = name or root_node(states)
    others = [node for node in states if node != root]
    if not root or not others or not all(node.startswith(f"{root}.") for node in others):
        return root, states
    return root, {short_key(root, node): states[node] for node in others}
