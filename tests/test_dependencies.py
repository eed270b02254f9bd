"""Test that the dependencies in pyproject.toml are those that the code imports."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from importlib.metadata import distributions as installed
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from test_architecture import ROOT, imports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = {"sostrades_cli", "server_stub", "tests"}
# It is known to type checkers only.
OWN |= {"_typeshed"}
# The test of its recipe uses a stand-in.
OWN |= {"airflow"}
# The module of an import statement, also in a program in a string. Syntax trees of all tests take seconds.
IMPORT = re.compile(r"^ *(?:from (?=\w)|import )([\w.]+)", re.MULTILINE)
AT_THE_TOP = re.compile(r"^(?:from (?=\w)|import )([\w.]+)", re.MULTILINE)


def declared(*extras: str) -> set[str]:
    """Return the normalised names of the dependencies and of those in some extras, including the extras in them."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    requirements = [Requirement(line) for line in lines]
    inner = {extra for item in requirements if item.name == PROJECT["name"] for extra in item.extras}
    names = {_normalised(item.name) for item in requirements if item.name != PROJECT["name"]}
    return names | declared(*inner) if inner else names


@cache
def distributions() -> Mapping[str, list[str]]:
    """Return the installed distributions by the modules that they provide."""
    return packages_distributions()


def distributions_of(names: Iterable[str]) -> set[str]:
    """Return the distributions that provide imported modules, without our own ones and the standard library."""
    known = distributions()
    local = {path.stem for path in (ROOT / "tests").rglob("*") if path.suffix in {"", ".py"}}
    foreign = {name.split(".")[0] for name in names} - OWN - local - sys.stdlib_module_names
    return {_normalised(distribution) for name in foreign for distribution in known.get(name, [name])}


def texts_of_tests() -> list[str]:
    """Return the modules below `tests/`."""
    return [file.read_text("utf-8") for file in (ROOT / "tests").rglob("*.py")]


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_program_imports_only_declared_dependencies() -> None:
    runtime = [extra for extra in EXTRAS if extra not in {"docs", "dev", "all-tests"}]
    assert distributions_of(item.target for item in imports()) - declared(*runtime) == set()


def test_every_dependency_is_imported() -> None:
    assert declared() - distributions_of(item.target for item in imports()) == set()


def test_tests_import_only_declared_dependencies() -> None:
    names = {name for text in texts_of_tests() for name in IMPORT.findall(text)}
    assert "pytest" in names
    assert distributions_of(names) - declared(*EXTRAS) == set()


def test_modules_of_tests_can_be_imported_with_the_extra_dev_only() -> None:
    """Packages of other extras are imported in functions, or after `pytest.importorskip`."""
    names = {name for text in texts_of_tests() for name in AT_THE_TOP.findall(text.partition("importorskip")[0])}
    assert "pytest" in names
    # A program in a string imports it.
    assert distributions_of(names) - declared("dev") == {"requests"}


@pytest.mark.slow
def test_no_package_of_the_long_tests_is_missing() -> None:
    """Without a package, some of them would be skipped."""
    names = {_normalised(distribution.metadata["Name"]) for distribution in installed()}
    assert declared("all-tests") - names == set()
