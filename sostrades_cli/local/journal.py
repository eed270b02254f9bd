"""The journal of changes: the replaced values of each command, per server and study, written before a request is sent.

``<state>/journal/<server>/<study>.jsonl`` has one line for each command that changed the study, the oldest first.
Replaced tables are stored beside it under the sha-256 of their content. The journal contains values, never API keys,
and only its owner can read it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.files.atomic import atomic, beforehand, private_folder, stored_lines
from sostrades_cli.files.locks import locked
from sostrades_cli.local.config_file import STATE_VARIABLE, journal_file
from sostrades_cli.safe_parsers import from_json, is_as_declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# Older changes are unlikely to be undone; their tables are removed with them.
MOST_ENTRIES: Final = 200
BEGUN: Final = "begun"
DONE: Final = "done"
NOT_MADE: Final = "not made"
IN_DOUBT: Final = "in doubt"
RESTORED: Final = "restored"


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """The change of one parameter in an entry.

    ``old`` and ``new`` are JSON values. For tables, ``old_table`` and ``new_table`` are the sha-256 of the content as
    downloaded before and after the change. ``old_sent`` and ``new_sent`` are the sha-256 of the files that this
    machine sent, and ``old_types`` and ``new_types`` their types by column, which a download does not contain.
    ``any_new`` means that the new value is unknown: a default of the model, or the values of a sweep. ``difference``
    says how a new table differs from the old one.
    """

    key: str
    type: str | None
    unit: str | None
    old: Any = None
    new: Any = None
    old_table: str | None = None
    new_table: str | None = None
    any_new: bool = False
    old_sent: str | None = None
    new_sent: str | None = None
    old_types: Any = None
    new_types: Any = None
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A command that changed a study.

    ``outcome`` is ``begun`` (the command was killed, so its result is unknown), ``done``, ``not made``, ``in doubt``,
    or ``restored`` (the old values are back, as after a sweep). ``undoes`` are the numbers of the entries that the
    command reverted. ``detail`` is the message of its error. ``effects`` are the parameters that disappeared or
    changed as a consequence, with their old values. ``message`` is the user's own text.
    """

    entry: int
    time: str
    host: str
    study: int
    command: str
    outcome: str
    changes: tuple[RecordedValue, ...]
    undoes: tuple[int, ...] = ()
    detail: str | None = None
    effects: tuple[RecordedValue, ...] = ()
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as it is stored and printed."""
        lists = {"changes": self.changes, "effects": self.effects}
        plain = {name: [asdict(change) for change in changes] for name, changes in lists.items()}
        return asdict(self) | plain | {"undoes": list(self.undoes)}


class Journal:
    """The journal of one study."""

    def __init__(self, state: Path, host: str, study: int) -> None:
        self._path = journal_file(state, host, study)
        self._folder = self._path.parent
        self._host = host
        self._study = study

    def entries(self) -> list[JournalEntry]:
        """Return the entries, the oldest first, without damaged lines.

        Raises
        ------
        UsageError
            The file exists and cannot be opened.

        """
        return [line for line in self._lines() if isinstance(line, JournalEntry)]

    def may_have_begun(self) -> bool:
        """Return whether an entry may have no outcome yet, without parsing the entries."""
        try:
            return json.dumps(BEGUN).encode() in self._path.read_bytes()
        except OSError:
            return False

    def damage(self) -> str | None:
        """Return a message about damaged lines, ``None`` if there are none.

        Raises
        ------
        UsageError
            The file exists and cannot be opened.

        """
        damaged = sum(isinstance(line, bytes) for line in self._lines())
        if not damaged:
            return None
        lines = "1 line" if damaged == 1 else f"{damaged} lines"
        return f"{lines} of {self._path} cannot be read, so these changes are not listed and cannot be undone"

    def _lines(self) -> list[JournalEntry | bytes]:
        """Return the entries, and damaged lines as they are."""
        return [_entry(line) or line for line in stored_lines(self._path, STATE_VARIABLE) if line.strip()]

    def begin(
        self,
        command: str,
        changes: Iterable[RecordedValue],
        tables: Iterable[tuple[str, Path]],
        time: str,
        undoes: Iterable[int] = (),
        message: str | None = None,
    ) -> int:
        """Write an entry and return its number.

        ``tables`` are the files of the replaced tables and of those to be sent, by their sha-256.

        Raises
        ------
        UsageError
            The entry cannot be written; the caller must not send the change.

        """
        with self._writing(), beforehand():
            lines = self._lines()
            # Not the number of lines: old entries are dropped, and a number is used once.
            number = max((line.entry for line in lines if isinstance(line, JournalEntry)), default=0) + 1
            # Tables first: an entry must never refer to a missing file.
            for digest, path in tables:
                self._keep(digest, path)
            entry = JournalEntry(number, time, self._host, self._study, command, BEGUN, tuple(changes), tuple(undoes))
            self._write([*lines, replace(entry, message=message)])
            return number

    def end(
        self,
        number: int,
        outcome: str,
        detail: str | None = None,
        tables: Mapping[str, str] | None = None,
        effects: Iterable[RecordedValue] = (),
    ) -> None:
        """Record the outcome of a command; ``tables`` are the sha-256 of the new tables, by parameter.

        The tables of ``effects`` must have been passed to ``begin``.

        Raises
        ------
        WriteFailed
            The journal cannot be written.
        UsageError
            The journal cannot be read or locked.

        """
        with self._writing():
            lines = self._lines()
            for at, line in enumerate(lines):
                if isinstance(line, JournalEntry) and line.entry == number:
                    changes = tuple(replace(c, new_table=(tables or {}).get(c.key, c.new_table)) for c in line.changes)
                    lines[at] = replace(line, outcome=outcome, detail=detail, changes=changes, effects=tuple(effects))
            self._write(lines)

    def table(self, digest: str) -> Path | None:
        """Return the file of a replaced or sent table; ``None`` if it is no longer stored."""
        path = self._table(digest)
        return path if path.is_file() else None

    def _writing(self) -> Any:  # noqa: ANN401 - a context manager
        return locked(self._folder / f"{self._study}.lock", STATE_VARIABLE)

    def _write(self, lines: list[JournalEntry | bytes]) -> None:
        # The whole file is rewritten: an appended line could be cut by a crash and hide the next one.
        kept = lines[-MOST_ENTRIES:]
        with atomic(self._path, private=True) as file:
            # A damaged line is kept as it is: somebody may repair it.
            file.writelines(
                (line if isinstance(line, bytes) else json.dumps(line.to_json()).encode()) + b"\n" for line in kept
            )
        entries = [line for line in kept if isinstance(line, JournalEntry)]
        changes = [change for entry in entries for change in (*entry.changes, *entry.effects)]
        needed = {sha256 for change in changes for sha256 in (change.old_table, change.old_sent, change.new_sent)}
        # Only a dropped entry can leave tables behind. A damaged line may refer to any of them.
        for path in self._tables.glob("*.csv") if len(lines) > MOST_ENTRIES and len(entries) == len(kept) else ():
            if path.stem not in needed:
                path.unlink(missing_ok=True)

    def _keep(self, digest: str, path: Path) -> None:
        # Named by its content, so a file that exists is the same.
        if self._table(digest).exists():
            return
        private_folder(self._tables, STATE_VARIABLE)
        try:
            with path.open("rb") as source, atomic(self._table(digest), private=True) as target:
                shutil.copyfileobj(source, target)
        except OSError as error:  # of the source: the target has an error of its own
            raise InvalidFile(
                f"cannot read {path}, a table of this change: {error.strerror}", hint="run the command again"
            ) from error

    @property
    def _tables(self) -> Path:
        return self._folder / f"{self._study}.d"

    def _table(self, digest: str) -> Path:
        return self._tables / f"{digest}.csv"


def _entry(line: bytes) -> JournalEntry | None:
    try:
        fields_of_entry = from_json(line.decode("utf-8"))
        changes, effects = _changes(fields_of_entry["changes"]), _changes(fields_of_entry.get("effects", []))
        lists = {"undoes": tuple(fields_of_entry["undoes"]), "changes": changes, "effects": effects}
        entry = JournalEntry(**{**_known(JournalEntry, fields_of_entry), **lists})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    types = [types for change in (*changes, *effects) for types in (change.old_types, change.new_types)]
    if not all(by_column is None or _are_types(by_column) for by_column in types):
        return None
    # The file may have been edited, and a wrong type would fail only within an undo.
    plain = all(map(is_as_declared, (entry, *changes, *effects))) and all(
        type(number) is int for number in entry.undoes
    )
    return entry if plain and entry.entry > 0 else None


def _are_types(result: object) -> bool:
    return isinstance(result, dict) and all(isinstance(word, str) for word in result.values())


def _changes(written: Iterable[Mapping[str, Any]]) -> tuple[RecordedValue, ...]:
    """Build changes from JSON objects."""
    # A missing old or new value must raise KeyError, not become None: undo would set None as the value.
    return tuple(
        RecordedValue(
            **{**_known(RecordedValue, change), "key": change["key"], "old": change["old"], "new": change["new"]}
        )
        for change in written
    )


def _known(kind: type, written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a dataclass; a newer version may have written others."""
    return {field.name: written[field.name] for field in fields(kind) if field.name in written}
