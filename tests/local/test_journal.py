"""Test the file of the journal."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import InvalidFile, UsageError
from sostrades_cli.local.journal import (
    BEGUN,
    DONE,
    IN_DOUBT,
    MOST_ENTRIES,
    NOT_MADE,
    Journal,
    JournalEntry,
    RecordedValue,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "https://corp.example"
TIME = "2026-11-22T22:40:50Z"
GAMMA = RecordedValue("dice.Macro.gamma", "float", "-", 0.3, 0.9)
TABLE = b"years,population\n2020,7800.0\n"
SHA = sha256(TABLE).hexdigest()
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def journal(state: Path, study: int = 21, host: str = HOST) -> Journal:
    """Return the journal of a study, as in another process."""
    return Journal(state, host, study)


def begin(state: Path, *changes: RecordedValue, tables: Any = (), command: str = "set") -> int:
    """Write an entry of study 21."""
    return journal(state).begin(command, changes or (GAMMA,), tables, TIME)


def file_of(state: Path) -> Path:
    """Return the path of the file of study 21."""
    [result] = state.rglob("21.jsonl")
    return result


def table(folder: Path, content: bytes = TABLE) -> tuple[str, Path]:
    """Write a table to be saved, and return its SHA-256 and its path."""
    path = folder / f"{len(list(folder.glob('held*')))}.held"
    path.write_bytes(content)
    return sha256(content).hexdigest(), path


def replacing(digest: str) -> RecordedValue:
    """Return a change that replaced a table."""
    return RecordedValue(
        "dice.Macro.population", "dataframe", "Mpeople", "://dataframe", "://dataframe", old_table=digest
    )


def line_of(number: int, change: RecordedValue = GAMMA) -> str:
    """Return a line of the file as the journal writes it."""
    return json.dumps(JournalEntry(number, TIME, HOST, 21, "set", DONE, (change,)).to_json()) + "\n"


# Entries ------------------------------------------------------------------------------------------


def test_unchanged_study_has_no_entries(tmp_path: Path) -> None:
    """Reading creates no file."""
    assert journal(tmp_path / "state").entries() == []
    assert not (tmp_path / "state").exists()


def test_entry_is_readable_from_its_beginning(tmp_path: Path) -> None:
    number = journal(tmp_path).begin("undo", [GAMMA], (), TIME, undoes=[4, 5])
    assert journal(tmp_path).entries() == [JournalEntry(number, TIME, HOST, 21, "undo", BEGUN, (GAMMA,), (4, 5))]


@pytest.mark.parametrize("outcome", [DONE, NOT_MADE, IN_DOUBT])
def test_entry_ends_with_its_outcome(tmp_path: Path, outcome: str) -> None:
    first, second = begin(tmp_path), begin(tmp_path)
    journal(tmp_path).end(first, outcome, "the reason")
    result = {entry.entry: (entry.outcome, entry.detail) for entry in journal(tmp_path).entries()}
    assert result == {first: (outcome, "the reason"), second: (BEGUN, None)}


def test_end_of_an_entry_has_the_new_tables(tmp_path: Path) -> None:
    number = begin(tmp_path, GAMMA, replacing(SHA))
    journal(tmp_path).end(number, DONE, tables={"dice.Macro.population": "f" * 64})
    [entry] = journal(tmp_path).entries()
    assert [(c.old_table, c.new_table) for c in entry.changes] == [(None, None), (SHA, "f" * 64)]


def test_end_of_an_unknown_entry_changes_nothing(tmp_path: Path) -> None:
    begin(tmp_path)
    before = journal(tmp_path).entries()
    journal(tmp_path).end(7, DONE)
    assert journal(tmp_path).entries() == before


def test_entries_are_numbered_from_1(tmp_path: Path) -> None:
    numbers = [begin(tmp_path) for _ in range(3)]
    journal(tmp_path).end(3, NOT_MADE)
    assert [*numbers, begin(tmp_path)] == [1, 2, 3, 4] == [entry.entry for entry in journal(tmp_path).entries()]


def test_journal_belongs_to_a_study_and_a_server(tmp_path: Path) -> None:
    begin(tmp_path)
    others = [journal(tmp_path, 2), journal(tmp_path, 21, f"{HOST}/sostrades"), journal(tmp_path, 21, "http://x")]
    assert [other.entries() for other in others] == [[], [], []]
    assert [other.begin("set", [GAMMA], (), TIME) for other in others] == [1, 1, 1]
    assert len(journal(tmp_path).entries()) == 1


def test_entry_is_a_line_of_json(tmp_path: Path) -> None:
    begin(tmp_path, RecordedValue("dice.Macro.note", "string", None, "line\nline\u2028line", "☃"))
    begin(tmp_path)
    lines = file_of(tmp_path).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["entry"] for line in lines] == [1, 2]
    assert json.loads(lines[0])["changes"][0]["old"] == "line\nline\u2028line"
    assert {"time", "host", "study", "command", "outcome", "changes", "undoes", "detail"} <= json.loads(lines[0]).keys()


@settings(deadline=None, max_examples=20)
@given(old=JSON_VALUES, new=JSON_VALUES)
def test_every_value_is_restored_exactly(tmp_path_factory: pytest.TempPathFactory, old: object, new: object) -> None:
    """Types included: 5 is not 5.0, and 1 is not true."""
    state = tmp_path_factory.mktemp("state")
    begin(state, RecordedValue("a.b", None, None, old, new))
    [entry] = journal(state).entries()
    assert [repr(entry.changes[0].old), repr(entry.changes[0].new)] == [repr(old), repr(new)]


# Tables -------------------------------------------------------------------------------------------


def test_table_is_saved_byte_for_byte(tmp_path: Path) -> None:
    kept = table(tmp_path)
    begin(tmp_path / "state", replacing(SHA), tables=[kept])
    kept[1].unlink()
    result = journal(tmp_path / "state").table(SHA)
    assert result is not None
    assert result.read_bytes() == TABLE
    assert result.parent == file_of(tmp_path / "state").with_suffix(".d")


def test_unknown_hash_has_no_table(tmp_path: Path) -> None:
    assert journal(tmp_path).table(SHA) is None


def test_equal_tables_are_saved_once(tmp_path: Path) -> None:
    for _ in range(2):
        begin(tmp_path / "state", replacing(SHA), tables=[table(tmp_path)])
    assert len(list((tmp_path / "state").rglob("*.csv"))) == 1


def test_oldest_entries_are_removed_with_their_tables(tmp_path: Path) -> None:
    old, shared = table(tmp_path), (sha256(b"a\n1\n").hexdigest(), tmp_path / "shared")
    shared[1].write_bytes(b"a\n1\n")
    state = tmp_path / "state"
    begin(state, replacing(old[0]), tables=[old])
    begin(state, replacing(shared[0]), tables=[shared])
    with file_of(state).open("a") as file:
        file.writelines(line_of(number, replacing(shared[0])) for number in range(3, MOST_ENTRIES + 3))
    assert begin(state) == MOST_ENTRIES + 3
    numbers = [entry.entry for entry in journal(state).entries()]
    assert numbers == list(range(4, MOST_ENTRIES + 4))
    assert (journal(state).table(old[0]), journal(state).table(shared[0]) is None) == (None, False)


# What can go wrong ----------------------------------------------------------------------------------


def test_files_are_private(tmp_path: Path) -> None:
    begin(tmp_path / "state", replacing(SHA), tables=[table(tmp_path)])
    journal(tmp_path / "state").end(1, DONE)
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert len(files) >= 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert file_of(tmp_path / "state").parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        "{}",
        line_of(1)[:-20],
        line_of(1).replace('"old"', '"older"'),
        '{"changes": 5}',
        line_of(1).replace('"entry": 1', '"entry": null'),
    ],
    ids=["blank", "cut", "list", "null", "number", "empty", "torn", "foreign", "no-changes", "no-number"],
)
def test_damaged_line_is_skipped(tmp_path: Path, line: str) -> None:
    begin(tmp_path)
    file = file_of(tmp_path)
    file.write_text(line.rstrip("\n") + "\n" + line_of(2))
    assert [entry.entry for entry in journal(tmp_path).entries()] == [2]
    assert begin(tmp_path) == 3


def test_damaged_lines_are_reported_and_kept(tmp_path: Path) -> None:
    begin(tmp_path)
    begin(tmp_path)
    assert journal(tmp_path).damage() is None
    first, second = file_of(tmp_path).read_bytes().splitlines()
    file_of(tmp_path).write_bytes(first + b"\n\n\xff\xfe\n" + second[:-20])
    assert "2 lines" in str(journal(tmp_path).damage())
    begin(tmp_path)
    journal(tmp_path).end(1, DONE)
    assert file_of(tmp_path).read_bytes().splitlines()[1:3] == [b"\xff\xfe", second[:-20]]
    assert [entry.entry for entry in journal(tmp_path).entries()] == [1, 2]


def test_binary_garbage_is_skipped(tmp_path: Path) -> None:
    begin(tmp_path)
    file_of(tmp_path).write_bytes(b"\xff\xfe")
    assert journal(tmp_path).entries() == []
    assert begin(tmp_path) == 1


@pytest.mark.parametrize("taken", ["state", "state/journal", "state/journal/HOST", "state/journal/HOST/21.d"])
def test_entry_that_cannot_be_written_is_not_begun(tmp_path: Path, taken: str) -> None:
    begin(tmp_path / "other")
    [folder] = (tmp_path / "other" / "journal").iterdir()
    path = tmp_path / taken.replace("HOST", folder.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file")
    with pytest.raises(UsageError):
        begin(tmp_path / "state", replacing(SHA), tables=[table(tmp_path)])
    assert list(tmp_path.glob("state/journal/*/21.jsonl")) == []


def test_error_of_an_unreadable_table_names_the_table(tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    with pytest.raises(InvalidFile, match=r"missing\.csv"):
        begin(tmp_path / "state", replacing(SHA), tables=[(SHA, missing)])
    assert list(tmp_path.glob("state/journal/*/21.jsonl")) == []
    assert list(tmp_path.glob("state/journal/*/21.d/*")) == []


def test_interrupt_leaves_the_journal_intact(tmp_path: Path) -> None:
    def interrupted() -> Iterator[tuple[str, Path]]:
        yield table(tmp_path)
        raise KeyboardInterrupt

    state = tmp_path / "state"
    begin(state)
    with pytest.raises(KeyboardInterrupt):
        begin(state, replacing(SHA), tables=interrupted())
    assert [entry.entry for entry in journal(state).entries()] == [1]
    assert list(state.rglob("*.part")) == []
    assert begin(state) == 2


def test_concurrent_entries_are_all_kept(tmp_path: Path) -> None:
    def whole(index: int) -> int:
        number = begin(tmp_path, RecordedValue("a.b", None, None, index, index))
        journal(tmp_path).end(number, DONE, str(index))
        return number

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(whole, range(18)))
    entries = journal(tmp_path).entries()
    assert sorted(numbers) == list(range(1, 19)) == [entry.entry for entry in entries]
    assert all((e.outcome, e.detail) == (DONE, str(e.changes[0].old)) for e in entries)


@pytest.mark.parametrize("spoilt", [{"command": []}, {"outcome": 1}, {"undoes": [[1]]}, {"entry": 0}, {"time": None}])
def test_entry_with_fields_of_another_type_is_skipped(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    journal = Journal(tmp_path, "http://127.0.0.1:5004", 21)
    for _ in range(2):
        journal.begin("set", [RecordedValue("a.b", "float", None, 1.0, 2.0)], (), "2026-11-22T22:40:49Z")
    [path] = tmp_path.rglob("*.jsonl")
    first, second = path.read_text().splitlines()
    path.write_text(f"{json.dumps({**json.loads(first), **spoilt})}\n{second}\n")
    assert [entry.entry for entry in journal.entries()] == [2]
    assert journal.begin("set", [], (), "2026-11-22T22:40:50Z") == 3


def test_line_with_invalid_utf_8_is_skipped(tmp_path: Path) -> None:
    begin(tmp_path)
    begin(tmp_path)
    spoilt = line_of(1).encode().replace(b"dice", b"d\xffce") + line_of(2).encode()
    file_of(tmp_path).write_bytes(spoilt)
    assert [entry.entry for entry in journal(tmp_path).entries()] == [2]
    assert begin(tmp_path) == 3
