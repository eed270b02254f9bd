"""The program without the modules, functions and flags that only POSIX has.

This shows no Windows: paths have slashes, and file locks are those of this system. It shows that nothing of POSIX is
needed, and what differs on purpose.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server_stub.server import running
from server_stub.worlds import build_world

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("simulated_windows.py")
REPORT = (
    "import sys, os; open('report.txt', 'w', encoding='utf-8').write(sys.argv[1] + os.environ['SOSTRADES_OUTCOME'])"
)
# Lines by name, in the order in which they run in one folder.
LINES = {
    "version": ["--version"],
    "help": ["study", "load", "--help"],
    "status of the key": ["auth", "status"],
    "load": ["study", "load", "21"],
    "load as csv": ["study", "load", "21", "-o", "values.csv"],
    "open target": ["study", "load", "21", "-F", "csv", "-o", "open.csv", "--overwrite"],
    "list": ["param", "list", "21", "-F", "json"],
    "set": ["param", "set", "21", "Macro.gamma=0.25"],
    "get": ["param", "get", "21", "Macro.gamma"],
    "note": ["param", "get", "21", "Macro.note"],
    "undo": ["param", "undo", "21"],
    "history": ["param", "history", "21", "-F", "json"],
    "set a table": ["param", "set", "21", "Macro.population=@population.csv"],
    "download": ["param", "download", "21", "Macro.population", "-o", "downloaded.csv"],
    "run": ["calc", "run", "21", "--notify", "--on-finish", f'"{sys.executable}" report.py C:\\data\\21.txt'],
    "status": ["calc", "status", "21"],
    "watch": ["calc", "watch", "21", "-F", "ndjson"],
    "sweep": ["calc", "sweep", "21", "cases.csv", "--collect", "Damage.total_damage", "-o", "results.csv"],
    "export": ["study", "export", "21", "dice"],
    "diff": ["study", "diff", "21", "dice"],
    "charts": ["postproc", "list", "21"],
    "chart files": ["postproc", "export", "21", "-d", "charts", "--as", "csv"],
    "page": ["postproc", "html", "21", "-o", "page.html"],
    "alias": ["alias", "set", "dice", "21"],
    "setting": ["config", "set", "format", "tsv"],
    "doctor": ["doctor"],
    "install": ["completion", "powershell", "--install"],
    "uninstall": ["completion", "powershell", "--uninstall"],
    "missing folder": ["study", "load", "21", "-F", "csv", "-o", "no where/values.csv"],
    "latin-1": ["param", "set", "21", "Macro.population=@latin1.csv"],
    "archive": ["param", "set", "21", "Macro.population=@table.gz"],
}
REFUSED = {"open target": 1, "missing folder": 2, "latin-1": 2, "archive": 2}


class Simulation:
    """What the lines left: their outcomes by name, the imported modules, and the folder."""

    def __init__(self, answer: dict[str, Any], folder: Path) -> None:
        self.outcomes = dict(zip(LINES, answer["outcomes"], strict=True))
        self.modules = set(answer["modules"])
        self.folder = folder


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """Run all lines in one process that has nothing of POSIX."""
    folder = tmp_path_factory.mktemp("windows")
    (folder / "population.csv").write_text("years,population\n2020,7886.7\n2021,7966.7\n")
    (folder / "cases.csv").write_text("case,Macro.gamma\nlow,0.1\nLOW,0.9\n")
    (folder / "latin1.csv").write_bytes(b"years,caf\xe9\n2020,1\n")
    (folder / "table.gz").write_bytes(b"\x1f\x8b\x08\0")
    (folder / "open.csv").write_text("old\n")
    (folder / "report.py").write_text(REPORT)
    world = build_world("demo", speed=20.0)
    with running(world) as url:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder / "home"),
            "USERPROFILE": str(folder / "home"),
            "LOCALAPPDATA": str(folder / "home" / "AppData" / "Local"),
            "SOSTRADES_HOST": url,
            "SOSTRADES_API_KEY": world.key,
            **{f"SOSTRADES_{name}_DIR": str(folder / f".{name}") for name in ("CONFIG", "CACHE", "STATE")},
        }
        done = subprocess.run(
            # A file that is opened in the encoding of the system, which differs on Windows, is an error.
            [sys.executable, "-X", "warn_default_encoding", "-W", "error", PROGRAM],
            input=json.dumps(list(LINES.values())),
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=folder,
            env=environ,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return Simulation(json.loads(done.stdout), folder)


pytestmark = pytest.mark.slow


def test_every_module_is_imported(windows: Simulation) -> None:
    files = [path for package in ("sostrades_cli", "server_stub") for path in (ROOT / package).rglob("*.py")]
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files}
    assert {name for name in names if "." in name and not name.endswith("__main__")} == windows.modules


@pytest.mark.parametrize("name", LINES)
def test_command_works_without_posix(windows: Simulation, name: str) -> None:
    done = windows.outcomes[name]
    assert done["code"] == REFUSED.get(name, 0), done["err"]
    assert "Traceback" not in done["err"]
    assert "a bug in" not in done["err"]


def test_results_are_utf_8_with_plain_line_ends(windows: Simulation) -> None:
    assert windows.outcomes["note"]["out"] == "café ☃ naïve\n"
    assert [name for name, done in windows.outcomes.items() if "\r" in done["out"] + done["err"]] == []
    assert b"\r" not in (windows.folder / "values.csv").read_bytes()


def test_on_finish_command_keeps_its_backslashes(windows: Simulation) -> None:
    assert (windows.folder / "report.txt").read_text(encoding="utf-8") == r"C:\data\21.txtFINISHED"


def test_cases_that_differ_only_in_case_have_folders_of_their_own(windows: Simulation) -> None:
    steps = (windows.folder / "results.csv").read_text(encoding="utf-8").splitlines()
    assert [step.split(",")[0] for step in steps] == ["case", "low", "LOW"]


def test_doctor_gives_no_advice_about_permissions(windows: Simulation) -> None:
    out = windows.outcomes["doctor"]["out"]
    assert "chmod" not in out
    assert "read" not in "".join(line for line in out.splitlines() if line.startswith(("config", "cache", "state")))


def test_completion_of_powershell_is_installed_for_the_user_and_removed(windows: Simulation) -> None:
    rows = [line.split("\t") for line in windows.outcomes["install"]["out"].splitlines()[1:]]
    home = windows.folder / "home"
    assert [(row[1], row[2]) for row in rows] == [
        (str(home / "AppData" / "Local" / "sostrades" / "sostrades.ps1"), "current"),
        (str(home / "Documents" / "PowerShell" / "Microsoft.PowerShell_profile.ps1"), "current"),
    ]
    assert "\tabsent" in windows.outcomes["uninstall"]["out"]
    assert "\tcurrent" not in windows.outcomes["uninstall"]["out"]


def test_result_for_a_file_that_is_open_elsewhere_is_kept_beside_it(windows: Simulation) -> None:
    error = windows.outcomes["open target"]["err"]
    assert "open.new.csv" in error
    assert (windows.folder / "open.csv").read_text() == "old\n"
    assert (windows.folder / "open.new.csv").read_bytes() == (windows.folder / "values.csv").read_bytes()
    assert list(windows.folder.glob(".open*")) == []


def test_hints_name_commands_that_windows_has(windows: Simulation) -> None:
    assert 'mkdir "no where"' in windows.outcomes["missing folder"]["err"]
    for name in ("latin-1", "archive"):
        hint = windows.outcomes[name]["err"].partition("try: ")[2]
        assert hint
        assert "iconv" not in hint
        assert "gzip -dc" not in hint
