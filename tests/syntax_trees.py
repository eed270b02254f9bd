"""Parse each source file once for all tests of the code."""

from __future__ import annotations

import ast
import gc
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

Node = TypeVar("Node", bound=ast.AST)


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    gc.disable()  # a tree is never garbage: searching the many new objects doubles the time
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    finally:
        gc.enable()


@cache
def _nodes_by_type(path: Path) -> dict[type[ast.AST], list[ast.AST]]:
    nodes: dict[type[ast.AST], list[ast.AST]] = {}
    for node in ast.walk(tree_of(path)):
        nodes.setdefault(type(node), []).append(node)
    return nodes


def nodes_of(path: Path, *types: type[Node]) -> list[Node]:
    """Return the nodes of these types in the tree of a file, in the order of ``ast.walk`` for each type."""
    return [node for type_ in types for node in _nodes_by_type(path).get(type_, ())]  # type: ignore[misc]


def dotted(node: ast.AST) -> str:
    """Return an expression as written; faster than ``ast.unparse`` for names and attributes."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ast.unparse(node)
