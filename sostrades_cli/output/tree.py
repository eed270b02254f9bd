"""Trees on a terminal, and as indented lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.text import Text
from rich.tree import Tree

from sostrades_cli.output.table import STYLES, console_for
from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from sostrades_cli.output.results import TerminalTree, TreeLine

_INDENT = "  "
_BETWEEN = " \u00b7 "


def write_tree(tree: TerminalTree, stream: TextIO, *, color: bool, width: int) -> None:
    """Write a tree: with guides that fit the window on a terminal, indented elsewhere."""
    if not stream.isatty():
        stream.writelines(f"{_INDENT * line.depth}{visible(_whole(line))}\n" for line in tree.lines)
        return
    root = Tree("", hide_root=True, guide_style="dim")
    parents = [root]
    for line in tree.lines:
        del parents[line.depth + 1 :]
        parents.append(parents[-1].add(_label(line)))
    console_for(stream, color=color, width=width).print(root)


def _whole(line: TreeLine) -> str:
    return _INDENT.join(filter(None, [line.text, line.aside]))


def _label(line: TreeLine) -> Text:
    label = Text(visible(line.text))
    for number, fact in enumerate(line.aside.split(_BETWEEN) if line.aside else ()):
        label.append(_BETWEEN if number else _INDENT, "dim").append(visible(fact), STYLES.get(fact, "dim"))
    return label
