"""Test that the cron script is quiet after success, and reports failures."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from recipes import pages
from recipes.workspace import BIN

if TYPE_CHECKING:
    from recipes.workspace import Workspace

pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="flock is not installed")


@pytest.fixture
def machine(workspace: Workspace) -> Workspace:
    """Return a home folder with the script, and with the key in the file that the page describes."""
    pages.write_files("cron", workspace.folder)
    [line] = re.findall(r"^    (install .*?) +# paste", pages.page("cron"), re.MULTILINE)
    workspace.runs(line, stdin=f"{workspace.key}\n")
    assert (workspace.folder / "studies/key").stat().st_mode & 0o777 == 0o600
    return workspace


@pytest.mark.slow
def test_mails_are_those_on_the_page(machine: Workspace) -> None:
    """None after success, the cause after a failure."""
    pages.check_sessions("cron", machine, SOSTRADES_API_KEY="")


@pytest.mark.slow
def test_crontab_line_runs_the_script(machine: Workspace) -> None:
    lines = (machine.folder / "crontab").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert settings["PATH"].startswith("/opt/sostrades/bin:")
    path = settings["PATH"].replace("/opt/sostrades/bin", str(BIN))
    [due] = [line for line in lines if line and line[0].isdigit()]
    command = due.split(maxsplit=5)[5]
    home = machine.folder
    done = machine.runs(f"env -i HOME={home} SHELL=/bin/sh PATH={path} SOSTRADES_HOST={machine.url} sh -c '{command}'")
    assert (done.returncode, done.stdout) == (0, "")
    [charts] = home.glob("studies/21/results/*/charts.html")
    assert charts.stat().st_mode & 0o777 == 0o600


def test_second_script_does_nothing_while_the_first_runs(machine: Workspace) -> None:
    done = machine.runs("mkdir -p studies/21 && flock studies/21/lock bash studies/study.sh 21", SOSTRADES_API_KEY="")
    assert (done.returncode, done.stdout) == (0, "")
    assert list((machine.folder / "studies/21/logs").iterdir()) == []


def test_key_readable_by_others_is_rejected(machine: Workspace) -> None:
    (machine.folder / "studies/key").chmod(0o644)
    done = machine.runs("bash studies/study.sh 21", SOSTRADES_API_KEY="")
    assert done.returncode == 4
    assert "can be read by others: chmod 600 it" in machine.as_elsewhere(done.stdout)
