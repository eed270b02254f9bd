"""Errors for TOML files that cannot be parsed: the line, the parameter, and how to write its value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param.collected_errors import SHOWN_ERRORS
from sostrades_cli.operations.tables import cells

if TYPE_CHECKING:
    from collections.abc import Iterator

# As tomllib ends its messages.
_POSITION: Final = re.compile(r" \(at line (\d+), column \d+\)")
_SECTION: Final = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_STATEMENT: Final = re.compile(r"""\s*("[^"]+"|'[^']+'|[^"'=#\[\]]+?)\s*=\s*(.*?)\s*(?:#.*)?""")
# A field of an inline table whose number has a decimal comma.
_FIELD: Final = re.compile(r"=\s*([+-]?\d+,\d+)\s*(?=[,}])")
_WORDS: Final = re.compile(r"[^\W\d][^\"'\\\[\]{}=#]*")
_BOOLEANS: Final = {"True": "true", "False": "false"}


class _Statement(NamedTuple):
    """A line ``KEY = VALUE``; ``key`` has the section in front."""

    line: int
    key: str
    value: str

    def __str__(self) -> str:
        """Return where it is."""
        return f"line {self.line}, {self.key}"

    @property
    def slip(self) -> str:
        """The part of the value that is probably wrong."""
        field = _FIELD.search(self.value) if self.value.startswith("{") else None
        return field[1] if field else self.value

    @property
    def spelling(self) -> str | None:
        """How to write what was probably meant by ``slip``; ``None`` if it is TOML, or nothing is known."""
        if readings := cells.readings(self.slip, cells.NUMERIC):
            return " or ".join(readings)
        if self.value in _BOOLEANS:
            return _BOOLEANS[self.value]
        is_text = _WORDS.fullmatch(self.value) and self.value not in {"true", "false", "inf", "nan"}
        return f'"{self.value}"' if is_text else None


def not_toml(
    text: str, called: str, error: ValueError, layouts: str, failure: type[UsageError] = UsageError
) -> UsageError:
    """Return the error for a text that is not TOML; ``layouts`` is the hint if the line is unknown."""
    position = _POSITION.search(str(error))
    if position is None:
        return failure(f"{called} is not TOML: {error}", hint=layouts)
    statements = {statement.line: statement for statement in _statements(text)}
    number, reason = int(position[1]), _POSITION.sub("", str(error))
    wrong = statements.get(number)
    if wrong is None:
        return failure(f"{called}, line {number}: {reason}", hint="correct that line")
    if wrong.spelling is None:
        return failure(f"{called}, {wrong}: {reason}", hint="correct that line")
    # The parser stops at the first error.
    others = [f"{other}: write {other.spelling}" for other in statements.values() if other != wrong and other.spelling]
    return failure(
        f"{called}, {wrong}: {wrong.slip} is not a value in TOML",
        detail="\n".join(others[:SHOWN_ERRORS]) or None,
        hint=f"write {wrong.spelling}",
    )


def _statements(text: str) -> Iterator[_Statement]:
    section = ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if head := _SECTION.fullmatch(line):
            section = f"{_plain(head[1])}."
        elif statement := _STATEMENT.fullmatch(line):
            yield _Statement(number, f"{section}{_plain(statement[1])}", statement[2])


def _plain(key: str) -> str:
    """Return a key without its quotes."""
    return key.strip().replace('"', "").replace("'", "")
