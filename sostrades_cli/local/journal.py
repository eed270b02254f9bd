"""The journal of changes: what each command replaced, per server and study, written before anything is sent.

``<state>/journal/<server>/<study>.jsonl`` has one line for each command that changed the study, the oldest first;
the tables that were replaced lie beside it under the sha-256 of their content. It holds values, never keys, and can
be read by its owner only.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import atomic, beforehand, name_of_host, private_folder
from sostrades_cli.files.locks import locked
from sostrades_cli.safe_parsers import from_json, is_as_declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

# Changes are undone soon or never; the tables of older ones are removed with them.
MOST_ENTRIES: Final = 200
BEGUN: Final = "begun"
DONE: Final = "done"
NOT_MADE: Final = "not made"
IN_DOUBT: Final = "in doubt"
RESTORED: Final = "restored"


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter in an entry.

    ``old`` and ``new`` are JSON values. Where the study held a table, ``old_table`` is the sha-256 of its content as
    it was downloaded, and where it holds one now ``new_table`` that of the new one. ``old_sent`` and ``new_sent`` are
    those of the files that were sent for them from this machine, ``old_types`` and ``new_types`` the types in them, by
    column: a download does not show them. ``any_new`` says that what it became is not known: a declared default, or
    the values of a sweep.
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


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A command that changed a study.

    ``outcome`` is ``begun`` (it never came to its end, so whether it was made is not known), ``done``, ``not made``,
    ``in doubt``, or ``restored`` (the old values are back, as after a sweep); ``undoes`` are the numbers of the
    entries that it took back; ``detail`` is the error's message. ``effects`` are the parameters that disappeared or
    changed because of it, with what they held before.
    """

    entry: int
    time: str
    host: str
    study: int
    command: str
    outcome: str
    changes: tuple[Change, ...]
    undoes: tuple[int, ...] = ()
    detail: str | None = None
    effects: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the entry as it is stored and printed."""
        lists = {"changes": self.changes, "effects": self.effects}
        plain = {name: [asdict(change) for change in changes] for name, changes in lists.items()}
        return asdict(self) | plain | {"undoes": list(self.undoes)}


class Journal:
    """The journal of one study."""

    def __init__(self, state: Path, host: str, study: int) -> None:
        self._folder = state / "journal" / name_of_host(host)
        self._host = host
        self._study = study
        self._path = self._folder / f"{study}.jsonl"

    def entries(self) -> list[JournalEntry]:
        """Return the entries, the oldest first; a line that cannot be read is none.

        Raises
        ------
        UsageError
            The file is there and cannot be opened.

        """
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UsageError(f"{self._path} cannot be read: {error}", hint="look at its permissions") from error
        return [entry for line in lines if (entry := _entry(line)) is not None]

    def begin(
        self,
        command: str,
        changes: Iterable[Change],
        tables: Iterable[tuple[str, Path]],
        time: str,
        undoes: Iterable[int] = (),
    ) -> int:
        """Write an entry and return its number.

        ``tables`` are the files of what is replaced, and those that are sent, by their sha-256.

        Raises
        ------
        UsageError
            It cannot be written; nothing must be sent then.

        """
        with self._writing(), beforehand():
            entries = self.entries()
            number = entries[-1].entry + 1 if entries else 1
            for digest, path in tables:
                self._keep(digest, path)
            entry = JournalEntry(number, time, self._host, self._study, command, BEGUN, tuple(changes), tuple(undoes))
            self._write([*entries, entry])
            return number

    def end(
        self,
        number: int,
        outcome: str,
        detail: str | None = None,
        tables: Mapping[str, str] | None = None,
        effects: Iterable[Change] = (),
    ) -> None:
        """Note how a command ended; ``tables`` are the sha-256 of what is held now, by parameter.

        The tables of ``effects`` are among those that ``begin`` was given.

        Raises
        ------
        WriteFailed
            It cannot be written.
        UsageError
            It cannot be read, or locked.

        """

        def ended(entry: JournalEntry) -> JournalEntry:
            changes = tuple(replace(c, new_table=(tables or {}).get(c.key, c.new_table)) for c in entry.changes)
            return replace(entry, outcome=outcome, detail=detail, changes=changes, effects=tuple(effects))

        self._rewrite(number, ended)

    def table(self, digest: str) -> Path | None:
        """Return the file of a table that was replaced or sent, ``None`` where it is no longer kept."""
        path = self._table(digest)
        return path if path.is_file() else None

    def _writing(self) -> Any:  # noqa: ANN401 - a context manager
        return locked(self._folder / f"{self._study}.lock", "SOSTRADES_STATE_DIR")

    def _rewrite(self, number: int, change: Callable[[JournalEntry], JournalEntry]) -> None:
        with self._writing():
            self._write([change(entry) if entry.entry == number else entry for entry in self.entries()])

    def _write(self, entries: list[JournalEntry]) -> None:
        kept = entries[-MOST_ENTRIES:]
        with atomic(self._path, private=True) as file:
            file.writelines(json.dumps(entry.to_json()).encode() + b"\n" for entry in kept)
        changes = [change for entry in kept for change in (*entry.changes, *entry.effects)]
        wanted = {sha256 for one in changes for sha256 in (one.old_table, one.old_sent, one.new_sent)}
        for path in self._tables.glob("*.csv") if len(entries) > MOST_ENTRIES else ():
            if path.stem not in wanted:
                path.unlink(missing_ok=True)

    def _keep(self, digest: str, path: Path) -> None:
        if self._table(digest).exists():
            return
        private_folder(self._tables)
        with atomic(self._table(digest), private=True) as target, path.open("rb") as source:
            shutil.copyfileobj(source, target)

    @property
    def _tables(self) -> Path:
        return self._folder / f"{self._study}.d"

    def _table(self, digest: str) -> Path:
        return self._tables / f"{digest}.csv"


def _entry(line: bytes) -> JournalEntry | None:
    try:
        found = from_json(line.decode("utf-8"))
        changes, effects = _changes(found["changes"]), _changes(found.get("effects", []))
        lists = {"undoes": tuple(found["undoes"]), "changes": changes, "effects": effects}
        entry = JournalEntry(**{**_known(JournalEntry, found), **lists})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    types = [one for change in (*changes, *effects) for one in (change.old_types, change.new_types)]
    if not all(one is None or _are_types(one) for one in types):
        return None
    plain = all(map(is_as_declared, (entry, *changes, *effects))) and all(
        type(number) is int for number in entry.undoes
    )
    return entry if plain and entry.entry > 0 else None


def _are_types(result: object) -> bool:
    return isinstance(result, dict) and all(isinstance(word, str) for word in result.values())


def _changes(written: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Read changes; one without its old or new value raises KeyError, because nothing unknown may be put back."""
    return tuple(
        Change(**{**_known(Change, one), "key": one["key"], "old": one["old"], "new": one["new"]}) for one in written
    )


def _known(kind: type, written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that this version knows: a newer one may have written more."""
    return {field.name: written[field.name] for field in fields(kind) if field.name in written}
