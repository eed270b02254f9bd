"""Test what is imported when, in new processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from conftest import slow

from server_stub.server import running
from server_stub.worlds import build_world
from sostrades_cli.cli import framework
from sostrades_cli.cli.main import root

if TYPE_CHECKING:
    from collections.abc import Iterator

OFTEN = ("--interval", "0.1")  # the stub is fast
HEAVY = (
    "httpx",
    "rich",
    "pandas",
    "keyring",
    "flask",
    "ijson",
    "tenacity",
    "plotext",
    "plotly",
    "kaleido",
    "prompt_toolkit",
    "pygments",
    "junitparser",
    "networkx",
    "optuna",
    "sqlalchemy",
    "scipy",
    "SALib",
    "matplotlib",
    "markdown_it",
    "latex2mathml",
    "pylatexenc",
)
# Own modules and libraries that most commands do not need.
UNUSED = (
    "anyio cli.usage_errors output.streams output.text_width cli.prompt cli.run_options "
    "cli.help_topics suggestions files.locks local.key_sources local.key_files local.key_command "
    "local.keyring_entry local.aliases api.run_status operations.param.name_lookup operations.param.read "
    "operations.tables optional_deps"
)
# With some to spare: a new module must be worth its time.
MOST_OWN_OF_VERSION, MOST_OWN_OF_URL, MOST_OWN_OF_LOAD = 31, 55, 67
# Runs command lines one after the other in one process; notes who was first to import each watched library.
PROGRAM = """
import io, json, sys, traceback

class Watcher:
    def __init__(self, watched):
        self.watched, self.chains = watched, {}
    def find_spec(self, name, path=None, target=None):
        if name in self.watched and name not in self.chains:
            frames = traceback.extract_stack()[:-1]
            self.chains[name] = [f"{f.filename}:{f.lineno}" for f in frames if "importlib" not in f.filename]
        return None

request = json.load(sys.stdin)
watcher = Watcher(request["watched"])
sys.meta_path.insert(0, watcher)
from sostrades_cli.cli import framework
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.main import root, this_runtime

results = []
for arguments in request["lines"]:
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in "oe"]
    world = this_runtime()._replace(stdin=io.StringIO(), stdout=streams[0], stderr=streams[1])
    code = framework.run(root, Invocation(world, arguments))
    texts = []
    for stream in streams:
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    loaded = [name for name in request["watched"] if name in sys.modules]
    results.append({"line": arguments, "code": code, "out": texts[0], "err": texts[1], "loaded": loaded})
