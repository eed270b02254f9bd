"""The files for publishing: workflows, templates, metadata and the versions in them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from sostrades_cli import __version__

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# The schemas come with check-jsonschema, so no network is needed.
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.dependabot": [ROOT / ".github" / "dependabot.yml"],
    "vendor.github-issue-config": [ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.github-issue-forms": [ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml" for form in ("bug", "feature")],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}
# A folder in which a user of Windows may clone the project; a path there has at most 259 characters.
CLONE = r"C:\Users\firstname.lastname\OneDrive - Company\Documents\repositories\sostrades"


def project() -> dict[str, Any]:
    """Return the table of the project."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def minor_versions() -> list[str]:
    """Return the versions of Python that the package names."""
    result = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line) for line in project()["classifiers"])
    return [match[1] for match in result if match]


@pytest.mark.slow
@pytest.mark.parametrize("schema", SCHEMAS)
def test_file_follows_its_schema(schema: str) -> None:
    files = map(str, SCHEMAS[schema])
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_to_a_commit(workflow: Path) -> None:
    """A tag can be moved to other code; the comment names the release of the commit."""
    lines = [line.strip() for line in workflow.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not re.fullmatch(r"- uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_jobs_end_and_may_only_read(workflow: Path) -> None:
    document = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    assert document["permissions"] == {"contents": "read"}
    assert [name for name, job in document["jobs"].items() if "timeout-minutes" not in job] == []
    assert [job["permissions"] for job in document["jobs"].values() if "permissions" in job] in (
        [],
        [{"id-token": "write"}],  # what publishing without a token needs
    )


def test_every_supported_python_is_tested_on_three_systems() -> None:
    matrix = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]["test"][
        "strategy"
    ]["matrix"]
    assert matrix["python"] == minor_versions()
    assert f">={minor_versions()[0]}" == project()["requires-python"]
    assert [name.split("-")[0] for name in matrix["system"]] == ["ubuntu", "macos", "windows"]


def test_version_is_the_same_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    headings = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert [headings[0], citation["version"]] == [__version__, __version__]
    assert headings == sorted(headings, reverse=True)


def test_authors_have_a_name_and_no_address() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert project()["authors"] == citation["authors"] == [{"name": "sostrades developers"}]


def test_hooks_are_pinned_to_releases() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert all(re.fullmatch(r"v?\d+\.\d+\.\d+", hook["rev"]) for hook in hooks)
    assert "ruff-check" in [hook["id"] for hook in hooks[0]["hooks"]]


def test_paths_of_a_clone_fit_into_windows() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    files = listed.splitlines() or [str(path.relative_to(ROOT)) for path in (ROOT / "sostrades_cli").rglob("*")]
    # Python adds the folder and the ending of its compiled files.
    longest = max(len(rf"{CLONE}\{name}") + len(r"__pycache__\.cpython-314-pytest-9.2.0c") for name in files)
    assert longest <= 259


def test_no_result_of_a_trial_is_at_the_root() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    kinds = {Path(name).suffix for name in listed.splitlines() if "/" not in name and not name.startswith(".")}
    assert kinds <= {"", ".cff", ".md", ".py", ".toml", ".yml"}
