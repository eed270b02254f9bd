"""The program as a shell calls it for a completion: it answers in lines, or not at all; it never fails aloud."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from sostrades_cli.completion.candidates import Candidate, answers
from sostrades_cli.completion.command_line import CommandWord, place, split
from sostrades_cli.completion.known_names import KnownNames
from sostrades_cli.completion.shell_scripts import SCRIPTS, VARIABLE
from sostrades_cli.local.settings import Flags

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM: Final = "sostrades"
INDEX: Final = Path(__file__).with_name("index.json")
_PLAIN_IN_BASH: Final = re.compile(r"([^\w./=:@%+,^-])", re.ASCII)


def answer(environ: Mapping[str, str], stdout: TextIO) -> None:
    """Write the script of a shell, or the answers to what it asks."""
    shell, _, asked = environ[VARIABLE].partition("_")
    if asked == "source":
        stdout.write(SCRIPTS.get(shell, ""))
    elif asked == "complete" and shell in SCRIPTS:
        stdout.writelines(_lines(shell, environ))


def _lines(shell: str, environ: Mapping[str, str]) -> list[str]:
    words, current = split(environ.get("COMP_WORDS", ""))
    index = json.loads(INDEX.read_text(encoding="utf-8"))
    found = place(index, _after_program(words), current.text)
    if found is None:
        return []
    flags = Flags(host=found.said.get("host"), profile=found.said.get("profile"))
    items = answers(found, KnownNames(environ, flags))
    if shell == "bash":
        return [f"{item.type},{_for_bash(item, current, environ)}\n" for item in items]
    if shell == "zsh":
        return [f"{item.type}\n{item.value or '.'}\n{item.help or '_'}\n" for item in items]
    return [f"{item.type},{item.value}{chr(9) if item.help else ''}{item.help}\n" for item in items]


def _after_program(words: list[str]) -> list[str]:
    """Leave out the program, and what may stand before it, such as variables."""
    at = next((at for at, word in enumerate(words) if word.rpartition("/")[2] == PROGRAM), 0)
    return words[at + 1 :]


def _for_bash(item: Candidate, current: CommandWord, environ: Mapping[str, str]) -> str:
    """Return the part of a word that bash replaces, which begins after a quote or the last dividing letter."""
    if item.type in {"file", "dir"}:
        return f"@{item.value}" if "=@" in current.text else ""
    if current.quote:
        return item.value[current.quoted_from :]
    dividers = set(environ.get("COMP_WORDBREAKS", "=:@")) & set("=:@")
    start = max((at + 1 for at, letter in enumerate(current.text) if letter in dividers), default=0)
    return _PLAIN_IN_BASH.sub(r"\\\1", item.value[start:])