json.dump({"results": results, "chains": watcher.chains}, sys.stdout)
"""


def in_a_fresh_process(lines: list[list[str]], watched: tuple[str, ...], **environ: str) -> dict[str, Any]:
    """Run command lines in one new process. Return their results and the importers of each library."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps({"lines": lines, "watched": watched}),
        capture_output=True,
        text=True,
        env={**kept, **environ},
        timeout=60,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def paths(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every group and command."""
    yield path
    if isinstance(command, framework.LazyGroup):
        for name in command.table:
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from paths(inner, (*path, name))


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, str]]:
    """Serve a stub and return the environment for it."""
    world = build_world("demo", server="documented", speed=50.0)
    with running(world, 0) as url:
        yield {"SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}


def test_version_and_help_import_no_heavy_library() -> None:
    topics = [[], ["arguments"], ["options"], ["exit-codes"], ["environment"], ["study", "load"]]
    lines = [["--version"], [], *([*path, "--help"] for path in paths(root)), *(["help", *topic] for topic in topics)]
    answer = in_a_fresh_process(lines, HEAVY)
    assert len(answer["results"]) > 20
    for result in answer["results"]:
        assert result["code"] == 0, result
        assert result["out"]
        assert result["err"] == ""
    assert answer["chains"] == {}
    assert {tuple(result["loaded"]) for result in answer["results"]} == {()}


def test_completion_imports_no_heavy_library(tmp_path: Path) -> None:
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path) for name in ("CONFIG", "CACHE", "STATE")}
    asked = [["sostrades", *path, ""] for path in paths(root)]
    program = (
        "import json, sys\nfrom completion.shells import lines\nasked, environ = json.load(sys.stdin)\n"
        "answers = [lines(environ, 'zsh', words) for words in asked]\n"
        "json.dump([[len(answer) for answer in answers], sorted(sys.modules)], sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps([asked, folders]),
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parent)},
        timeout=60,
        check=True,
    )
    counts, loaded = json.loads(done.stdout)
    assert sum(counts) > len(asked)
    assert set(loaded) & set(HEAVY) == set()


def test_usage_errors_import_no_heavy_library() -> None:
    answer = in_a_fresh_process([["nosuch"], ["study", "nosuch"], ["study", "load"], ["study", "load", "abc"]], HEAVY)
    assert [result["code"] for result in answer["results"]] == [2, 2, 2, 2]
    assert answer["chains"] == {}


@pytest.mark.parametrize("every", [slow(1), 6])
def test_key_in_the_environment_needs_no_keyring(served: dict[str, str], tmp_path: Path, every: int) -> None:
    """On success in a pipe, httpx is the only heavy library."""
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    cases = tmp_path / "cases.csv"
    cases.write_text("Macro.gamma\n0.2\n")
    lines = [
        ["auth", "status"],
        ["study", "load", "21"],
        ["study", "load", "21", "-F", "json", "--query", "length(@)"],
        ["study", "url", "21"],
        ["param", "list", "21"],
        ["param", "get", "21", "dice.Macro.gamma"],
        ["param", "show", "21", "Macro.population"],
        ["param", "set", "21", "dice.Macro.gamma=0.29"],
        ["param", "download", "21", "dice.Macro.population"],
        ["param", "reset", "21", "dice.Macro.gamma"],
        ["param", "undo", "21"],
        ["param", "history", "21"],
        ["study", "export", "21", str(tmp_path / "dice")],
        ["study", "diff", "21", str(tmp_path / "dice")],
        ["study", "apply", str(tmp_path / "dice"), "21"],
        [
            "calc",
            "sweep",
            "21",
            str(cases),
            "--collect",
            "Damage.total_damage",
            "-o",
            str(tmp_path / "results.csv"),
            *OFTEN,
        ],
        ["calc", "status", "21"],
        ["calc", "run", "21", *OFTEN],
        ["calc", "watch", "21", "-F", "ndjson", *OFTEN],
        ["study", "logs", "21"],
        ["study", "copy", "21", "a-copy"],
        ["postproc", "load", "21"],
        ["postproc", "html", "21", "-o", str(tmp_path / "page.html")],
        ["postproc", "html", "21", "--offline", "-o", str(tmp_path / "offline.html")],
        ["postproc", "list", "21"],
        ["postproc", "show", "21", "2", "-F", "csv"],
        ["postproc", "diff", "21", "21"],
        ["postproc", "export", "21", "-d", str(tmp_path / "charts"), "--as", "json"],
        ["api", "GET", "/api/v0/calculation/status/21"],
    ]
    watched = ("keyring", "pandas", "flask", "httpx", "rich", "tenacity", "plotext", "plotly", "kaleido")
    answer = in_a_fresh_process(lines[::every], watched, **served, **folders)
    # Not every table can be copied (exit 8), which is not the matter here.
    failed = [(result["line"], result["err"]) for result in answer["results"] if result["code"] not in {0, 8}]
    assert failed == []
    assert set(answer["chains"]) == {"httpx"}
    assert {tuple(result["loaded"]) for result in answer["results"]} == {("httpx",)}


def test_change_of_a_number_imports_no_code_for_tables(served: dict[str, str], tmp_path: Path) -> None:
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    tables = ("codec", "downloads", "json_values", "match", "stored_table", "table_change", "upload")
    watched = tuple(f"sostrades_cli.operations.tables.{name}" for name in tables)
    lines = [["param", "set", "21", "Macro.gamma=0.28", "--force"], ["param", "undo", "21", "--force"]]
    answer = in_a_fresh_process(lines, watched, **served, **folders)
    assert [(result["code"], result["loaded"]) for result in answer["results"]] == [(0, [])] * 2, answer


def test_local_commands_import_no_heavy_library(tmp_path: Path) -> None:
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    lines = [
        ["config", "list"],
        ["config", "get", "profile"],
        ["config", "explain", "host"],
        ["config", "path"],
        ["config", "set", "host", "https://corp.example"],
        ["alias", "set", "dice", "21"],
        ["alias", "list"],
        ["alias", "remove", "dice"],
        ["study", "list"],
        ["param", "history", "21"],
        ["completion", "bash"],
        ["completion", "fish", "--install"],
        ["completion", "fish", "--status"],
        ["completion", "fish", "--uninstall"],
    ]
    answer = in_a_fresh_process(lines, HEAVY, **folders, HOME=str(tmp_path))
    assert [(r["line"], r["err"]) for r in answer["results"] if r["code"]] == []
    assert answer["chains"] == {}


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [(("show", "21", "2"), {"plotext"}), slow(("export", "21", "-d", "charts", "--as", "csv"), {"pandas"})],
)
def test_charts_import_only_the_library_of_their_format(
    served: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], loaded: set[str]
) -> None:
    """Drawings need plotext, and CSV needs pandas."""
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    words = [str(tmp_path / word) if word == "charts" else word for word in arguments]
    watched = ("keyring", "pandas", "flask", "plotext", "plotly", "kaleido")
    [result] = in_a_fresh_process([["postproc", *words]], watched, **served, **folders)["results"]
    assert (result["code"], set(result["loaded"])) == (0, loaded)


# Runs one command line as the program does; then what it imported.
MODULES = """
import json, sys
from sostrades_cli.__main__ import main

try:
    main()
finally:
    json.dump(sorted(name for name, module in sys.modules.items() if module), sys.stderr)
"""


@pytest.mark.parametrize(
    ("line", "most_own", "unused"),
    [
        ("--version", MOST_OWN_OF_VERSION, "httpx output.render local.cache suggestions"),
        ("study url 21", MOST_OWN_OF_URL, f"{UNUSED} api.models"),
        ("study load 21 -F json", MOST_OWN_OF_LOAD, UNUSED),
    ],
)
def test_few_own_modules_are_imported(
    served: dict[str, str], tmp_path: Path, line: str, most_own: int, unused: str
) -> None:
    """Each module takes 0.1 to 0.3 ms of every start."""
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    done = subprocess.run(
        [sys.executable, "-c", MODULES, *line.split()],
        capture_output=True,
        text=True,
        env={**folders, **served},
        timeout=60,
        check=True,
    )
    loaded = {name.removeprefix("sostrades_cli.") for name in json.loads(done.stderr)}
    assert loaded & set(unused.split()) == set()
    own = [name for name in json.loads(done.stderr) if name.startswith("sostrades_cli.")]
    assert len(own) <= most_own, own


# A program that has neither click nor rich; then what it imported.
LIBRARY = """
import json, sys
sys.modules["click"] = sys.modules["rich"] = None

import sostrades_cli
loaded = {"sostrades_cli": sorted(sys.modules)}
from sostrades_cli import Client, RunFailed, Study
loaded["Client"] = sorted(sys.modules)
with Client() as server:
    study = server.study(21)
    study.run(set={"Macro.gamma": 0.25}, interval_s=0.1)
    study.get("Macro.gamma")
    loaded["run"] = sorted(sys.modules)
"""
# Its next lines, which import pandas.
TABLES = """
    study.get("Macro.population")
    study.undo()
    study.run(interval_s=0.1)
    study.charts()
    study.chart(2)
    study.export("dice")
    server.diff(21, "./dice")
    study.sweep("cases.csv", "Damage.total_damage", "results.csv", interval_s=0.1)
    loaded["all"] = sorted(sys.modules)
"""
PRINTED = "json.dump(loaded, sys.stdout)"


def loaded_by(program: str, folder: Path, served: dict[str, str]) -> tuple[dict[str, set[str]], list[str]]:
    """Run a program and return the loaded modules by step, and the lines on standard error."""
    folders = {f"SOSTRADES_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program + PRINTED],
        capture_output=True,
        text=True,
        env={**folders, **served},
        cwd=folder,
        timeout=60,
        check=True,
    )
    loaded = {step: set(names) - {"click", "rich"} for step, names in json.loads(done.stdout).items()}
    return loaded, done.stderr.splitlines()


def test_library_imports_only_what_it_uses(served: dict[str, str], tmp_path: Path) -> None:
    loaded, _ = loaded_by(LIBRARY, tmp_path, served)
    assert not any(
        name.startswith("sostrades_cli.") and name != "sostrades_cli.version" for name in loaded["sostrades_cli"]
    )
    assert not loaded["Client"] & {*HEAVY, "sostrades_cli.cli.framework"}
    assert not loaded["run"] & {"pandas", "keyring", "plotext", "plotly"}


@pytest.mark.slow
def test_library_imports_pandas_for_tables_only(served: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("Macro.gamma\n0.2\n")
    loaded, notes = loaded_by(LIBRARY + TABLES, tmp_path, served)
    # Python shows the warnings of a program that says nothing of logging.
    assert [text in "".join(notes) for text in ("Macro.matrix", "Macro.locked", "loses the results")] == [True] * 3
    assert len(notes) == 3
    assert not loaded["all"] & {"keyring", "plotext", "plotly", "sostrades_cli.cli.framework", "sostrades_cli.commands"}
    assert {"pandas", "httpx"} <= loaded["all"]
