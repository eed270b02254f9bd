"""Test the command that adds an extra, and the address of the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sostrades_cli.errors import ExtraMissing
from sostrades_cli.optional_deps import install_command, repository, require

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ADDRESS = PROJECT["urls"]["Repository"]
TEXTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml")),
    *(file for name in ("sostrades_cli", "server_stub", "docs") for file in (ROOT / name).rglob("*")),
]
# An address that ends with the name of this program, or is on the host of its repository.
OURS = re.compile(
    r"https?://git\.corp\.example/[\w./-]*[\w/-]|https?://(?:www\.)?(?:github|gitlab|pypi)\.[\w./-]+/sostrades\b(?!-)"
)
# A package of this name from an index is somebody else's.
FROM_INDEX = re.compile(
    r"(?:pip|pipx|uv|conda)\b[^\n]*\b(?:install|add|run)\s+(?:-\S+\s+)*['\"]?sostrades(?![\w-])(?:\[[\w,]+\])?+(?! @)"
)


def test_address_comes_from_the_metadata() -> None:
    assert repository() == ADDRESS


def test_project_has_no_other_address() -> None:
    result = []
    for file in TEXTS:
        if file.is_file() and file.suffix not in {".png", ".pyc", ".gz"}:
            text = file.read_text(encoding="utf-8")
            others = [address for address in OURS.findall(text) if not address.startswith(ADDRESS)]
            result += [f"{file.relative_to(ROOT)}: {part}" for part in (*others, *FROM_INDEX.findall(text))]
    assert result == []


@pytest.mark.parametrize(
    "text",
    [
        "pip install sostrades",
        "pip install 'sostrades[plots]'",
        "uv tool install sostrades",
        "pipx install --force sostrades",
    ],
)
def test_package_index_name_is_detected(text: str) -> None:
    assert FROM_INDEX.search(text)
    assert not FROM_INDEX.search(f"pip install 'sostrades[plots] @ git+{ADDRESS}'")


@pytest.mark.parametrize(
    ("receipt", "command"),
    [
        ("", "pip install"),
        ("pipx_metadata.json", "pipx install --force"),
        ("uv-receipt.toml", "uv tool install --force"),
    ],
)
def test_extra_is_added_with_the_tool_that_installed_the_program(tmp_path: Path, receipt: str, command: str) -> None:
    if receipt:
        (tmp_path / receipt).touch()
    assert install_command("plots", tmp_path, editable=None) == f"{command} 'sostrades[plots] @ git+{ADDRESS}'"
    clone = tmp_path / "my clone"
    assert install_command("plots", tmp_path, editable=clone) == f"{command} -e '{clone}[plots]'"


def test_missing_module_names_its_extra() -> None:
    require("json", extra="plots", purpose="a picture")
    with pytest.raises(ExtraMissing) as caught:
        require("no_such_module", extra="plots", purpose="a picture")
    assert "plots" in caught.value.message
    assert "[plots]" in str(caught.value.hint)
