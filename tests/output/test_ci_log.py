"""Annotations and groups of CI systems, read as their runners read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from conftest import Terminal
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sostrades_cli import errors
from sostrades_cli.errors import ServerWords
from sostrades_cli.output.ci_log import GithubLog, GitlabLog, ci_log
from sostrades_cli.output.messages import Messages

NOW = datetime(2026, 11, 22, 22, 40, 48, tzinfo=UTC)
SECTION = re.compile(r"section_(start|end):(\d+):([A-Za-z0-9_.-]+)(\[collapsed=true\])?\r\x1b\[0K")
HOSTILE = [
    "::error::forged",
    "  ::add-mask::a",
    "##[group]x",
    "x ##[add-path]y",
    "a%0A::debug::b",
    "\x1b[0Ksection_end:1:study\r\x1b[0K",
    "::endgroup::",
]


class Command(NamedTuple):
    """A workflow command: its name, its title and its text."""

    name: str
    title: str
    text: str


def commands(written: str) -> list[Command]:
    """Return the commands in a log, as the runner of GitHub finds them."""
    result, stopped = [], None
    for line in re.split(r"\r\n|\n|\r", written):
        if stopped is not None:
            stopped = None if line.strip() == f"::{stopped}::" else stopped
            continue
        old = re.search(r"##\[([^\]]*)\]", line)
        new = re.match(r"\s*::([^\s:]+)\s*([^:]*)::(.*)", line)
        if new is None and old is None:
            continue
        if new is None:
            result.append(Command(f"##{old[1]}", "", ""))  # type: ignore[index] # one of them matches
            continue
        if new[1] == "stop-commands":
            stopped = new[3]
        title = _decoded(new[2].removeprefix("title=")).replace("%3A", ":").replace("%2C", ",")
        result.append(Command(new[1], title, _decoded(new[3])))
    return result


def _decoded(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def github(**more: bool) -> tuple[Messages, Terminal]:
    """Return messages in a job of GitHub, and what they are written to."""
    stream = Terminal()
    options = {"notes_enabled": True, "verbose": False, "color": False, "as_json": False} | more
    return Messages(stream, ci=GithubLog(), **options), stream  # type: ignore[arg-type]


def test_failure_is_an_annotation_with_all_its_lines() -> None:
    notes, stream = github()
    notes.error(
        errors.RunFailed(
            "the run of study 22 ended FAILED",
            detail="Traceback:\n  ValueError: 100% wrong",
            hint="sostrades study logs 22",
            study=22,
        )
    )
    [command] = commands(stream.written)
    assert command == (
        "error",
        "Study 22",
        "the run of study 22 ended FAILED\nTraceback:\n  ValueError: 100% wrong\ntry: sostrades study logs 22",
    )
    assert stream.written.startswith("error: the run of study 22 ended FAILED\n")


def test_each_of_several_failures_is_an_annotation() -> None:
    notes, stream = github()
    causes = [errors.RunFailed("a", study=22), errors.Unreachable("b", study=23)]
    notes.error(errors.RunFailed("2 of 2 studies failed", causes=causes))
    assert [command.title for command in commands(stream.written)] == ["Study 22", "Study 23"]


@pytest.mark.parametrize("kind", [errors.UserInterrupt, errors.Terminated, errors.HungUp])
def test_stopped_command_is_not_a_failure(kind: type[errors.SostradesError]) -> None:
    notes, stream = github()
    notes.error(kind("interrupted"))
    assert commands(stream.written) == []


def test_json_has_only_the_error_object() -> None:
    notes, stream = github(as_json=True)
    notes.error(errors.RunFailed("x", study=22))
    notes.group("log", "Log", "text", NOW)
    assert stream.written.count("\n") == 1
    assert stream.written.startswith("{")


def test_quiet_has_annotations_without_groups() -> None:
    notes, stream = github(notes_enabled=False)
    notes.group("log", "Log", "text", NOW)
    notes.error(errors.RunFailed("x"))
    assert [command.name for command in commands(stream.written)] == ["error"]


def test_log_is_a_group_whose_lines_are_not_commands() -> None:
    notes, stream = github()
    notes.group("study_22_log", "Log of study 22", "\n".join(HOSTILE), NOW)
    assert [command.name for command in commands(stream.written)] == ["group", "stop-commands", "endgroup"]
    assert "\n::error::forged\n" in stream.written


def test_word_that_ends_a_group_differs_each_time() -> None:
    words = set()
    for _ in range(5):
        notes, stream = github()
        notes.group("log", "Log", "text", NOW)
        words.add(commands(stream.written)[1].text)
    assert len(words) == 5


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*HOSTILE, ":", "#", "[", "%", "\n", "\r", " ", "x", ","]), max_size=8).map("".join))
@example("\n".join(HOSTILE))
def test_text_of_the_server_is_never_a_command(text: str) -> None:
    notes, stream = github()
    notes.inform(text)
    notes.warning(text)
    notes.trace(text)
    notes.traceback(text)
    assert commands(stream.written) == []
    notes.error(errors.Refused(f"x{text}", detail=text, hint=text, server=ServerWords(400, text)))
    assert [command.name for command in commands(stream.written)] == ["error"]
    notes.group("log", text, text, NOW)
    assert [command.name for command in commands(stream.written)] == ["error", "group", "stop-commands", "endgroup"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*HOSTILE, "\n", "\r", "x"]), max_size=6).map("".join))
def test_gitlab_gets_one_collapsed_section(text: str) -> None:
    stream = Terminal()
    notes = Messages(stream, notes_enabled=True, verbose=False, color=False, as_json=False, ci=GitlabLog())
    notes.group("study_22_log", "Log of study 22", text, NOW)
    notes.error(errors.Refused(text, detail=text))
    marks = [match.groups() for match in SECTION.finditer(stream.written)]
    seconds = str(int(NOW.timestamp()))
    assert marks == [
        ("start", seconds, "study_22_log", "[collapsed=true]"),
        ("end", seconds, "study_22_log", None),
    ]
    assert "::" not in stream.written.replace(text, "") or "::" in text


def test_nothing_is_written_outside_of_ci() -> None:
    stream = Terminal()
    notes = Messages(stream, notes_enabled=True, verbose=False, color=False, as_json=False)
    notes.group("log", "Log", "text", NOW)
    assert stream.written == ""
    assert not notes.has_groups


@pytest.mark.parametrize(
    ("environ", "kind"),
    [({}, type(None)), ({"GITHUB_ACTIONS": "true"}, GithubLog), ({"GITLAB_CI": "true"}, GitlabLog)],
)
def test_environment_names_the_system(environ: dict[str, str], kind: type) -> None:
    assert type(ci_log(environ)) is kind
