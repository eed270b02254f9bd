"""Suggestions for options that a command does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from reference.command_tree import COMMANDS, EVERYTHING, bare_context

from sostrades_cli.cli.option_suggestions import ADVICE, NAMES

if TYPE_CHECKING:
    from conftest import User

OPTIONS = {
    name
    for command in COMMANDS.values()
    for param in command.get_params(bare_context(command))
    if isinstance(param, click.Option)
    for name in param.opts
}


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("study load 21 --json", ["-F json"]),
        ("study load 21 --ndjson", ["-F ndjson"]),
        ("postproc export 21 d --csv", ["--as csv"]),
        ("postproc export 21 d --png", ["--as png"]),
        ("study load 21 --csv", ["-F csv"]),
        ("--json study list", ["-F json"]),
        ("study load 21 --out=f.json", ["-o FILE"]),
        ("study load 21 --silent", ["-q"]),
        ("study load 21 --quite", ["--quiet"]),
        ("study load 21 --fromat csv", ["--format"]),
        ("study load 21 --search x", []),
        ("param set 21 gamma=1 --dry", ["--dry-run"]),
        ("param set 21 gamma=1 --check", ["--dry-run"]),
        ("param set 21 gamma=1 -y", ["--yes"]),
        ("param list 21 --filter gamma", ["--match GLOB"]),
        ("param list 21 --search-for gamma", ["--search"]),
        ("param history 21 --all", []),
        ("calc run 21 --background", ["--detach"]),
        ("calc status 21 --follow", ["--watch"]),
        ("calc sweep 21 c.csv --parallel 3", ["--on-copies N"]),
        ("calc optimize 21 s.toml --min x", ["--minimize KEY"]),
        ("auth login --insecure", ["--insecure-storage"]),
        # No format of a log is JSON.
        ("study logs 21 --json", []),
    ],
)
def test_guessed_option_has_a_suggestion(user: User, line: str, meant: list[str]) -> None:
    done = user.types(*line.split())
    question = f". Did you mean {' or '.join(map(repr, meant))}?\n" if meant else ""
    assert (done.code, user.requests) == (2, [])
    assert question in done.err if meant else "Did you mean" not in done.err


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("param undo 21 --redo", "sostrades param history STUDY"),
        ("param set 21 gamma=1 --no-verify", "run the command without it"),
        # --wait-start exists there, but has no effect.
        ("calc run 21 --wait", "add --detach to return at once"),
        ("study load 21 --api-key=0123abc", "sostrades auth login"),
        ("study load 21 --insecure", "SOSTRADES_CA_BUNDLE"),
        ("study load 21 --version", "sostrades --version"),
        ("study show 21 --web", "sostrades study open STUDY"),
    ],
)
def test_option_that_no_command_needs_has_advice(user: User, line: str, hint: str) -> None:
    done = user.types(*line.split())
    assert (done.code, user.requests) == (2, [])
    assert hint in done.err
    assert "0123abc" not in done.err


def test_suggested_options_exist() -> None:
    suggested = {option.split()[0] for options in NAMES.values() for option in options}
    assert suggested - OPTIONS == set()


def test_commands_with_advice_exist() -> None:
    assert {tuple(path.split()) for path in ADVICE} - EVERYTHING.keys() == set()


def test_option_of_a_command_has_no_advice() -> None:
    for path, command in COMMANDS.items():
        own = {name for param in command.get_params(bare_context(command)) for name in param.opts}
        for start, table in ADVICE.items():
            if f"{' '.join(path)} ".startswith(f"{start} "):
                assert own & table.keys() == set(), path
