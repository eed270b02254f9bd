"""The commands as a tree, and the lines of shell that their examples are: what tests and pages are made from."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.main import root

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELL: Final = {"|", "<", ">", "(", ")", "&&", ";"}
# What a shell catches of a program's output: `x=$(...)`, `eval "$(...)"`, `source <(...)`.
_CAUGHT: Final = re.compile(r"[$<]\((?P<line>sostrades [^()]+)\)")


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every group and command with its path."""
    yield path, command
    if isinstance(command, framework.LazyGroup):
        for name in command.table:
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from walk(inner, (*path, name))


EVERYTHING: Final = dict(walk(root))
GROUPS: Final = {path: command for path, command in EVERYTHING.items() if isinstance(command, framework.LazyGroup)}
COMMANDS: Final = {path: command for path, command in EVERYTHING.items() if isinstance(command, framework.Command)}


def line_of(path: tuple[str, ...]) -> str:
    """Return how a command is called, as the name of a test."""
    return " ".join(path) or "sostrades"


def bare_context(command: click.Command) -> click.Context:
    """Return a context as the program makes it: a command keeps the names of its help from the first one it sees."""
    return click.Context(command, **framework.HELP_OPTIONS)


def calls(example: str) -> Iterator[list[str]]:
    """Yield the calls of the program in a line of shell, each without the program's name."""
    caught = _CAUGHT.search(example)
    words = _words(caught["line"] if caught else example)
    for start, word in enumerate(words):
        if word == "sostrades":
            end = next((n for n in range(start, len(words)) if words[n] in SHELL), len(words))
            yield words[start + 1 : end]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of shell with one call of the program: its arguments, the file it reads, the tool that it is piped to."""

    arguments: tuple[str, ...]
    reads: str | None = None
    pipe: str | None = None

    @property
    def in_pipe(self) -> bool:
        """Tell whether the program's output goes to another one."""
        return self.pipe is not None


def parsed(example: str) -> Line:
    """Take a line of shell apart; what is not understood here is an error, so that no example passes unread."""
    caught = _CAUGHT.search(example)
    line, pipe = (caught["line"], "cat") if caught else (example, None)
    words = _words(line)
    if "|" in words:
        at = words.index("|")
        words, pipe = words[:at], shlex.join(words[at + 1 :])
    if ">" in words:
        words, pipe = words[: words.index(">")], "cat"
    reads = None
    if "<" in words:
        at = words.index("<")
        reads, words = words[at + 1], [*words[:at], *words[at + 2 :]]
    assert words[0] == "sostrades", example
    assert not SHELL & set(words), example
    return Line(tuple(words[1:]), reads, pipe)


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(lexer)
