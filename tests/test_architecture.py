"""Test the structure of the code with its syntax trees."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from syntax_trees import dotted, nodes_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sostrades_cli", "server_stub")
# From the top down; a unit is a package or a module directly below sostrades_cli.
LAYERS = (
    {"__init__", "__main__"},
    {"commands"},
    {"cli", "library"},
    {"completion"},
    {"app", "runtime", "views"},
    {"operations"},
    {"plotly_figures"},
    {"api", "output", "optional_deps", "run_events"},
    {"local", "files", "markdown", "clock", "exit_codes", "suggestions"},
    {"study_reference", "run_phase", "solver_settings", "redaction", "number_text"},
    {"safe_parsers", "errors", "system", "version"},
)
DEPTH = {unit: depth for depth, layer in enumerate(LAYERS) for unit in layer}
BELOW_CLI = {unit for unit, depth in DEPTH.items() if depth > DEPTH["cli"]}
MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_COMMAND = 100
MOST_LINES_OF_A_FUNCTION = 40
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
FILLERS = {"door", "found", "held", "how", "one", "place", "seen", "thing", "told", "wanted", "what", "who"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A module: its dotted name and its file."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        """Return the syntax tree."""
        return tree_of(self.path)

    @property
    def unit(self) -> str:
        """Return the unit of sostrades_cli that it belongs to."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else "__init__"

    @property
    def where(self) -> str:
        """Return the path relative to the root of the project."""
        return str(self.path.relative_to(ROOT))


@dataclass(frozen=True)
class Import:
    """One import: its module, its target, its line and its context."""

    module: Module
    target: str
    line: int
    in_function: bool
    for_typing: bool

    def __str__(self) -> str:
        kind = " (TYPE_CHECKING)" if self.for_typing else ""
        return f"{self.module.where}:{self.line} imports {self.target}{kind}"


@cache
def modules() -> tuple[Module, ...]:
    """Return the modules of both packages."""
    return tuple(_read(path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))


def _read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path)


def of(package: str) -> list[Module]:
    """Return the modules of a package."""
    return [module for module in modules() if module.name.split(".")[0] == package]


@cache
def imports() -> tuple[Import, ...]:
    """Return every import of both packages, including those in functions and for type checking."""
    return tuple(item for module in modules() for item in _imports(module, module.tree))


def _imports(module: Module, node: ast.AST, *, in_function: bool = False, for_typing: bool = False) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):  # it contains no import
            continue
        for target in _targets(module, child):
            yield Import(module, target, child.lineno, in_function, for_typing)  # type: ignore[attr-defined]
        inner = in_function or isinstance(child, Function)
        typing = for_typing or (isinstance(child, ast.If) and dotted(child.test).endswith("TYPE_CHECKING"))
        yield from _imports(module, child, in_function=inner, for_typing=typing)


def _targets(module: Module, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        return [full if (full := f"{base}.{alias.name}") in module_names() else base for alias in node.names]
    return []


@cache
def module_names() -> frozenset[str]:
    """Return the dotted names of the modules of both packages."""
    return frozenset(module.name for module in modules())


def unit_of(target: str) -> str | None:
    """Return the unit of sostrades_cli that a dotted name belongs to."""
    parts = target.split(".")
    if parts[0] != "sostrades_cli":
        return None
    return parts[1] if len(parts) > 1 else "__init__"


def functions(module: Module) -> Iterator[Function]:
    """Yield the functions of a module, including methods and inner functions."""
    yield from nodes_of(module.path, ast.FunctionDef)
    yield from nodes_of(module.path, ast.AsyncFunctionDef)


def calls(module: Module) -> Iterator[tuple[str, int]]:
    """Yield the calls of a module as written, with their lines."""
    return ((dotted(node.func), node.lineno) for node in nodes_of(module.path, ast.Call))


def test_every_module_has_a_layer() -> None:
    """Each name of a layer exists."""
    assert {module.unit for module in of("sostrades_cli")} == set(DEPTH)


def test_imports_point_downward() -> None:
    """No module imports from a layer above its own, not even for type checking."""
    wrong = [
        str(item)
        for item in imports()
        if (unit := unit_of(item.target)) is not None
        and item.module.name.startswith("sostrades_cli")
        and DEPTH[unit] < DEPTH[item.module.unit]
    ]
    assert wrong == []


def test_units_have_no_circular_imports() -> None:
    graph: dict[str, set[str]] = {unit: set() for unit in DEPTH}
    for result in imports():
        unit = unit_of(result.target)
        if result.module.name.startswith("sostrades_cli") and unit not in {None, result.module.unit}:
            graph[result.module.unit].add(str(unit))
    assert len(list(TopologicalSorter(graph).static_order())) == len(DEPTH)


def test_modules_have_no_circular_imports_at_run_time() -> None:
    graph: dict[str, set[str]] = {module.name: set() for module in modules()}
    for result in imports():
        if not result.for_typing and result.target in graph and result.target != result.module.name:
            graph[result.module.name].add(result.target)
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph)


