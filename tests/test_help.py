"""Test the help of every group and command, and parse its examples."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

import click
import pytest
from reference.command_tree import COMMANDS, EVERYTHING, GROUPS, bare_context, calls, line_of

from sostrades_cli.cli import framework
from sostrades_cli.cli.main import root
from sostrades_cli.local.settings import FORMATS
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from conftest import User


def section(text: str, title: str) -> str:
    """Return a section of a help, up to the next line that is not indented."""
    result = re.search(rf"^{title}:\n((?:[ ]+.*\n|\n)+)", f"{text}\n", re.MULTILINE)
    assert result, f"no {title} in\n{text}"
    return result.group(1)


def without_aliases(word: str) -> str:
    """Return a word of an example with the numbers of copies: a command line that is only parsed has no aliases."""
    return re.sub(r"\b(my-copy|copy-[12])\b", "34", word)


def context_of(words: list[str]) -> click.Context:
    """Parse a command line with click without running it."""
    command: click.Command = root
    context = click.Context(root, info_name="sostrades", **framework.HELP_OPTIONS)
    while isinstance(command, click.Group):
        inner = command.get_command(context, words[0])
        assert inner is not None, f"no command {words[0]}"
        command, words = inner, words[1:]
    return command.make_context("sostrades", words, parent=context)


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_every_command_has_examples_that_parse(user: User, path: tuple[str, ...]) -> None:
    # A long example is continued on the next line, as in a shell.
    shown = section(user.types(*path, "--help").out, "Examples").replace(" \\\n    ", " ").splitlines()
    examples = [line.strip() for line in shown if line.strip()]
    assert examples == list(COMMANDS[path].examples)
    assert examples
    for example in examples:
        result = list(calls(example))
        assert [tuple(words[: len(path)]) for words in result] == [path]
        for words in result:
            assert context_of([without_aliases(word) for word in words]).command is COMMANDS[path]
    assert user.requests == []


def test_invalid_example_does_not_parse() -> None:
    for wrong in ("study load", "study load 21 --no-such-option", "study load abc", "calc watch 21 --timeout soon"):
        with pytest.raises(click.UsageError):
            context_of(wrong.split())


@pytest.mark.parametrize("path", GROUPS, ids=line_of)
def test_table_of_a_group_lists_its_package(path: tuple[str, ...]) -> None:
    package = importlib.import_module(GROUPS[path].package)
    assert set(GROUPS[path].table) == {module.name for module in pkgutil.iter_modules(package.__path__)}


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_command_is_named_after_its_path(path: tuple[str, ...]) -> None:
    assert COMMANDS[path].name == path[-1]


@pytest.mark.parametrize("path", GROUPS, ids=line_of)
def test_help_of_a_group_lists_its_commands(user: User, path: tuple[str, ...]) -> None:
    shown = user.types(*path, "--help").out
    for name, text in GROUPS[path].table.items():
        assert re.search(rf"(?:^  |^[A-Z][a-z]+: +|^ {{10}}){name}\s+{re.escape(text)}$", shown, re.MULTILINE)


@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_no_two_options_share_a_name(path: tuple[str, ...]) -> None:
    """An option of a command must not hide a common one."""
    command = EVERYTHING[path]
    names = [name for p in command.get_params(bare_context(command)) for name in p.opts if name.startswith("-")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", EVERYTHING, ids=line_of)
def test_every_help_option_is_equivalent(user: User, path: tuple[str, ...]) -> None:
    done = user.types(*path, "--help")
    assert (done.code, done.err) == (0, "")
    assert user.types(*path, "-h") == done
    assert user.types("help", *path) == done
    assert " ".join(done.out.split()).startswith(f"Usage: {' '.join(('sostrades', *path))} ")
    assert re.search(r"^ *(?:Options:)? +-h, --help +Show this help\.$", done.out, re.MULTILINE)


def test_program_without_a_command_shows_its_help(user: User) -> None:
    """A group alone is exit 2."""
    assert user.types() == user.types("--help")
    bare = user.types("study")
    assert (bare.code, bare.out) == (2, "")
    assert bare.err == user.types("study", "--help").out


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_help_of_a_command_lists_its_own_options_only(user: User, path: tuple[str, ...]) -> None:
    options = [param for param in COMMANDS[path].params if isinstance(param, click.Option)]
    own = [name for option in options if not option.hidden for name in option.opts]
    own += ["-h", "--help"]
    shown = user.types(*path, "--help").out.partition("\nOptions:\n")[2].partition("\n\n")[0]
    listed = re.findall(r"^  (-[^ ,]+)(?:, (-[^ ]+))?", shown, re.MULTILINE)
    assert {name for names in listed for name in names if name} == set(own)


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_unsupported_format_is_rejected(user: User, path: tuple[str, ...]) -> None:
    [words] = calls(COMMANDS[path].examples[0])
    for form in set(FORMATS) - set(COMMANDS[path].options.formats):
        done = user.types(*words, "-F", form)
        assert (done.code, done.out) == (2, "")
    assert user.requests == []


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_unknown_option_is_exit_2(user: User, path: tuple[str, ...]) -> None:
    done = user.types(*path, "--no-such-option")
    assert (done.code, done.out) == (2, "")
    assert f"sostrades {' '.join(path)} --help" in done.err


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("studdy", "Did you mean 'study' or 'stub'?"),
        ("study lod 21", "Did you mean 'load'?"),
        ("postproc shwo 21 1", "Did you mean 'show'?"),
        ("load 21", "Did you mean 'study load' or 'postproc load'?"),
        ("sweep", "Did you mean 'calc sweep'?"),
        ("list", "Did you mean 'study list' or 'param list' or 'alias list'?"),
        ("study load 21 --mach x", "Did you mean '--match'?"),
        ("version", "Did you mean '--version'?\n  try: sostrades --version\n"),
        ("qqqqqq", None),
    ],
)
def test_misspelt_word_has_a_suggestion(user: User, line: str, meant: str | None) -> None:
    done = user.types(*line.split())
    assert (done.code, done.out, user.requests) == (2, "", [])
    assert meant in done.err if meant else "Did you mean" not in done.err


@pytest.mark.parametrize("line", ["--version", "--version -F json", "-F json --version"])
def test_version_is_text_in_every_format(user: User, line: str) -> None:
    """Scripts read the last word, as with the option of any other program."""
    done = user.types(*line.split())
    assert (done.code, done.out) == (0, f"sostrades {__version__}\n")


@pytest.mark.parametrize("command", [("study", "load", "21", "-F", "table"), ("calc", "status", "21", "-F", "table")])
def test_colour_can_be_forced(user: User, command: tuple[str, ...]) -> None:
    """NO_COLOR and --no-color have priority, and data has no colour."""
    assert "\x1b[" in user.types(*command, FORCE_COLOR="1").out
    assert "\x1b[" not in user.types(*command).out
    assert "\x1b[" not in user.types(*command, FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b[" not in user.types(*command, "--no-color", FORCE_COLOR="1").out
    for form in ("tsv", "csv", "json"):
        assert "\x1b[" not in user.types(*command[:3], "-F", form, FORCE_COLOR="1").out
