"""Test the texts of errors and notes: every error has a hint, and difficult words are avoided."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from syntax_trees import dotted, nodes_of

import sostrades_cli
from sostrades_cli import errors
from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(sostrades_cli.__file__).parent
CLASSES = {name for name, var in vars(errors).items() if isinstance(var, type) and issubclass(var, SostradesError)}
# The user stopped the command, or asked for the exit code of a difference: there is nothing to repair.
ASKED_FOR = {"Different", "HungUp", "UserInterrupt", "Terminated"}
# The functions that show a note.
NOTIFIERS = {"notify", "inform", "note", "warn", "warning", "remark", "_notify"}
AVOIDED = re.compile(
    r";|::|(?<!there) is no (?!longer)| cannot be had|\bnot any more\b|\bleft away\b|\bleave .* away\b|\bgoes on\b"
    r"|\bgive the command again\b|\ball the same\b|\bunless said\b"
)
COMMAND = r"sostrades (?:auth|study|param|calc|postproc|alias|config|doctor|help)\b"
IN_BACKTICKS = re.compile(r"`[^`]*`")


def modules() -> Iterator[tuple[str, Path]]:
    """Yield the name and the file of every module."""
    return ((str(path.relative_to(ROOT)), path) for path in sorted(ROOT.rglob("*.py")))


def called(node: ast.Call) -> str:
    """Return the name of the called function. Errors of click get their hint at the error door."""
    if dotted(node.func).startswith("click."):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def calls(path: Path, names: set[str]) -> Iterator[ast.Call]:
    """Yield the calls of functions and classes with these names."""
    return (node for node in nodes_of(path, ast.Call) if called(node) in names)


def text_of(node: ast.AST) -> str:
    """Return the literal text of an expression, with X for each filled-in value."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "X" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def hints() -> Iterator[tuple[str, str]]:
    """Yield the module and the text of every hint of an error, with each branch of a condition separately."""
    for name, path in modules():
        for call in calls(path, CLASSES | {"reworded"}):
            branches = [word.value for word in call.keywords if word.arg == "hint"]
            while branches:
                node = branches.pop()
                if isinstance(node, ast.IfExp):
                    branches += [node.body, node.orelse]
                elif text := text_of(node):
                    yield name, text


def test_every_error_has_a_hint() -> None:
    without = [
        f"{name}, line {call.lineno}"
        for name, path in modules()
        for call in calls(path, CLASSES - ASKED_FOR)
        if not any(word.arg == "hint" for word in call.keywords)
    ]
    assert without == []


def test_command_in_a_hint_stands_alone_or_in_backticks() -> None:
    """Otherwise it would be wrapped on a narrow terminal."""
    unmarked = [
        (name, hint)
        for name, hint in hints()
        if re.search(COMMAND, IN_BACKTICKS.sub("", hint)) and not re.fullmatch(rf"{COMMAND}[^,;:`]*", hint)
    ]
    assert unmarked == []


def test_option_in_a_hint_has_a_value_that_works() -> None:
    placeholder = re.compile(r"--(?:read-timeout|timeout|interval|wait-start|max-outage) [A-Z]{3,}|=@FILE\b(?!\.)")
    assert [(name, hint) for name, hint in hints() if placeholder.search(hint)] == []


def test_hint_is_an_instruction_and_not_a_question() -> None:
    assert [(name, hint) for name, hint in hints() if hint.endswith(("?", "!")) or hint.startswith("is ")] == []


def test_command_in_a_note_is_in_backticks() -> None:
    notes = [
        (name, text)
        for name, path in modules()
        for call in calls(path, NOTIFIERS)
        for argument in call.args
        if (text := text_of(argument))
    ]
    assert [(name, text) for name, text in notes if re.search(COMMAND, IN_BACKTICKS.sub("", text))] == []


def test_errors_and_notes_avoid_difficult_words() -> None:
    texts = [
        (name, text_of(node))
        for name, path in modules()
        for call in calls(path, CLASSES | NOTIFIERS)
        for node in ast.walk(call)
    ]
    assert [(name, text) for name, text in texts if AVOIDED.search(text)] == []
