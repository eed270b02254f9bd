"""Splitting the text of a CSV file into records, as the server's tokenizer does."""

import re
from collections.abc import Iterator

_UNQUOTED = re.compile(r"[^,\r\n]*")
_QUOTED = re.compile(r'[^"]*')
_LEADING_BLANKS = re.compile(r"[ \t]+")


class CsvError(ValueError):
    """A file that cannot be split into a table, in the words of pandas."""


def records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records of a text that are not blank, each with its number, blank lines counted.

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
    """Reads records that may hold quotes or end with a carriage return."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.number = 0
        # The tokenizer goes back to a line feed or to here to read leading blanks again.
        self.floor = 0

    def records(self) -> Iterator[tuple[int, list[str]]]:
        while self._skip_blank_lines():
            cells = self._cells()
            self.number += 1
            yield self.number, cells

    def _skip_blank_lines(self) -> bool:
        """Move to the next record; return whether there is one."""
        while self.position < len(self.text):
            start = self.position
            blanks = _LEADING_BLANKS.match(self.text, start)
            if blanks is not None:
                self.position = blanks.end()
            if self.position == len(self.text):
                return False
            if self.text[self.position] not in "\r\n":
                if blanks is not None:
                    self.position = max(self.floor, self.text.rfind("\n", 0, start) + 1)
                return True
            self._end_line()
            self.number += 1
        return False

    def _end_line(self) -> bool:
        """Step over the end of a line; return whether it was a lone carriage return."""
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
            if self.text[self.position] == ",":
                self.position += 1
                continue
            if self._end_line():
                self.floor = self.position
            return cells

    def _cell(self) -> str:
        quoted = self._quoted() if self.text.startswith('"', self.position) else ""
        # Behind closing quotes the cell goes on as if it had none.
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
