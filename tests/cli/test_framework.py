"""Test the arguments of ``@framework.command`` against the results of each command."""

from __future__ import annotations

import ast
from typing import get_args

import pytest
from reference.command_tree import COMMANDS, line_of

from sostrades_cli.output import results


def names_in(annotation: str) -> set[str]:
    """Return the names of the classes in an annotation."""
    return {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}


RESULTS = names_in(str(get_args(results.Result) or results.Result))


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_annotation_of_a_command_names_its_results(path: tuple[str, ...]) -> None:
    callback = COMMANDS[path].callback
    assert callback is not None
    assert names_in(callback.__annotations__["return"]) <= RESULTS


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, command in COMMANDS.items()
        if command.options.endings is None and "csv" in command.options.formats
    ],
    ids=line_of,
)
def test_command_allows_files_of_tables_if_it_returns_rows(path: tuple[str, ...]) -> None:
    callback = COMMANDS[path].callback
    assert callback is not None
    assert COMMANDS[path].options.tables == ("Rows" in names_in(callback.__annotations__["return"]))
