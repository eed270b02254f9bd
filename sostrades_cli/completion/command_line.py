"""A command line that is being typed: which command it calls, and what stands under the cursor."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

# The index of a command: `options` by name, `arguments` in order, and `commands` of a group; `shared` at its root.
Index: TypeAlias = dict[str, Any]
# The kind of a value: a name, or the words that it can be. In the index it may be either by the word before it.
Kind: TypeAlias = str | list[str] | None
_ESCAPED_IN_QUOTES: Final = '"\\$`'
BLANKS: Final = " \t\n"


class CommandWord(NamedTuple):
    """A word as the program gets it; ``quote`` is what it is being quoted by, from the letter ``quoted_from`` on."""

    text: str
    quote: str = ""
    quoted_from: int = 0


class CursorPlace:
    """Where the cursor is: at the value of an argument or option of a ``kind``, or else at a name.

    ``lead`` is what stands before the part of the word that is completed, such as ``--format=``. ``said`` holds the
    options before it, ``values`` the arguments with their kinds.
    """

    def __init__(self, command: Index, shared: Index, part: str = "") -> None:
        self.command = command
        self.shared = shared
        self.kind: Kind = None
        self.lead = ""
        self.part = part
        self.at_option = False
        self.said: dict[str, str] = {}
        self.values: list[tuple[Kind, str]] = []

    @property
    def options(self) -> Index:
        """The options that may stand here."""
        return {**self.command.get("options", {}), **self.shared}

    @property
    def commands(self) -> Index | None:
        """The commands of a group, ``None`` of a command."""
        commands: Index | None = self.command.get("commands")
        return commands

    def next_kind(self) -> Kind:
        """Return the kind of the next argument; the last one may take all that follow."""
        arguments = self.command.get("arguments", [])
        at = min(len(self.values), len(arguments) - 1)
        fits = arguments and (len(self.values) <= at or arguments[at]["many"])
        kind: Kind | dict[str, Kind] = arguments[at]["kind"] if fits else None
        return kind.get(self.values[-1][1]) if isinstance(kind, dict) else kind


def split(line: str) -> tuple[list[str], CommandWord]:
    """Split a line up to the cursor as a shell does, into the words before and the one under the cursor."""
    done: list[str] = []
    text, quote, begun, quoted_from = "", "", False, 0
    letters = iter(line)
    for letter in letters:
        if quote and letter == quote:
            quote = ""
        elif letter == "\\" and quote != "'":
            text, begun = f"{text}{_escaped(next(letters, ''), quote)}", True
        elif quote:
            text += letter
        elif letter in BLANKS:
            done += [text] if text or begun else []
            text, begun = "", False
        elif letter in "'\"":
            quote, begun, quoted_from = letter, True, len(text)
        else:
            text += letter
    return done, CommandWord(text, quote, quoted_from)


def _escaped(letter: str, quote: str) -> str:
    """Return what a backslash and a letter stand for: within double quotes it escapes few letters only."""
    return letter if not quote or letter in _ESCAPED_IN_QUOTES else f"\\{letter}"


def place(index: Index, words: list[str], current: str) -> CursorPlace | None:
    """Follow the words through the index; ``None`` where one of them calls no command."""
    found = CursorPlace(index, index["shared"], part=current)
    waiting: Index | None = None
    literal = False
    for word in words:
        if waiting is not None:
            found.said[waiting["name"]] = word
            waiting = None
        elif word == "--" and not literal:
            literal = True
        elif word.startswith("-") and len(word) > 1 and not literal:
            waiting = _option(found, word)
        elif found.commands is not None:
            if word not in found.commands:
                return None
            found.command = found.commands[word]
        else:
            found.values.append((found.next_kind(), word))
    _at_cursor(found, current, waiting, literal=literal)
    return found


def _at_cursor(cursor: CursorPlace, current: str, waiting: Index | None, *, literal: bool) -> None:
    if waiting is not None:
        cursor.kind = waiting["kind"]
    elif not current.startswith("-") or literal:
        cursor.kind = None if cursor.commands is not None else cursor.next_kind()
    elif "=" in current:
        name, _, cursor.part = current.partition("=")
        cursor.lead = f"{name}="
        cursor.kind = cursor.options.get(name, {}).get("kind")
    else:
        cursor.at_option = True


def _option(cursor: CursorPlace, word: str) -> Index | None:
    """Note an option that is whole; return one whose value is the next word."""
    name, sign, value = word.partition("=")
    if not name.startswith("--"):
        name, sign, value = word[:2], word[2:], word[2:]  # -Fjson
    option: Index | None = cursor.options.get(name)
    if option is None or option["kind"] == "flag":
        return None
    if not sign:
        return option
    cursor.said[option["name"]] = value
    return None
