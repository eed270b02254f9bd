"""The man pages: reStructuredText that docutils, which Sphinx builds its own on, turns into roff."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from docutils.core import publish_string
from reference import texts
from reference.command_tree import EVERYTHING, GROUPS

from sostrades_cli import __version__
from sostrades_cli.cli.help_topics import ENVIRONMENT
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MARKUP: Final = re.compile(r"([*`|_\\<>])")
# An argument, as a usage and an option write it.
_VARIABLE: Final = re.compile(r"[A-Z][A-Z_]*(?:\.csv)?")
_BRACKETS: Final = re.compile(r"([\[\]|=.@{},]+)")


def page_name(path: Sequence[str]) -> str:
    """Return what is typed after `man`."""
    return "-".join(("sostrades", *path))


def file_name(path: Sequence[str]) -> str:
    """Return the name of a page's file."""
    return f"{page_name(path)}.1"


def page(path: tuple[str, ...]) -> str:
    """Return the man page of a command, a group, or the program."""
    settings = {"report_level": 2, "halt_level": 2, "input_encoding": "unicode", "output_encoding": "unicode"}
    written = str(publish_string(source(path), writer="manpage", settings_overrides=settings))
    # Names of commands and options are not cut at the end of a line, and lines are not stretched.
    return written.replace(".SH Name\n", ".nr HY 0\n.nh\n.ad l\n.SH NAME\n", 1)


def source(path: tuple[str, ...]) -> str:
    """Return the text of a page before it is roff."""
    name, does = page_name(path), _escaped(texts.summary(path).rstrip("."))
    rule = "=" * len(name)
    lines = [rule, name, rule, "", "~" * len(does), does[0].lower() + does[1:], "~" * len(does), ""]
    lines += [":Manual section: 1", ":Manual group: SoSTrades", f":Version: sostrades {__version__}", ""]
    lines += [*_title("SYNOPSIS"), _synopsis(path), "", *_title("DESCRIPTION"), *_paragraphs(path)]
    lines += [*_arguments(path), *_options(path), *_commands(path), *_examples(path), *_exit_status(path)]
    lines += (
        [*_title("ENVIRONMENT"), *_definitions((f"**{name}**", text) for name, text in ENVIRONMENT.items())]
        if not path
        else []
    )
    return "\n".join([*lines, *_title("SEE ALSO"), _see_also(path), ""])


def _title(text: str) -> list[str]:
    return [text, "-" * len(text), ""]


def _synopsis(path: tuple[str, ...]) -> str:
    called = " ".join(("sostrades", *path))
    return f"**{called}** {_written(texts.usage(path).removeprefix(called).strip())}"


def _paragraphs(path: tuple[str, ...]) -> list[str]:
    """Return the description; its first line is the name's, and is repeated only where there is no other."""
    title, *more = texts.paragraphs(path)
    return [line for text in more or [title] for line in (_escaped(text), "")]


def _arguments(path: tuple[str, ...]) -> list[str]:
    reported = [
        argument for argument in texts.arguments(path) if not argument.text.startswith(("Required", "Described above"))
    ]
    rows = [(f"*{_escaped(item.written)}*", item.text) for item in reported]
    return [*_title("ARGUMENTS"), *_definitions(rows)] if rows else []


def _options(path: tuple[str, ...]) -> list[str]:
    own = [(_written(option.written), option.text) for option in texts.own_options(path)]
    shared = [(_written(item.written), item.text) for item in texts.options_of_all()]
    if not path:
        return [*_title("OPTIONS OF EVERY COMMAND"), *_definitions(shared), *_title("OPTIONS"), *_definitions(own)]
    names = ", ".join(re.findall(r"--[a-z-]+", " ".join(item.written for item in texts.options_of_all())))
    rest = f"{names} are described in **sostrades**\\ (1)."
    return [*_title("OPTIONS"), *_definitions(own), f"{'Also, ' if own else ''}{rest}", ""]


def _commands(path: tuple[str, ...]) -> list[str]:
    if path not in GROUPS:
        return []
    rows = [(f"**{page_name((*path, name))}**\\ (1)", text) for name, text in GROUPS[path].table.items()]
    return [*_title("COMMANDS"), *_definitions(rows)]


def _examples(path: tuple[str, ...]) -> list[str]:
    result = getattr(EVERYTHING[path], "examples", ())
    return [*_title("EXAMPLES"), "::", "", *(f"    {line}" for line in result), ""] if result else []


def _exit_status(path: tuple[str, ...]) -> list[str]:
    if path in GROUPS and path:
        return []
    codes = texts.exit_codes(path) if path else list(ExitCode)
    lines = [*_title("EXIT STATUS"), *_definitions((f"**{int(code)}**", code.meaning) for code in codes)]
    return [*lines, *(["**sostrades**\\ (1) has all of them.", ""] if path else [])]


def _see_also(path: tuple[str, ...]) -> str:
    above = [path[:n] for n in range(len(path))]
    beside = [
        item for item in EVERYTHING if path and len(item) == len(path) and item[:-1] == path[:-1] and item != path
    ]
    below = [item for item in EVERYTHING if len(item) == len(path) + 1 and item[: len(path)] == path]
    result = [*above, *(beside if len(path) > 1 else []), *below]
    return ", ".join(f"**{page_name(item)}**\\ (1)" for item in result)


def _definitions(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [line for head, text in rows for line in (head, f"    {_escaped(text)}", "")]


def _written(text: str) -> str:
    """Set names in bold and what stands for something else in italics."""
    return " ".join(_word(word) for word in text.split())


def _word(word: str) -> str:
    pieces = [piece for piece in _BRACKETS.split(word) if piece] if not word.endswith(".csv") else [word]
    marked = []
    for piece in pieces:
        if _BRACKETS.fullmatch(piece):
            marked.append(_escaped(piece))
        else:
            sign = "*" if _VARIABLE.fullmatch(piece) else "**"
            marked.append(f"{sign}{piece}{sign}")
    return "\\ ".join(marked)


def _escaped(text: str) -> str:
    """Return a text whose signs mean nothing to docutils, save for code in backticks."""
    parts = text.split("`")
    kept = [f"``{part}``" if n % 2 else _MARKUP.sub(r"\\\1", part) for n, part in enumerate(parts)]
    return "".join(kept)
