"""Splitting of a CSV text into records, like the server's tokenizer."""

import re
from collections.abc import Iterator

_UNQUOTED = re.compile(r"[^,\r\n]*")
_QUOTED = re.compile(r'[^"]*')
_LEADING_BLANKS = re.compile(r"[ \t]+")
# The header and the first row.
_FIRST_PASS = 2


class CsvError(ValueError):
    """A file that cannot be split into a table, with the message of pandas."""


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a text, except blank ones, each with its line number.

    Raises
    ------
    CsvError
        If the text ends within quotes.

    """
    if '"' not in text and "\r" not in text:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip(" \t"):
                yield number, line.split(",")
        return
    yield from _Tokenizer(text).records()


class _Tokenizer:
    """A reader of records with quotes and carriage returns.

    The server reads the header and the first row, then the rest. In each pass, blanks at the start of a line make it
    return to the last line feed of the pass. If lines end with a lone carriage return, it reads records again: once in
    the first pass, without end in the second one. Then it fails, or stops after 262,143 rows. Here it always fails.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.number = 0
        self.read = 0
        self.start_of_pass = 0
        self.gone_back: set[int] = set()

    def records(self) -> Iterator[tuple[int, list[str]]]:
        while self._skip_blank_lines():
            cells = self._cells()
            self.number += 1
            self.read += 1
            if self.read == _FIRST_PASS:
                self.start_of_pass = self.position
                self.gone_back.clear()
            yield self.number, cells

    def _skip_blank_lines(self) -> bool:
        """Move to the next record. Return whether there is one."""
        while self.position < len(self.text):
            start = self.position
            blanks = _LEADING_BLANKS.match(self.text, start)
            if blanks is not None:
                self.position = blanks.end()
            if self.position == len(self.text):
                return False
            if self.text[self.position] not in "\r\n":
                self.position = start if blanks is None else self._before_blanks(start)
                return True
            if self._end_line() and self.text.startswith(",", self.position):
                # The server loses a comma after a blank line that ends with a lone carriage return.
                self.position += 1
            self.number += 1
        return False

    def _before_blanks(self, start: int) -> int:
        """Return the position to which the server returns if a line starts with blanks."""
        position = max(self.start_of_pass, self.text.rfind("\n", 0, start) + 1)
        if position < start and self.read >= _FIRST_PASS and start in self.gone_back:
            raise CsvError("Error tokenizing data. C error: Buffer overflow caught - possible malformed input file.\n")
        self.gone_back.add(start)
        return position

    def _end_line(self) -> bool:
        """Skip the end of a line. Return whether it was a lone carriage return."""
        if self.text.startswith("\r\n", self.position):
            self.position += 2
            return False
        lone = self.text[self.position] == "\r"
        self.position += 1
        return lone

    def _cells(self) -> list[str]:
        cells = []
        while True:
            cells.append(self._cell())
            if self.position == len(self.text):
                return cells
            if self.text[self.position] != ",":
                self._end_line()
                return cells
            self.position += 1

    def _cell(self) -> str:
        quoted = self._quoted() if self.text.startswith('"', self.position) else ""
        # After closing quotes, the cell continues as if it had no quotes.
        rest = _UNQUOTED.match(self.text, self.position)
        if rest is None:  # pragma: no cover - the pattern matches an empty text
            return quoted
        self.position = rest.end()
        return quoted + rest[0]

    def _quoted(self) -> str:
        parts = []
        while True:
            part = _QUOTED.match(self.text, self.position + 1)
            if part is None or part.end() == len(self.text):
                message = f"Error tokenizing data. C error: EOF inside string starting at row {self.number}"
                raise CsvError(message)
            parts.append(part[0])
            self.position = part.end() + 1
            if not self.text.startswith('"', self.position):
                return '"'.join(parts)
