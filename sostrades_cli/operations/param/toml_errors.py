"""Errors for TOML files that cannot be parsed: the line, the parameter, and how to write its value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.param.collected_errors import SHOWN_ERRORS
from sostrades_cli.operations.tables import cells
from sostrades_cli.safe_parsers import from_toml

if TYPE_CHECKING:
    from collections.abc import Iterator

# As tomllib ends its messages.
_POSITION: Final = re.compile(r" \(at line (\d+), column \d+\)")
_SECTION: Final = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_STATEMENT: Final = re.compile(r"""\s*("[^"]+"|'[^']+'|[^"'=#\[\]]+?)\s*=\s*(.*?)\s*(?:#.*)?""")
_WORDS: Final = re.compile(r"[^\W\d][^\"'\\\[\]{}=#]*")
_BOOLEANS: Final = {"True": "true", "False": "false"}
# A number with a decimal comma as a field of an inline table, and as an item of a list that is separated by semicolons.
_FIELD: Final = re.compile(r"(?<==)(\s*)([+-]?\d+,\d+)(?=\s*[,}])")
_ITEM: Final = re.compile(r"(?<=[\[;])(\s*)([+-]?[\d,.]+)(?=\s*[;\]])")
# Longer lists would fill the message.
_LONGEST: Final = 200


class _Statement(NamedTuple):
    """A line ``KEY = VALUE``; ``key`` has the section in front."""

    line: int
    key: str
    value: str

    def __str__(self) -> str:
        """Return where it is."""
        return f"line {self.line}, {self.key}"

    @property
    def spelling(self) -> str | None:
        """How to write the value that was probably meant; ``None`` if it is TOML, or nothing is known."""
        if readings := cells.readings(self.value, cells.NUMERIC):
            return " or ".join(readings)
        if self.value in _BOOLEANS:
            return _BOOLEANS[self.value]
        if self.value[:1] in {"[", "{"}:
            return _nested_spelling(self.value) if len(self.value) <= _LONGEST else None
        is_text = _WORDS.fullmatch(self.value) and self.value not in {"true", "false", "inf", "nan"}
        return f'"{self.value}"' if is_text else None


def not_toml(
    text: str, called: str, error: ValueError, layouts: str, error_class: type[UsageError] = UsageError
) -> UsageError:
    """Return the error for a text that is not TOML; ``layouts`` is the hint if the line is unknown."""
    position = _POSITION.search(str(error))
    if position is None:
        return error_class(f"{called} is not TOML: {error}", hint=layouts)
    statements = {statement.line: statement for statement in _statements(text)}
    number, reason = int(position[1]), _POSITION.sub("", str(error))
    wrong = statements.get(number)
    if wrong is None:
        return error_class(f"{called}, line {number}: {reason}", hint="correct that line")
    if wrong.spelling is None:
        return error_class(f"{called}, {wrong}: {reason}", hint="correct that line")
    # The parser stops at the first error.
    others = [f"{other}: write {other.spelling}" for other in statements.values() if other != wrong and other.spelling]
    return error_class(
        f"{called}, {wrong}: {wrong.value} is not a value in TOML",
        detail="\n".join(others[:SHOWN_ERRORS]) or None,
        hint=f"write {wrong.spelling}",
    )


def _nested_spelling(value: str) -> str | None:
    """Return a list or an inline table with decimal points; ``None`` if it is TOML, or cannot become TOML."""
    items = _FIELD.sub(_with_point, _ITEM.sub(_with_point, value)).replace(";", ",")
    return items if _is_toml(items) and not _is_toml(value) else None


def _is_toml(value: str) -> bool:
    try:
        from_toml(f"value = {value}")
    except ValueError:
        return False
    return True


def _with_point(number: re.Match[str]) -> str:
    """Return a number as TOML writes it, or unchanged if it has several readings."""
    meanings = cells.readings(number[2], cells.NUMERIC)
    return number[1] + (meanings[0] if len(meanings) == 1 else number[2])


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
