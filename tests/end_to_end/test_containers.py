"""The program as a user id of a container: no entry in the user database, no keyring, and no home to write to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
USER = 12345
ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
HOMES = ["none", "/", "/dev/null", "read-only", "of another user"]


@dataclass
class Container:
    """Folders of a user id without a name, and an interpreter that this user can start."""

    python: str
    folder: Path
    url: str
    key: str

    def runs(self, *arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the program with these variables and no others."""
        return subprocess.run(
            [self.python, "-m", "sostrades_cli", *arguments],
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": LIBRARIES, **environ},
            cwd=self.folder / "work",
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            user=USER,
            group=USER,
            extra_groups=[],
        )

    def home(self, kind: str) -> dict[str, str]:
        """Return the variable of a home."""
        homes = {"read-only": self.folder / "home", "of another user": self.folder / "root"}
        return {} if kind == "none" else {"HOME": str(homes.get(kind, kind))}


@pytest.fixture(scope="module")
def python() -> str:
    """Return an interpreter that another user can start."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a program as another user")
    for python in (sys.executable, "/usr/bin/python3"):
        line = [python, "-c", "import sostrades_cli, pandas, sys; print(sys.version_info[:2])"]
        try:
            done = subprocess.run(
                line, env={"PYTHONPATH": LIBRARIES}, capture_output=True, text=True, check=False, user=USER, group=USER
            )
        except PermissionError:
            continue
        if done.stdout.strip() == str(sys.version_info[:2]):
            return python
    pytest.skip("no Python of this version that another user can start")


@pytest.fixture(scope="module")
def own_stub() -> Iterator[tuple[str, str]]:
    """Serve a stub of this module, because its studies are changed."""
    world = build_world("demo", speed=20.0)
    with running(world) as url:
        yield url, world.key


@pytest.fixture
def container(python: str, own_stub: tuple[str, str]) -> Iterator[Container]:
    """Return a container with an empty folder to work in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        for inner, mode in (("work", 0o777), ("home", 0o555), ("root", 0o700)):
            (folder / inner).mkdir()
            (folder / inner).chmod(mode)
        yield Container(python, folder, *own_stub)


@pytest.mark.parametrize("home", HOMES)
def test_reads_need_no_home_and_changes_name_the_variable(container: Container, home: str) -> None:
    environ = {**container.home(home), "SOSTRADES_HOST": container.url, "SOSTRADES_API_KEY": container.key}
    reads = (
        ("study", "load", "21"),
        ("param", "get", "21", "Macro.gamma"),
        ("calc", "status", "21"),
        ("study", "list"),
        ("auth", "status"),
        ("config", "explain", "key"),
        ("doctor", "--bundle", "b.zip"),
    )
    for line in reads:
        done = container.runs(*line, **environ)
        assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr
    changes = {
        ("param", "set", "21", "Macro.gamma=0.4"): "SOSTRADES_STATE_DIR",
        ("calc", "run", "21"): "SOSTRADES_STATE_DIR",
        ("alias", "set", "dice", "21"): "SOSTRADES_CONFIG_DIR",
        ("auth", "login", "--with-key", "--insecure-storage"): "SOSTRADES_CONFIG_DIR",
    }
    for line, variable in changes.items():
        done = container.runs(*line, "-F", "json", **environ)
        error = json.loads(done.stderr)
        assert (done.returncode, variable in error["hint"]) == (2, True), error
    assert [path.name for path in (container.folder / "work").iterdir()] == ["b.zip"]


@pytest.mark.parametrize("home", HOMES)
def test_completion_without_a_home_is_an_error(container: Container, home: str) -> None:
    done = container.runs("completion", "bash", "--install", "-F", "json", **container.home(home))
    assert (done.returncode, json.loads(done.stderr)["kind"]) == (2, "usage")


@pytest.mark.parametrize("home", HOMES)
def test_changes_work_with_the_variables(container: Container, home: str) -> None:
    names = ("CONFIG", "CACHE", "STATE")
    folders = {f"SOSTRADES_{name}_DIR": str(container.folder / "work" / name) for name in names}
    environ = {**container.home(home), **folders, "SOSTRADES_HOST": container.url, "SOSTRADES_API_KEY": container.key}
    for value in ("0.4", "0.5"):
        done = container.runs("param", "set", "21", f"Macro.gamma={value}", **environ)
        assert done.returncode == 0, done.stderr
    assert "0.5" in container.runs("param", "history", "21", **environ).stdout


@pytest.mark.parametrize("home", HOMES)
def test_no_keyring_is_needed_to_log_in(container: Container, home: str) -> None:
    """A stored file, a mounted secret and a command each give the key; without one, all of them are named."""
    work = container.folder / "work"
    secret = container.folder / "secret"
    secret.write_text(f"{container.key}\n")
    secret.chmod(0o444)
    environ = {**container.home(home), "SOSTRADES_CONFIG_DIR": str(work / "config")}
    key = f"{container.key}\n"
    none = container.runs("auth", "login", "--host", container.url, "--with-key", stdin=key, **environ)
    assert none.returncode == 4
    for source in ("SOSTRADES_API_KEY", "SOSTRADES_API_KEY_FILE", "key_command", "--insecure-storage"):
        assert source in none.stderr
    words = ("auth", "login", "--host", container.url, "--with-key", "--insecure-storage")
    login = container.runs(*words, stdin=key, **environ)
    assert (login.returncode, str(work / "config" / "keys.json") in login.stderr) == (0, True), login.stderr
    assert container.runs("study", "load", "21", **environ).returncode == 0
    assert container.runs("auth", "logout", **environ).returncode == 0
    assert container.runs("study", "load", "21", **environ).returncode == 4
    assert container.runs("study", "load", "21", SOSTRADES_API_KEY_FILE=str(secret), **environ).returncode == 0
    assert container.runs("config", "set", "key_command", f"cat {secret}", **environ).returncode == 0
    assert container.runs("study", "load", "21", **environ).returncode == 0
