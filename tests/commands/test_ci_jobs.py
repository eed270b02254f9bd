"""What commands write in a job of a CI system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import httpx
import pytest
from conftest import StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import Outcome, User

GITHUB = {"GITHUB_ACTIONS": "true"}
GITLAB = {"GITLAB_CI": "true"}
FAILING = "22"
CASES = "case,Macro.gamma\nlow,0.1\ntoo much,1e300\n"


def sweep(user: User, *words: str, **environ: str) -> Outcome:
    """Sweep study 21 with a case that fails."""
    (user.folder / "cases.csv").write_text(CASES)
    arguments = ("calc", "sweep", "21", str(user.folder / "cases.csv"), "--collect", "Damage.total_damage")
    return user.types(*arguments, "-o", str(user.folder / "results.csv"), *words, **environ)


def test_failed_run_has_an_annotation_and_its_log_in_a_group(user: User) -> None:
    done = user.types("calc", "run", FAILING, **GITHUB)
    assert done.code == 3
    lines = done.err.splitlines()
    group, end = lines.index("::group::Log of study 22"), lines.index("::endgroup::")
    assert lines[group + 1].startswith("::stop-commands::")
    assert any("ValueError: deliberate failure" in line for line in lines[group:end])
    [annotation] = [line for line in lines if line.startswith("::error")]
    assert annotation.startswith("::error title=Study 22::the run of study 22 ended FAILED%0ATraceback")
    assert [line.split("  ")[2] for line in done.out.splitlines()] == ["PENDING", "RUNNING", "FAILED"]


def test_gitlab_shows_the_log_in_a_collapsed_section(user: User) -> None:
    done = user.types("calc", "run", FAILING, **GITLAB)
    start, end = done.err.index("section_start:"), done.err.index("section_end:")
    assert "study_22_log[collapsed=true]\r\x1b[0KLog of study 22\n" in done.err
    assert start < done.err.index("ValueError: deliberate failure") < end
    assert "::" not in done.err
    assert "\x1b" not in done.out


@pytest.mark.parametrize("environ", [GITHUB, GITLAB], ids=["github", "gitlab"])
@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_json_is_the_same_as_elsewhere(user: User, form: str, environ: dict[str, str]) -> None:
    done = user.types("calc", "run", FAILING, "-F", form, **environ)
    assert done.err.count("\n") == 1
    assert "::" not in done.err
    assert "section" not in done.err


def test_finished_run_has_neither(user: User) -> None:
    plain, job = user.types("calc", "run", "21"), user.types("calc", "run", "21", **GITHUB)
    assert (job.code, job.err) == (0, plain.err)


def test_other_commands_annotate_their_failures(user: User) -> None:
    done = user.types("param", "set", "21", "nosuch=1", **GITHUB)
    assert done.code != 0
    assert [line for line in done.err.splitlines() if line.startswith("::error title=Study 21::")]
    assert "::" not in user.types("param", "set", "21", "nosuch=1", **GITLAB).err


def test_usage_error_is_an_annotation(user: User) -> None:
    assert "::error title=sostrades::" in user.types("calc", "run", **GITHUB).err


def test_failed_case_shows_its_log(user: User) -> None:
    done = sweep(user, **GITHUB)
    assert done.code == 3
    assert done.err.count("::group::Log of study 21") == 1
    assert done.err.count("::error ") == 1


def test_log_of_a_followed_run_is_written_once(user: User) -> None:
    user.types("calc", "run", FAILING, "--detach")
    done = user.types("study", "logs", FAILING, "--follow", **GITHUB)
    assert "::group::" not in done.err
    assert "::error title=Study 22::" in done.err


def test_unreadable_log_leaves_the_failure_as_it_is(user: User) -> None:
    user.world.faults.arm(Fault("status", count=100, status=500, path="logs"))
    done = user.types("calc", "run", FAILING, **GITHUB)
    assert done.code == 3
    assert "::group::" not in done.err


def suite(path: Path) -> ET.Element:
    """Return the test suite of a JUnit report."""
    [result] = ET.parse(path).getroot()  # noqa: S314 - our own
    return result


def test_runs_have_a_summary_and_a_junit_report(user: User) -> None:
    summary, junit = user.folder / "summary.md", user.folder / "junit.xml"
    done = user.types("calc", "run", "21", FAILING, "--summary", str(summary), "--junit", str(junit))
    assert done.code == 3
    assert summary.read_text().startswith("### calc run: 1 of 2 runs finished\n")
    assert "ValueError: deliberate failure" in summary.read_text()
    [good, bad] = suite(junit)
    assert [result.tag for result in good] == []
    assert [result.get("type") for result in bad] == ["run_failed"]
    assert float(good.get("time") or 0) > 1


def test_watch_has_a_summary_and_a_junit_report(user: User) -> None:
    junit = user.folder / "junit.xml"
    done = user.types("calc", "watch", "26", "--timeout", "10", "--junit", str(junit), "-F", "json")
    assert done.code == 124
    assert [[result.get("type") for result in case] for case in suite(junit)] == [["timeout"]]


def test_summary_counts_disciplines_without_the_root_node(user: User) -> None:
    """As the live view and the heartbeat do."""
    summary = user.folder / "summary.md"
    user.types("calc", "run", "23", "--summary", str(summary))
    [state] = json.loads(user.types("calc", "status", "23", "-F", "json", "--query", "[disciplines_status]").out)
    assert "witness" in state
    assert f"| {len(state) - 1} of {len(state) - 1} |" in summary.read_text()


def test_sweep_has_a_summary_and_a_junit_report(user: User) -> None:
    summary, junit = user.folder / "summary.md", user.folder / "junit.xml"
    assert sweep(user, "--summary", str(summary), "--junit", str(junit)).code == 3
    assert summary.read_text().startswith("### sweep of study 21: 1 of 2 runs finished\n")
    assert [(case.get("name"), [result.tag for result in case]) for case in suite(junit)] == [
        ("low", []),
        ("too much", ["failure"]),
    ]


def test_job_summary_is_appended_to(user: User) -> None:
    summary = user.folder / "summary.md"
    summary.write_text("# Earlier step\n")
    user.types("calc", "run", "21", GITHUB_STEP_SUMMARY=str(summary))
    user.types("calc", "watch", "21", "--summary", str(summary), GITHUB_STEP_SUMMARY=str(summary))
    headings = [line for line in summary.read_text().splitlines() if line.startswith("#")]
    assert headings == [
        "# Earlier step",
        "### calc run: 1 of 1 run finished",
        "### calc watch: 1 of 1 run finished",
    ]


def test_status_with_watch_has_the_summary_of_a_watch(user: User) -> None:
    summary = user.folder / "summary.md"
    user.types("calc", "run", "21", "--detach")
    user.types("calc", "status", "21", "--watch", GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text().splitlines()[0] == "### calc watch: 1 of 1 run finished"


def test_own_summary_replaces_the_one_of_the_job(user: User) -> None:
    job, own = user.folder / "job.md", user.folder / "own.md"
    user.types("calc", "run", "21", "--summary", str(own), GITHUB_STEP_SUMMARY=str(job))
    assert own.exists()
    assert not job.exists()


def test_job_summary_that_cannot_be_written_is_a_note(user: User) -> None:
    done = user.types("calc", "run", "21", GITHUB_STEP_SUMMARY=str(user.folder / "nosuch" / "summary.md"))
    assert done.code == 0
    assert done.err.startswith("note: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
@pytest.mark.parametrize("option", ["--summary", "--junit"])
def test_result_of_a_run_is_printed_if_its_report_cannot_be_written(user: User, option: str) -> None:
    done = user.types("calc", "run", "21", option, "/dev/full", "-F", "json")
    assert (done.code, done.kind) == (1, "write_failed")
    assert json.loads(done.out)["study_case_execution_status"] == "FINISHED"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_results_of_a_sweep_are_written_if_its_report_cannot_be_written(user: User) -> None:
    (user.folder / "cases.csv").write_text("case,Macro.gamma\nlow,0.1\n")
    words = ("--collect", "Damage.total_damage", "-o", str(user.folder / "results.csv"), "--junit", "/dev/full")
    done = user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *words)
    assert (done.code, done.kind) == (1, "write_failed")
    assert (user.folder / "results.csv").read_text().splitlines()[1].startswith("low,0.1,FINISHED")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_best_values_are_written_if_the_report_cannot_be_written(user: User) -> None:
    (user.folder / "space.toml").write_text('"Macro.gamma" = {range = [0.1, 0.5]}\n')
    best = user.folder / "best.toml"
    words = ("--minimize", "Damage.total_damage", "--trials", "1", "-o", str(best), "--junit", "/dev/full")
    done = user.types("calc", "optimize", "21", str(user.folder / "space.toml"), *words)
    assert (done.code, done.kind) == (1, "write_failed")
    assert "Macro.gamma" in best.read_text()


@pytest.mark.parametrize("option", ["--summary", "--junit"])
def test_existing_report_is_refused_before_the_start(user: User, option: str) -> None:
    report = user.folder / "report"
    report.write_text("mine")
    done = user.types("calc", "run", "21", option, str(report))
    assert (done.code, done.kind) == (2, "file_conflict")
    assert not any(request.startswith("POST") for request in user.requests)
    assert user.types("calc", "run", "21", option, str(report), "--overwrite").code == 0
    assert report.read_text() != "mine"


@pytest.mark.parametrize(
    "arguments",
    [["--detach", "--junit", "junit.xml"], ["--detach", "--summary", "s.md"], ["--junit", "x", "--summary", "x"]],
)
def test_useless_reports_are_usage_errors(user: User, arguments: list[str]) -> None:
    done = user.types("calc", "run", "21", *arguments)
    assert (done.code, done.kind) == (2, "usage")
    assert user.requests == []


def test_detached_run_has_no_job_summary(user: User) -> None:
    summary = user.folder / "summary.md"
    assert user.types("calc", "run", "21", "--detach", GITHUB_STEP_SUMMARY=str(summary)).code == 0
    assert not summary.exists()


def test_interrupted_watch_is_reported(user: User) -> None:
    """A cancelled job is interrupted, and its report says so."""
    junit = user.folder / "junit.xml"
    user.transport = Interrupted(user)
    done = user.types("calc", "watch", "26", "21", "--junit", str(junit))
    assert done.code == 130
    assert {result.tag for case in suite(junit) for result in case} == {"skipped"}


class Interrupted(httpx.BaseTransport):
    """A server during whose third answer the user presses Ctrl-C."""

    def __init__(self, user: User) -> None:
        self._inner = StubTransport(user.world)
        self._count = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or be interrupted."""
        self._count += 1
        if self._count == 3:
            raise KeyboardInterrupt
        return self._inner.handle_request(request)


def test_key_is_redacted_in_reports(user: User) -> None:
    key = user.world.key
    summary, junit = user.folder / "summary.md", user.folder / "junit.xml"
    body = f'{{"statusCode": 400, "name": "x", "description": "{key}"}}'
    user.world.faults.arm(Fault("status", count=9, status=400, body=body, path="status"))
    user.types("calc", "watch", "21", "--summary", str(summary), "--junit", str(junit))
    assert key not in summary.read_text() + junit.read_text()
