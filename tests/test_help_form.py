"""Test the form of the help: its language and layout, as far as a program can."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest
from conftest import mostly_slow
from reference.command_tree import COMMANDS, EVERYTHING, GROUPS, bare_context, line_of

from sostrades_cli.cli.help_formatter import POINTER
from sostrades_cli.cli.options import shared_options

if TYPE_CHECKING:
    from conftest import User

WIDTHS = (40, 60, 80, 100, 200)
WIDEST = 100
ANSI = re.compile(r"\x1b\[[0-9;]*m")
VERBS = {
    *(
        "Apply",
        "Check",
        "Compare",
        "Copy",
        "Create",
        "Download",
        "Draw",
        "Edit",
        "Export",
        "Find",
        "Install",
        "List",
        "Load",
        "Manage",
    ),
    *("Open", "Print", "Remove", "Reset", "Revert", "Run", "Save", "Send", "Set", "Show", "Start", "Store", "Take"),
    *("Watch", "Write"),
}
MOST_OF_A_LINE = 60
MOST_WORDS_OF_AN_OPTION = 12
# Words of the style guide that no help may have.
AVOIDED = re.compile(r"\b(unless said|(?<!there )is no|told|seen|held|holds|beats|goes on|cannot be had|anew|whose)\b")
TABLES = {(*path, name): text for path, group in GROUPS.items() for name, text in group.table.items()}
TOPICS = ("arguments", "options", "exit-codes", "environment")


def own_options(command: click.Command) -> list[click.Option]:
    """Return the options in the help of a command, without the common ones."""
    params = command.get_params(bare_context(command))
    return [param for param in params if isinstance(param, click.Option) and not param.hidden]


def test_only_options_without_an_effect_are_hidden() -> None:
    """Scripts may pass the options of `calc watch` to `calc run`."""
    hidden = {
        (*path, *param.opts)
        for path, command in EVERYTHING.items()
        for param in command.params
        if isinstance(param, click.Option) and param.hidden
    }
    assert hidden == {("calc", "run", "--wait-start")}


@pytest.mark.parametrize("path", TABLES, ids=line_of)
def test_one_line_help_is_a_short_sentence_with_a_verb(path: tuple[str, ...]) -> None:
    text = TABLES[path]
    assert text.split()[0].rstrip(",") in VERBS
    assert len(text) <= MOST_OF_A_LINE
    assert text.endswith(".")
    assert text.count(".") - text.count(".toml") == 1


@pytest.mark.parametrize("path", TABLES, ids=line_of)
def test_long_help_starts_with_the_one_line_help(path: tuple[str, ...]) -> None:
    assert str(EVERYTHING[path].help).partition("\n")[0] == TABLES[path]


@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_every_option_has_a_short_help(path: tuple[str, ...]) -> None:
    options = own_options(EVERYTHING[path])
    assert len(options) > len(shared_options())
    for option in options:
        assert option.help, option.opts
        assert option.help[0].isupper(), option.help
        assert option.help.endswith("."), option.help
        assert len(option.help.split()) <= MOST_WORDS_OF_AN_OPTION, option.help


@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_defaults_have_one_form(path: tuple[str, ...]) -> None:
    """A default is in brackets at the end, as in click, and never in the sentence."""
    command = EVERYTHING[path]
    for option in own_options(command):
        assert "default" not in str(option.help).lower()
        record = option.get_help_record(bare_context(command))
        assert record is not None
        facts = re.search(r"  \[(.*)\]$", record[1])
        if "default" in record[1]:
            assert facts is not None
            assert re.search(r"(?:^|; )default: [^()]+$|default: [^()]+;", facts.group(1)), record
        is_choice = isinstance(option.type, click.Choice | click.types.IntParamType | click.types.FloatParamType)
        if is_choice and isinstance(option.default, str | int | float) and not option.is_flag:
            assert facts is not None, f"{option.opts} hides its default"


@pytest.mark.parametrize("width", mostly_slow(WIDTHS, 3))
@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_no_line_is_wider_than_the_window(user: User, path: tuple[str, ...], width: int) -> None:
    """Help follows the window up to 100 columns, including examples."""
    lines = user.types(*path, "--help", COLUMNS=str(width)).out.splitlines()
    assert [line for line in lines if len(line) > min(width, WIDEST)] == []
    assert not any(line.endswith(" ") for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("topic", TOPICS)
def test_no_line_of_a_topic_is_wider_than_the_window(user: User, topic: str, width: int) -> None:
    lines = user.types("help", topic, COLUMNS=str(width)).out.splitlines()
    assert [line for line in lines if len(line) > min(width, WIDEST)] == []


def test_root_help_fits_a_terminal(user: User) -> None:
    """With the prompt after it, it fits 24 rows of 80 columns."""
    lines = user.types("--help", COLUMNS="80").out.splitlines()
    assert len(lines) + 1 <= 24
    assert max(map(len, lines)) <= 80
    assert len(lines[-3:]) == len([line for line in lines[-3:] if line.startswith("sostrades ")])


@pytest.mark.parametrize("path", [path for path in EVERYTHING if path], ids=line_of)
def test_help_of_commands_ends_with_a_line_about_common_options(user: User, path: tuple[str, ...]) -> None:
    lines = user.types(*path, "--help", COLUMNS="80").out.splitlines()
    assert lines[-1] == POINTER
    assert "sostrades --help" in POINTER
    [where] = re.findall(r"`(sostrades help [a-z-]+)`", POINTER)
    shown = user.types(*where.split()[1:]).out
    assert all(name in shown for option in shared_options() for name in option.opts)


@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_help_is_plain(path: tuple[str, ...]) -> None:
    command = EVERYTHING[path]
    texts = [str(command.help), *(str(option.help) for option in own_options(command))]
    assert [match.group() for text in texts for match in AVOIDED.finditer(text)] == []


@pytest.mark.parametrize("path", [(), ("calc", "watch"), ("help",)], ids=line_of)
def test_only_a_terminal_gets_colours(user: User, path: tuple[str, ...]) -> None:
    plain = user.types(*path, "--help").out
    assert "\x1b" not in plain
    colored = user.types(*path, "--help", tty=True)
    assert "\x1b[1mUsage:" in colored.out
    assert ANSI.sub("", colored.out) == plain
    assert user.types(*path, "--help", tty=True, NO_COLOR="1").out == plain
    assert user.types(*path, "--help", "--no-color", tty=True).out == plain
    assert user.types("help", *path, tty=True) == colored


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_long_example_is_continued_as_in_a_shell(user: User, path: tuple[str, ...]) -> None:
    shown = user.types(*path, "--help", COLUMNS="40").out.partition("Examples:\n")[2].rpartition("\n\n")[0]
    joined = [line.strip() for line in shown.replace(" \\\n    ", " ").splitlines()]
    assert joined == list(COMMANDS[path].examples)
