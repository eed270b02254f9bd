"""Test that the code avoids dangerous calls, and that its dependencies are bounded and free."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from typing import TYPE_CHECKING, Final

import pytest
from conftest import slow
from packaging.requirements import Requirement
from syntax_trees import dotted, nodes_of
from test_architecture import ROOT, modules
from test_dependencies import declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CALLS: Final = frozenset(
    {
        *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execv", "os.spawnv", "tempfile.mktemp"),
        *("yaml.load", "yaml.unsafe_load", "pandas.read_pickle", "pd.read_pickle", "np.load", "numpy.load"),
        *("ssl._create_unverified_context", "subprocess.getoutput", "subprocess.getstatusoutput"),
    }
)
IMPORTS: Final = frozenset({"pickle", "marshal", "shelve", "dill", "cloudpickle", "telnetlib", "ftplib"})
# What must not be said to any call: a shell, a certificate that is not looked at.
ARGUMENTS: Final = {"shell": True, "verify": False, "check_hostname": False, "allow_pickle": True}
LICENCES: Final = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Unlicense|HPND", re.IGNORECASE
)


def faults(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the forbidden calls and imports among the nodes of a syntax tree."""
    for node in nodes:
        if isinstance(node, ast.Call):
            if (name := dotted(node.func)) in CALLS:
                yield f"line {node.lineno}: {name}()"
            for word in node.keywords:
                value = word.value.value if isinstance(word.value, ast.Constant) else None
                if word.arg in ARGUMENTS and value is ARGUMENTS[word.arg]:
                    yield f"line {node.lineno}: {word.arg}={value}"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names]
            yield from (f"line {node.lineno}: import {name}" for name in names if name.split(".")[0] in IMPORTS)


def test_code_has_no_forbidden_calls() -> None:
    """No eval, pickle or shell, no unverified certificates, no guessed temporary names."""
    types = (ast.Call, ast.Import, ast.ImportFrom)
    result = {module.where: list(faults(nodes_of(module.path, *types))) for module in modules()}
    assert {where: item for where, item in result.items() if item} == {}


@pytest.mark.parametrize(
    "code",
    [
        *("eval('1')", "exec(x)", "import pickle", "from pickle import loads", "subprocess.run(x, shell=True)"),
        *("os.system('ls')", "yaml.load(x)", "tempfile.mktemp()", "httpx.get(x, verify=False)"),
    ],
)
def test_forbidden_calls_are_detected(code: str) -> None:
    assert list(faults(ast.walk(ast.parse(code))))


def requirements() -> list[Requirement]:
    """Return the requirements of the project with all extras except those of development."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [
        line
        for name, lines in project["optional-dependencies"].items()
        if name not in {"dev", "all-tests"}
        for line in lines
    ]
    return [Requirement(line) for line in (*project["dependencies"], *extras)]


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_dependency_has_a_lowest_version(requirement: Requirement) -> None:
    assert any(item.operator in {">=", "~=", "=="} for item in requirement.specifier)
    assert requirement.url is None


def _all_of(names: list[str]) -> set[str]:
    """Return the names of packages and of their installed requirements."""
    result: set[str] = set()
    while names:
        name = names.pop().lower()
        try:
            lines = metadata(name).get_all("Requires-Dist") or []
        except PackageNotFoundError:
            continue  # of another system
        if name not in result:
            result.add(name)
            needed = [Requirement(line) for line in lines]
            names += [item.name for item in needed if item.marker is None or item.marker.evaluate({"extra": ""})]
    return result


@pytest.mark.parametrize("extra", ["dev", slow("all-tests")])
def test_every_licence_is_known_and_free(extra: str) -> None:
    unknown = {}
    for name in sorted(_all_of([*declared(extra)])):
        about = metadata(name)
        licences = [about.get("License-Expression"), about.get("License"), *(about.get_all("Classifier") or [])]
        licence = " ".join(
            text[:200] for text in licences if text and (len(licences) == 1 or "::" not in text or "License" in text)
        )
        if not LICENCES.search(licence):
            unknown[name] = licence
    assert unknown == {}
