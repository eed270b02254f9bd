"""What commands write in a job of a CI system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
