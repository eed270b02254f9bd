"""What a command says of itself, as facts that pages of any kind are written from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click
from reference.command_tree import COMMANDS, EVERYTHING, GROUPS, bare_context

from sostrades_cli.cli.framework import Command
from sostrades_cli.cli.help_topics import ARGUMENTS
from sostrades_cli.cli.options import shared_options
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

# Arguments of these types mean the same wherever they stand; the others are explained by their command.
MEANINGS: Final = {
    "study": ARGUMENTS["STUDY"],
    "side": "A study, or the folder of an exported study.",
    "key": ARGUMENTS["KEY"],
}
ALWAYS: Final = frozenset({ExitCode.DONE, ExitCode.USAGE})
_CODE: Final = re.compile(r"(?<![\d.`-])\d+(?![\d.]*\d)")


@dataclass(frozen=True, slots=True)
class Described:
    """An argument or an option: how it is written, and what it does."""

    written: str
    text: str


def name_of(path: Sequence[str]) -> str:
    """Return the name of a command as a file has it: `study-load`."""
    return "-".join(path)


def usage(path: Sequence[str]) -> str:
    """Return how a command is called."""
    command = EVERYTHING[tuple(path)]
    return " ".join(["sostrades", *path, *command.collect_usage_pieces(bare_context(command))])


def paragraphs(path: Sequence[str]) -> list[str]:
    """Return the description of a command, a line for each paragraph; the first is its summary."""
    return [" ".join(part.split()) for part in (EVERYTHING[tuple(path)].help or "").split("\n\n") if part.strip()]


def arguments(path: Sequence[str]) -> list[Described]:
    """Return the arguments of a command, each with how many it takes, and what it is where its type tells."""
    result = []
    for param in EVERYTHING[tuple(path)].params:
        if isinstance(param, click.Argument):
            written = param.make_metavar(bare_context(EVERYTHING[tuple(path)])).strip("[].")
            many = param.nargs == -1
            often = (
                ("one or more values" if many else "")
                if param.required
                else ("may be repeated or left out" if many else "optional")
            )
            if isinstance(param.type, click.Choice):
                written, often = str(param.name).upper(), "one of " + ", ".join(map(str, param.type.choices))
            meaning = MEANINGS.get(param.type.name) or _sentence(written, path)
            parts = [part for part in (meaning.rstrip("."), often) if part] or ["required"]
            result.append(Described(written, " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)))
    return result


def _sentence(word: str, path: Sequence[str]) -> str:
    """Return what the group of a command says of an argument, or where its own text does."""
    for text in paragraphs(path[:-1]):
        if result := re.search(rf"(?:^|(?<=[.:] )){re.escape(word)} is (.*?)(?:\.(?= |$)|$)", text):
            return result.group(1)
    parts = "|".join(re.split(r"\W", word))
    return "described above" if any(re.search(rf"\b({parts})\b", text) for text in paragraphs(path)) else ""


def own_options(path: Sequence[str]) -> list[Described]:
    """Return the options of a command that not all have."""
    command = EVERYTHING[tuple(path)]
    return _described([p for p in command.params if isinstance(p, click.Option) and not p.hidden], command)


def options_of_all() -> list[Described]:
    """Return the options that every command has."""
    return _described(shared_options(), EVERYTHING[()])


def exit_codes(path: Sequence[str]) -> list[ExitCode]:
    """Return the exit codes that the texts of a command speak of, and those that every command has."""
    command = EVERYTHING[tuple(path)]
    texts = [*paragraphs(path), *(option.text for option in own_options(path))]
    said = [text[text.lower().index("exit") :] for text in texts if "exit" in text.lower()]
    numbers = {int(number) for text in said for number in _CODE.findall(text)}
    return [code for code in ExitCode if code in ALWAYS or (code in numbers and isinstance(command, Command))]


def summary(path: Sequence[str]) -> str:
    """Return the line that the help of the group above has for a command."""
    return GROUPS[tuple(path[:-1])].table[path[-1]] if path else paragraphs(path)[0]


def gives_json(path: Sequence[str]) -> bool:
    """Tell whether `-F json` may be asked of a command."""
    return "json" in COMMANDS[tuple(path)].options.formats


def _described(options: Sequence[click.Option], command: click.Command) -> list[Described]:
    records = [option.get_help_record(bare_context(command)) for option in options]
    return [Described(record[0], " ".join(record[1].split())) for record in records if record]