def test_api_and_output_do_not_import_each_other() -> None:
    pairs = {(item.module.unit, unit_of(item.target)) for item in imports()}
    assert not pairs & {("api", "output"), ("output", "api")}


def test_operations_import_neither_rows_nor_views() -> None:
    """They import neither rows nor views."""
    wrong = [
        str(item)
        for item in imports()
        if item.module.unit == "operations"
        and (item.target == "sostrades_cli.output.results" or unit_of(item.target) == "views")
    ]
    assert wrong == []


def test_app_imports_no_operation() -> None:
    """It only imports the context that all operations take, and the check before each first read of a study."""
    targets = {item.target for item in imports() if item.module.name == "sostrades_cli.app"}
    assert {target for target in targets if unit_of(target) in {"operations", "views"}} == {
        "sostrades_cli.operations.case_values",
        "sostrades_cli.operations.context",
    }


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("keyring", {"sostrades_cli.local.keyring_store"}),
        (
            "httpx",
            {
                "sostrades_cli.api.http.addresses",
                "sostrades_cli.api.http.body_limits",
                "sostrades_cli.api.http.interruptible",
                "sostrades_cli.api.http.session",
                "sostrades_cli.api.http.transport",
                "sostrades_cli.runtime",
            },
        ),
        ("tenacity", {"sostrades_cli.api.http.retry"}),
    ],
)
def test_keyring_httpx_and_tenacity_have_one_importer(library: str, allowed: set[str]) -> None:
    """Their errors are converted there."""
    names = {i.module.name for i in imports() if i.target.split(".")[0] == library}
    assert {name for name in names if name.startswith("sostrades_cli")} <= allowed


def test_runtime_imports_httpx_only_for_type_checking() -> None:
    result = [i for i in imports() if i.module.name == "sostrades_cli.runtime" and i.target.split(".")[0] == "httpx"]
    assert all(i.for_typing for i in result)


def test_click_and_rich_are_imported_only_above_operations() -> None:
    """Only output imports rich."""
    wrong = [
        str(item)
        for item in imports()
        if item.module.name.startswith("sostrades_cli")
        and item.module.unit in BELOW_CLI | {"library"}
        and (
            item.target.split(".")[0] == "click"
            or (item.target.split(".")[0] == "rich" and item.module.unit != "output")
        )
    ]
    assert wrong == []


def test_library_does_not_import_the_command_line() -> None:
    allowed = {"library", *BELOW_CLI}
    result = {unit_of(i.target) for i in imports() if i.module.unit == "library"}
    assert {unit for unit in result if unit is not None} <= allowed


def test_stub_does_not_import_the_client() -> None:
    assert [str(i) for i in imports() if i.module.name.startswith("server_stub") and unit_of(i.target)] == []


def test_client_imports_the_stub_only_in_functions() -> None:
    """It loads without the stub's extra."""
    wrong = [
        str(item)
        for item in imports()
        if item.module.name.startswith("sostrades_cli")
        and item.target.split(".")[0] in {"server_stub", "flask", "werkzeug"}
        and not (item.in_function or item.for_typing)
    ]
    assert wrong == []


def test_only_cli_exits_and_nothing_prints() -> None:
    ending = {"sys.exit", "exit", "quit", "os._exit", "SystemExit"}
    may_end = {"sostrades_cli.__main__", "sostrades_cli.cli.main"}
    wrong = [
        f"{module.where}:{line} {name}"
        for module in of("sostrades_cli")
        for name, line in calls(module)
        if name == "print" or (name in ending and module.name not in may_end)
    ]
    assert wrong == []


def test_broad_excepts_have_a_reason() -> None:
    """They are allowed at the error door, in threads that pass errors on, and around readers of untrusted text."""
    wide = [
        (module.name, node.lineno)
        for module in of("sostrades_cli")
        for node in nodes_of(module.path, ast.ExceptHandler)
        if _is_wide(node)
    ]
    assert sorted({name for name, _ in wide}) == [
        "sostrades_cli.cli.framework",
        "sostrades_cli.local.keyring_store",
        "sostrades_cli.markdown.formulas",
        "sostrades_cli.operations.thread_pool",
    ]
    assert len(wide) == 4
    for name, line in wide:
        [module] = [m for m in modules() if m.name == name]
        assert "# noqa: BLE001 - " in module.path.read_text(encoding="utf-8").splitlines()[line - 1]


