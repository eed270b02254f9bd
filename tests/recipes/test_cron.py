"""The script for cron is quiet when all went well, and tells why when not."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from recipes import pages
from recipes.place import BIN

if TYPE_CHECKING:
    from recipes.place import Place

pytestmark = pytest.mark.skipif(not shutil.which("flock"), reason="flock is not installed")


@pytest.fixture
def machine(place: Place) -> Place:
    """Return a home with the script, and with the key in the file that the page says how to make."""
    pages.write_files("cron", place.folder)
    [line] = re.findall(r"^    (install .*?) +# paste", pages.page("cron"), re.MULTILINE)
    place.runs(line, stdin=f"{place.key}\n")
    assert (place.folder / "studies/key").stat().st_mode & 0o777 == 0o600
    return place


@pytest.mark.slow
def test_what_is_mailed_is_what_the_page_shows(machine: Place) -> None:
    """Nothing after a good run; the cause and the exit code after a failed one, 124 and 8 when it goes on."""
    pages.check_sessions("cron", machine, SOSTRADES_API_KEY="")


def test_the_line_of_the_crontab_runs_the_script(machine: Place) -> None:
    """With nothing in its environment but what the crontab says, it runs the study and prints nothing."""
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


def test_a_second_one_does_nothing_while_the_first_goes_on(machine: Place) -> None:
    """Who finds the lock taken ends well, and leaves nothing."""
    done = machine.runs("mkdir -p studies/21 && flock studies/21/lock bash studies/study.sh 21", SOSTRADES_API_KEY="")
    assert (done.returncode, done.stdout) == (0, "")
    assert list((machine.folder / "studies/21/logs").iterdir()) == []


def test_a_key_that_others_can_read_is_refused(machine: Place) -> None:
    """The mail says what to do, and no key is in it; nothing is run."""
    (machine.folder / "studies/key").chmod(0o644)
    done = machine.runs("bash studies/study.sh 21", SOSTRADES_API_KEY="")
    assert done.returncode == 4
    assert "can be read by others: chmod 600 it" in machine.as_elsewhere(done.stdout)
