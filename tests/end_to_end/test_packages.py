"""Test the published packages: the sdist is complete, both wheels are equal, and the installed program works."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sostrades_cli import __version__

if TYPE_CHECKING:
    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

REPOSITORY = Path(__file__).parent.parent.parent
# What a public project carries; completions are there once there are any.
CARRIED = {"tests", "docs", "sostrades_cli", "server_stub", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
CARRIED |= {"mkdocs.yml", "hatch_build.py"}
CARRIED |= {"CITATION.cff", "SECURITY.md", ".github", ".pre-commit-config.yaml"}
CARRIED |= {"completions"} if (REPOSITORY / "completions").exists() else set()

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Built:
    """An sdist, the wheel built from it, and the wheel built from the repository."""

    sdist: Path
    wheel: Path
    direct: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build all three. The first wheel is built from the unpacked sdist."""
    out, direct = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("direct")
    _build("--outdir", out)
    _build("--wheel", "--outdir", direct)
    return Built(next(out.glob("*.tar.gz")), next(out.glob("*.whl")), next(direct.glob("*.whl")))


def _build(*arguments: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "build", *map(str, arguments), str(REPOSITORY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def contents(wheel: Path) -> dict[str, str]:
    """Return the checksum of every file in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def test_sdist_is_complete_and_has_no_other_files(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {name.partition("/")[0] for name in names} - {"PKG-INFO", "pyproject.toml", ".gitignore"} == CARRIED
    tracked = subprocess.run(
        ["git", "ls-files", *sorted(CARRIED)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if tracked.returncode == 0 and tracked.stdout:
        assert set(tracked.stdout.splitlines()) <= set(names)
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".env"))] == []


def test_index_accepts_the_metadata_and_shows_the_readme(built: Built) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", built.sdist, built.wheel],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_paths_of_an_installation_fit_into_windows(built: Built) -> None:
    """A path there has at most 259 characters."""
    site = r"C:\Users\firstname.lastname\AppData\Roaming\uv\data\tools\sostrades\Lib\site-packages"
    compiled = len(r"__pycache__\.cpython-314")  # what Python adds to the path of a module
    assert max(len(rf"{site}\{name}") + compiled for name in contents(built.wheel)) <= 259


def test_wheel_of_the_sdist_equals_that_of_the_repository(built: Built) -> None:
    assert contents(built.wheel) == contents(built.direct)


@pytest.fixture(scope="module")
def environment(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with the wheel and its dependencies."""
    environment = tmp_path_factory.mktemp("environment") / "installed"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    subprocess.run([environment / "bin" / "pip", "install", "-q", str(built.wheel)], check=True)
    return environment


def test_installed_wheel_works_and_is_complete(shell: Shell, environment: Path) -> None:
    path = {"PATH": f"{environment / 'bin'}:{shell.environ['PATH']}"}
    for program in ("sostrades", "python -m sostrades_cli"):
        assert shell.runs(f"{program} --version", **path).stdout == f"sostrades {__version__}\n"
    loaded = shell.runs("sostrades study load 21", **path)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert loaded.stdout.startswith("parameter\ttype\tunit\tvalue\ndice.Macro.gamma\t")
    pages = {file.name for file in (environment / "share" / "man" / "man1").iterdir()}
    assert pages == {file.name for file in (REPOSITORY / "docs" / "man").iterdir()}
    [site] = (environment / "lib").glob("python3*/site-packages")
    assert (site / "sostrades_cli" / "py.typed").exists()
    assert (site / "server_stub" / "py.typed").exists()
    assert (site / "server_stub" / "openapi.json").exists()
    [licence] = site.glob("sostrades-*.dist-info/licenses/LICENSE")
    assert licence.read_bytes() == (REPOSITORY / "LICENSE").read_bytes()
    checked = shell.runs("python -m pip check", **path)
    assert (checked.returncode, checked.stdout) == (0, "No broken requirements found.\n")


def test_chart_library_is_in_the_wheel_and_plotly_is_not_installed(shell: Shell, environment: Path) -> None:
    path = {"PATH": f"{environment / 'bin'}:{shell.environ['PATH']}"}
    assert shell.runs("python -c 'import plotly'", **path).returncode == 1
    assert shell.runs("sostrades postproc html 21 --offline -o page.html", **path).returncode == 0
    page = (shell.folder / "page.html").read_text(encoding="utf-8")
    [version] = re.findall(r"^\* plotly\.js v(\S+)$", page, re.MULTILINE)
    [assets] = (environment / "lib").glob("python3*/site-packages/sostrades_cli/operations/postproc/assets/plotly")
    assert json.loads((assets / "versions.json").read_text())["plotly.js"] == version
    assert "MIT License" in (assets / "LICENSE.txt").read_text()
    check = "sostrades doctor 21 --query \"[?check=='chart library']\" -F json"
    [complete] = json.loads(shell.runs(check, **path).stdout)
    assert (complete["state"], version in complete["found"]) == ("ok", True)
    # What a clone that was not installed lacks.
    shutil.rmtree(assets)
    [lacking] = json.loads(shell.runs(check, **path).stdout)
    assert (lacking["state"], "pip install" in lacking["advice"]) == ("warning", True)
    done = shell.runs("sostrades postproc html 21 --offline -o page.html --overwrite", **path)
    assert (done.returncode, "pip install" in done.stderr) == (2, True)
    assert (shell.folder / "page.html").read_text(encoding="utf-8") == page