def _is_wide(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = {ast.unparse(node) for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(caught & {"Exception", "BaseException"})


def test_modules_are_short() -> None:
    """Modules have fewer than 400 lines, command files fewer than 100."""
    wrong = []
    for module in modules():
        lines = len(module.path.read_text(encoding="utf-8").splitlines())
        most = MOST_LINES_OF_A_COMMAND if ".commands" in module.name else MOST_LINES_OF_A_MODULE
        if lines >= most:
            wrong.append(f"{module.where}: {lines} lines")
    assert wrong == []


def lines_of(node: Function) -> int:
    """Return the number of lines of a function without its docstring."""
    docstring = ast.get_docstring(node, clean=False) or ""
    return (node.end_lineno or node.lineno) - node.lineno + 1 - len(docstring.splitlines())


def test_functions_are_short() -> None:
    """Functions have fewer than 40 lines, including the signature. The docstring of a command is its help."""
    wrong = [
        f"{module.where}:{node.lineno} {node.name}: {length} lines"
        for module in modules()
        for node in functions(module)
        if (length := lines_of(node)) >= MOST_LINES_OF_A_FUNCTION
    ]
    assert wrong == []


def test_modules_have_specific_names() -> None:
    """No module is called utils, helpers or common."""
    assert [m.where for m in modules() if FORBIDDEN_NAMES & set(m.name.lower().split("."))] == []


def test_module_names_are_nouns() -> None:
    """None ends in -ing, except post_processing, the word of the API."""
    names = {part for m in of("sostrades_cli") for part in m.name.split(".") if part.endswith("ing")}
    assert names == {"post_processing"}


def test_class_names_are_unique() -> None:
    counts = Counter(
        node.name
        for module in of("sostrades_cli")
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in counts.items() if count > 1] == []


def bound_names(module: Module) -> Iterator[tuple[int, str]]:
    """Yield the names of variables, parameters and attributes where they are set, with their lines."""
    for name in nodes_of(module.path, ast.Name):
        if isinstance(name.ctx, ast.Store):
            yield name.lineno, name.id
    for argument in nodes_of(module.path, ast.arg):
        yield argument.lineno, argument.arg
    for attribute in nodes_of(module.path, ast.Attribute):
        if isinstance(attribute.ctx, ast.Store):
            yield attribute.lineno, attribute.attr


def test_names_are_not_fillers() -> None:
    """Variables, parameters and attributes are named after what they hold."""
    wrong = [
        f"{module.where}:{line} {name}" for module in modules() for line, name in bound_names(module) if name in FILLERS
    ]
    assert wrong == []


def test_commands_do_not_import_each_other() -> None:
    """What several commands share is in views or cli."""
    wrong = [
        str(item)
        for item in imports()
        if item.module.unit == "commands"
        and item.module.path.name != "__init__.py"
        and unit_of(item.target) == "commands"
    ]
    assert wrong == []


def test_public_objects_have_docstrings() -> None:
    wrong = [module.where for module in modules() if not ast.get_docstring(module.tree)]
    for module in modules():
        wrong += [f"{module.where}: {name}" for name in _undescribed(module.tree, "")]
    assert wrong == []


def _undescribed(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for child in node.body:
        if not isinstance(child, Function | ast.ClassDef) or child.name.startswith("_"):
            continue
        if not ast.get_docstring(child) and not _is_overload(child):
            yield f"{prefix}{child.name}"
        if isinstance(child, ast.ClassDef):
            yield from _undescribed(child, f"{prefix}{child.name}.")


def _is_overload(node: Function | ast.ClassDef) -> bool:
    return any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list)


def test_commands_do_not_use_streams() -> None:
    wrong = [
        f"{module.where}:{line} {name}"
        for module in of("sostrades_cli")
        if module.unit == "commands"
        for name, line in calls(module)
        if name.startswith(("click.echo", "click.secho", "sys.")) or name.endswith((".stdout.write", ".stderr.write"))
    ]
    assert wrong == []


def existing(name: str) -> Path | None:
    """Return the file or folder that the page on the architecture means."""
    bases = (ROOT, ROOT / "sostrades_cli", ROOT / "server_stub", ROOT / "tests")
    return next((base / name for base in bases if (base / name).exists()), None)


def test_architecture_page_names_existing_files() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+(?:\.(?:py|json|md)|/))`", page))
    assert len(named) > 50
    assert [name for name in sorted(named) if existing(name) is None] == []


def test_architecture_page_names_objects_of_their_files() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`\s+of\s+`([\w/]+\.py)`", page))
    assert len(named) > 20
    texts = {file: path.read_text(encoding="utf-8") for _, file in named if (path := existing(file)) is not None}
    assert [pair for pair in sorted(named) if not re.search(rf"\b{pair[0]}\b", texts.get(pair[1], ""))] == []
