"""Read CI jobs from YAML and run them as the service would, as far as the recipes need it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recipes.workspace import Workspace

EXPRESSION: Final = re.compile(r"\$\{\{ *(.*?) *\}\}")
CALL: Final = re.compile(r"fromJSON\((.*)\)")
OURS: Final = ("actions/checkout@v4", "actions/setup-python@v5")
UPLOAD: Final = "actions/upload-artifact@v4"


@dataclass(frozen=True)
class JobResult:
    """The result of a job: its exit code, its output, its summary and its artifacts."""

    code: int
    printed: str
    summary: str
    kept: frozenset[str]


def evaluate(text: str, known: Mapping[str, str]) -> Any:
    """Evaluate the expressions in a text of a workflow. A text that is one expression may have any type."""
    whole = EXPRESSION.fullmatch(text)
    if whole:
        return _value(whole.group(1), known)
    return EXPRESSION.sub(lambda match: str(_value(match.group(1), known)), text)


def _value(expression: str, known: Mapping[str, str]) -> Any:
    call = CALL.fullmatch(expression)
    if call:
        return json.loads(_value(call.group(1), known))
    for part in expression.split(" || "):
        literal = re.fullmatch(r"'(.*)'", part)
        value = literal.group(1) if literal else known.get(part, "")
        # What was not given is empty; only contexts that exist may be asked.
        assert literal or part.split(".")[0] in {"inputs", "vars", "secrets", "matrix"}, part
        if value:
            return value
    return ""


@dataclass(frozen=True)
class Workflow:
    """A workflow of GitHub Actions, with the values of its inputs, variables and secrets."""

    text: str
    known: Mapping[str, str]

    @property
    def tree(self) -> Any:
        """The parsed YAML. Its key `on` is a truth value."""
        return yaml.safe_load(self.text)

    @property
    def inputs(self) -> dict[str, str]:
        """The default inputs of a manual start."""
        asked = self.tree[True]["workflow_dispatch"]["inputs"]
        return {f"inputs.{name}": item["default"] for name, item in asked.items()}

    def studies(self) -> list[int]:
        """Return the studies of the matrix, one for each job."""
        [job] = self.tree["jobs"].values()
        return list(evaluate(job["strategy"]["matrix"]["study"], self.known))

    def run(self, study: int, workspace: Workspace) -> JobResult:
        """Run the job of one study of the matrix, step by step, as GitHub does with `shell: bash`."""
        [job] = self.tree["jobs"].values()
        known = {**self.known, "matrix.study": str(study)}
        summary = workspace.folder / "summary.md"
        environ = {name: str(evaluate(value, known)) for name, value in job["env"].items()}
        environ["GITHUB_STEP_SUMMARY"] = str(summary)
        code, printed, kept = 0, "", set[str]()
        for step in job["steps"]:
            due = {"success()": code == 0, "failure()": code != 0, "always()": True}[step.get("if", "success()")]
            if not due or step.get("uses") in OURS:
                continue
            if "uses" in step:
                assert step["uses"] == UPLOAD
                kept |= _files(workspace, [step["with"]["path"]])
                continue
            assert "${{" not in step["run"], "what is typed by hand would be code"
            done = workspace.runs(
                _scripted(step["run"]), "-euo", "pipefail", bare=True, GITHUB_ACTIONS="true", **environ
            )
            printed += done.stdout
            code = code or done.returncode
        return JobResult(code, printed, summary.read_text() if summary.exists() else "", frozenset(kept))


@dataclass(frozen=True)
class GitLabJob:
    """The only job of a `.gitlab-ci.yml`, with the variables of the project."""

    text: str
    variables: Mapping[str, str]

    @property
    def job(self) -> Any:
        """The YAML of the job."""
        [job] = yaml.safe_load(self.text).values()
        return job

    def matrix(self) -> Iterator[dict[str, str]]:
        """Yield the variables of each job of the matrix. Without a matrix there is one job without variables."""
        if "parallel" not in self.job:
            yield {}
            return
        for row in self.job["parallel"]["matrix"]:
            [(name, values)] = row.items()
            yield from ({name: value} for value in values)

    def run(self, workspace: Workspace, **given: str) -> JobResult:
        """Run the script in one shell, as the runner does, and `after_script` in another."""
        environ = {"GITLAB_CI": "true", **self.job.get("variables", {}), **self.variables, **given}
        script = "\n".join([*self.job.get("before_script", []), *self.job["script"]])
        done = workspace.runs(_scripted(script), "-euo", "pipefail", bare=True, **environ)
        status = "failed" if done.returncode else "success"
        after = workspace.runs("\n".join(self.job.get("after_script", [])), bare=True, CI_JOB_STATUS=status, **environ)
        assert after.returncode == 0, after.stdout
        kept = self.job["artifacts"].get("when") == "always" or done.returncode == 0
        result = _files(workspace, self.job["artifacts"]["paths"]) if kept else set()
        return JobResult(done.returncode, done.stdout + after.stdout, "", frozenset(result))


def _scripted(script: str) -> str:
    """Remove the lines that install the program, which is installed already."""
    return "\n".join(line for line in script.splitlines() if not line.startswith("pip install "))


def _files(workspace: Workspace, paths: Sequence[str]) -> set[str]:
    """Return the files of an artifact with some paths."""
    result = set()
    for path in paths:
        at = workspace.folder / path
        inner = at.rglob("*") if at.is_dir() else [at]
        result |= {str(item.relative_to(workspace.folder)) for item in inner if item.is_file()}
    return result
