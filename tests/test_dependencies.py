"""Test that the dependencies in pyproject.toml are those that the code imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from test_architecture import ROOT, modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = {"sostrades_cli", "server_stub", "tests"}
# It is known to type checkers only.
OWN |= {"_typeshed"}


def declared(*extras: str) -> set[str]:
    """Return the normalised names of the dependencies and of those in some extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return {_normalised(Requirement(line).name) for line in lines}


def imported(trees: Iterable[ast.AST]) -> set[str]:
    """Return the distributions that syntax trees import."""
    found = {name.split(".")[0] for tree in trees for name in _imports(tree)}
    known = packages_distributions()
    local = {path.stem for path in (ROOT / "tests").rglob("*") if path.suffix in {"", ".py"}}
    foreign = found - OWN - local - sys.stdlib_module_names
    return {_normalised(distribution) for name in foreign for distribution in known.get(name, [name])}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_program_imports_only_declared_dependencies() -> None:
    runtime = [extra for extra in EXTRAS if extra not in {"docs", "dev"}]
    assert imported(module.tree for module in modules()) - declared(*runtime) == set()


def test_every_dependency_is_imported() -> None:
    assert declared() - imported(module.tree for module in modules()) == set()


def test_tests_import_only_declared_dependencies() -> None:
    trees = [ast.parse(file.read_text("utf-8")) for file in (ROOT / "tests").rglob("*.py")]
    assert imported(trees) - declared(*EXTRAS) == set()
