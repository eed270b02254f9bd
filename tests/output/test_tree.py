"""Test trees on a terminal, in a pipe and in files."""

from __future__ import annotations

import io

from conftest import Terminal

from sostrades_cli.output.results import TerminalTree, TreeLine
from sostrades_cli.output.tree import write_tree

LINES = [TreeLine(0, "root"), TreeLine(1, "a", "coupling · DONE"), TreeLine(2, "b"), TreeLine(1, "[bold]c\x1b[31m")]
TREE = TerminalTree(LINES)


def test_pipe_gets_indented_lines_with_visible_controls() -> None:
    stream = io.StringIO()
    write_tree(TREE, stream, color=False, width=80)
    assert stream.getvalue().splitlines() == ["root", "  a  coupling · DONE", "    b", "  [bold]c\\x1b[31m"]


def test_terminal_gets_guides_and_no_markup_of_names() -> None:
    stream = Terminal(tty=True)
    write_tree(TREE, stream, color=False, width=80)
    assert [line.rstrip() for line in stream.written.splitlines()] == [
        "root",
        "├── a  coupling · DONE",
        "│   └── b",
        "└── [bold]c\\x1b[31m",
    ]


def test_status_has_its_colour() -> None:
    stream = Terminal(tty=True)
    write_tree(TREE, stream, color=True, width=80)
    assert "\x1b[32mDONE" in stream.written
